//! Commands that ask the database, and its answers. The editor sends them when somebody chooses an action or a lens.

use std::path::Path;
use std::sync::Arc;

use gen_lsp_types as lsp;
use leora_folder::{FolderError, ScriptFolder};
use leora_report::{Distribution, Failure};
use leora_rule::format_number;
use leora_system::Interrupt;
use lsp_server::{ErrorCode, RequestId, Response};
use serde_json::Value;

use crate::database::{Answer, Question, RuleCount};
use crate::documents::path_of;
use crate::lenses::{COUNT, describe_count};
use crate::server::Server;

/// The command that shows how many rows have each value of a column. Its arguments are the table and the column.
pub(crate) const DISTRIBUTION: &str = "leora-run.distribution";

/// Every command, as the editor knows them.
pub(crate) const COMMANDS: [&str; 2] = [DISTRIBUTION, COUNT];

/// How many values of a column are shown.
const MOST_VALUES: usize = 20;

impl Server {
    pub(crate) fn execute(&mut self, request: RequestId, params: Value) {
        match self.question(request.clone(), params) {
            Ok(question) => {
                let cancel = self.database.ask(question);
                self.asked.push((request, cancel));
            }
            Err(text) => {
                self.send(Response::new_err(request, ErrorCode::InvalidParams as i32, text).into());
            }
        }
    }

    /// Takes back a question that waits or is being answered. What has been answered is left as it is.
    pub(crate) fn cancel(&mut self, request: &RequestId) {
        if let Some(cancel) = self.no_longer_asked(request) {
            cancel.raise();
            let code = ErrorCode::RequestCanceled as i32;
            let text = "the request was cancelled".to_owned();
            self.send(Response::new_err(request.clone(), code, text).into());
        }
    }

    fn no_longer_asked(&mut self, request: &RequestId) -> Option<Interrupt> {
        let at = self.asked.iter().position(|(asked, _)| asked == request)?;
        Some(self.asked.swap_remove(at).1)
    }

    fn question(&self, request: RequestId, params: Value) -> Result<Question, String> {
        let params: lsp::ExecuteCommandParams =
            serde_json::from_value(params).map_err(|error| error.to_string())?;
        let arguments = params.arguments.unwrap_or_default();
        let text = |at: usize| arguments.get(at).and_then(Value::as_str).map(str::to_owned);
        if !self.has_database {
            return Err(
                "no database is named: start the server with --database-url or --sandbox".into()
            );
        }
        match params.command.as_str() {
            DISTRIBUTION => {
                let names = text(0).zip(text(1));
                let (table, column) = names.ok_or("it takes a table and a column")?;
                Ok(Question::Distribution { request, table, column })
            }
            COUNT => {
                let file = text(0).and_then(|uri| path_of(&uri.parse().ok()?));
                let path = file.and_then(|file| self.folder_of(&file));
                let path = path.ok_or("it takes the address of a script in a folder")?;
                let folder = self.open_now(&path).map_err(|error| error.to_string())?;
                Ok(Question::Counts { request, path, folder: Arc::new(folder) })
            }
            other => Err(format!("leora-run has no command {other}")),
        }
    }

    /// A folder with the texts as the editor shows them now: a check of them may not have come yet.
    fn open_now(&self, path: &Path) -> Result<ScriptFolder, FolderError> {
        ScriptFolder::open_with(path, &self.documents.as_unsaved())
    }

    pub(crate) fn take_answer(&mut self, answer: Answer) {
        if let Answer::Distribution { request, .. } | Answer::Counts { request, .. } = &answer
            && self.no_longer_asked(request).is_none()
        {
            return;
        }
        match answer {
            Answer::Tables(Ok(tables)) => self.tables.add(tables),
            Answer::Tables(Err(failure)) => {
                self.show(lsp::MessageType::Warning, describe_failure(&failure));
            }
            Answer::Distribution { request, result } => {
                let text = result.map(|distribution| describe_distribution(&distribution));
                self.give(request, text, Shown::Always);
            }
            Answer::Counts { request, path, folder, result } => {
                let text = result.as_ref().map(|counts| describe_counts(counts));
                let text = text.map_err(Clone::clone);
                // Of texts that have changed since, the counts would mislead.
                let now = self.open_now(&path);
                let is_same = now.is_ok_and(|now| now.checksums() == folder.checksums());
                let lenses_show_it = self.client.refreshes_lenses && is_same;
                if let (true, Ok(counts)) = (is_same, result) {
                    self.counts.insert(path, counts);
                    self.refresh_lenses();
                }
                let shown = if lenses_show_it { Shown::Failures } else { Shown::Always };
                self.give(request, text, shown);
            }
        }
    }

    /// Answers a command. The editor does not show the answer itself.
    fn give(&self, request: RequestId, text: Result<String, Failure>, shown: Shown) {
        match text {
            Ok(text) => {
                if shown == Shown::Always {
                    self.show(lsp::MessageType::Info, text.clone());
                }
                self.send(Response::new_ok(request, text).into());
            }
            Err(failure) => {
                self.show(lsp::MessageType::Error, describe_failure(&failure));
                self.send(Response::new_ok(request, Value::Null).into());
            }
        }
    }

    fn show(&self, kind: lsp::MessageType, message: String) {
        let params = lsp::ShowMessageParams { kind, message };
        self.notify::<lsp::ShowMessageNotification>(params);
    }
}

/// When the text of an answer is shown as a message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Always,
    Failures,
}

fn describe_failure(failure: &Failure) -> String {
    let place = failure.place.as_ref().map(|place| format!("{}:{}: ", place.file, place.line));
    let help = failure.help.as_ref().map(|help| format!("; {help}"));
    format!("{}{}{}", place.unwrap_or_default(), failure.message, help.unwrap_or_default())
}

fn describe_distribution(distribution: &Distribution) -> String {
    let Distribution { table, column, values } = distribution;
    let total = distribution.total().max(1);
    let value = |one: &leora_report::ValueCount| {
        let name = one.value.as_deref().unwrap_or("(none)");
        let share = one.rows as f64 * 100.0 / total as f64;
        format!("{name} {} ({share:.1}%)", format_number(one.rows))
    };
    let mut shown: Vec<String> = values.iter().take(MOST_VALUES).map(value).collect();
    if values.len() > MOST_VALUES {
        shown.push(format!("{} more values", format_number((values.len() - MOST_VALUES) as u64)));
    }
    format!("{table}.{column}: {}", shown.join(" · "))
}

fn describe_counts(counts: &[RuleCount]) -> String {
    let line = |one: &RuleCount| {
        let file = one.file.rsplit('/').next().unwrap_or(&one.file);
        format!("{file}:{}: {}", one.line, describe_count(one))
    };
    let lines: Vec<String> = counts.iter().map(line).collect();
    if lines.is_empty() { "no rule, with these settings".into() } else { lines.join("\n") }
}
