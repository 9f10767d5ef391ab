//! Where results go: text while a run goes on, or one JSON document at its end.

use std::collections::{BTreeMap, HashMap};
use std::io::{IsTerminal, Write};

use leora_report::{
    ApiFunction, CheckReport, DoctorReport, Entry, Failure, FormatReport, GrantList, Observer,
    Progress, Report, SettingReport, Status,
};
use leora_rule::Access;

use crate::terminal::{self, ProgressLine, Style};
use crate::text::{sanitize, sanitize_document};
use crate::wording::Tense;
use crate::workflow_log::WorkflowLog;
use crate::{github, json};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Text,
    /// Text, and what failed once more as annotations of GitHub Actions.
    Github,
    Json,
    Silent,
}

/// Clears a terminal, what has scrolled away too, and begins at its top.
const CLEAR: &str = "\u{1b}[2J\u{1b}[3J\u{1b}[H";

/// Rings a terminal.
const BELL: &str = "\u{7}";

/// Writes results to standard output, and progress and remarks to standard error.
#[derive(Debug)]
pub struct Screen {
    style: Style,
    mode: Mode,
    progress: ProgressLine,
    sources: HashMap<String, String>,
    tense: Tense,
    log: WorkflowLog,
    /// Whether results go to standard error, since standard output is for something else.
    is_beside: bool,
}

impl Screen {
    /// For people.
    pub fn text(style: Style) -> Self {
        Self {
            style,
            mode: Mode::Text,
            progress: ProgressLine::default(),
            sources: HashMap::new(),
            tense: Tense::Done,
            log: WorkflowLog::detect(),
            is_beside: false,
        }
    }

    /// The same, with the results on standard error.
    pub fn beside_standard_output(self) -> Self {
        Self { is_beside: true, ..self }
    }

    /// For programs: the result as JSON.
    pub fn json(style: Style) -> Self {
        Self { mode: Mode::Json, ..Self::text(style) }
    }

    /// For the log of a GitHub workflow.
    pub fn github(style: Style) -> Self {
        Self { mode: Mode::Github, ..Self::text(style) }
    }

    /// For work that nobody watches: nothing is written.
    pub fn silent() -> Self {
        Self { mode: Mode::Silent, ..Self::text(Style { color: false, width: 80 }) }
    }

    /// From now on, what is shown is only predicted.
    pub fn show_as_planned(&mut self) {
        self.tense = Tense::Planned;
    }

    /// Remembers the text of a file, to show a mistake in it.
    pub fn remember_source(&mut self, path: &str, text: &str) {
        self.sources.insert(path.to_owned(), text.to_owned());
    }

    /// Shows what is run, where and when.
    pub fn show_title(&mut self, report: &Report) {
        self.write_lines(&terminal::render_title(report, self.style));
    }

    /// Shows that a step begins; counted from 1.
    pub fn show_step(&mut self, number: usize, of: usize, title: &str) {
        self.write_lines(&[terminal::render_step_title(number, of, title, self.style)]);
    }

    /// Shows the end of a run: what failed, the steps, what to do next and how to go back.
    pub fn show_report(&mut self, report: &Report) {
        if self.mode == Mode::Json {
            return self.write(&json::render_json(report));
        }
        let mut lines = vec![];
        if !report.steps.is_empty() {
            lines.push(String::new());
            lines.extend(terminal::render_steps(report, self.style));
            lines.push(String::new());
        }
        match &report.error {
            None => lines.extend(terminal::render_ending(report, self.style)),
            Some(failure) => {
                let source = failure.place.as_ref().and_then(|place| self.sources.get(&place.file));
                let source = source.map(String::as_str);
                lines.extend(terminal::render_failure(failure, source, self.style));
                lines.extend(terminal::render_aftermath(report, failure.kind, self.style));
            }
        }
        self.write_lines(&lines);
        self.annotate(&github::annotate_report(report));
    }

    /// Shows what other settings would give, or why that could not be evaluated.
    pub fn show_what_if(&mut self, report: &Report) {
        match (&report.what_if, self.mode) {
            (Some(what_if), Mode::Text | Mode::Github) => {
                self.write_lines(&terminal::render_what_if(what_if, self.style));
            }
            _ => self.show_report(report),
        }
    }

    /// Shows why a row gets its values, or why that could not be evaluated.
    pub fn show_why(&mut self, report: &Report) {
        match (&report.why, self.mode) {
            (Some(why), Mode::Text | Mode::Github) => {
                self.write_lines(&terminal::render_why(why, self.style));
            }
            _ => self.show_report(report),
        }
    }

    /// Prepares for showing a result anew: a terminal is cleared, and its bell may ring; elsewhere a line is between the
    /// results. `cause` is the file that has changed, `None` for the first result.
    pub fn begin_again(&mut self, cause: Option<&str>, rings: bool) {
        let cause = cause.map(|file| format!("{} has changed", sanitize(file)));
        if self.mode == Mode::Text && std::io::stdout().is_terminal() {
            let bell = if rings { BELL } else { "" };
            let _ = write!(std::io::stdout().lock(), "{bell}{CLEAR}");
            if let Some(cause) = cause {
                self.write_lines(&[self.style.paint(terminal::Tone::Dim, &cause)]);
            }
        } else if let Some(cause) = cause {
            self.write_lines(&[format!("\n---- {cause}")]);
        }
    }

    /// Shows what `check` found.
    pub fn show_check(&mut self, report: &CheckReport) {
        if self.mode == Mode::Json {
            return self.write(&json::render_check(report));
        }
        let sources = |file: &str| self.sources.get(file).map(String::as_str);
        let lines = terminal::render_check(report, &sources, self.style);
        self.write_lines(&lines);
        self.annotate(&github::annotate_check(report));
    }

    /// Shows what `fmt` did to scripts, or would do.
    pub fn show_format(&mut self, report: &FormatReport) {
        if self.mode == Mode::Json {
            return self.write(&json::render_format(report));
        }
        let sources = |file: &str| self.sources.get(file).map(String::as_str);
        let lines = terminal::render_format(report, &sources, self.style);
        self.write_lines(&lines);
        self.annotate(&github::annotate_format(report));
    }

    /// Shows the settings of folders.
    pub fn show_settings(&mut self, settings: &[SettingReport]) {
        match self.mode {
            Mode::Json => self.write(&json::render_settings(settings)),
            _ => self.write_lines(&terminal::render_settings(settings, self.style)),
        }
    }

    /// Shows functions that scripts can call.
    pub fn show_api_functions(&mut self, functions: &[ApiFunction]) {
        match self.mode {
            Mode::Json => self.write(&json::render_api_functions(functions)),
            _ => self.write_lines(&terminal::render_api_functions(functions, self.style)),
        }
    }

    /// Shows why something can't be done, of a command that changes nothing.
    pub fn show_refusal(&mut self, failure: Failure) {
        let outcome = failure.kind.outcome();
        self.show_report(&Report {
            outcome,
            error: Some(failure),
            access: Some(Access::ReadOnly),
            ..Report::default()
        });
    }

    /// Shows what ran here.
    pub fn show_status(&mut self, status: &Status) {
        match self.mode {
            Mode::Json => self.write(&json::render_status(status)),
            _ => self.write_lines(&terminal::render_status(status, self.style)),
        }
    }

    /// Shows what `doctor` found.
    pub fn show_doctor(&mut self, report: &DoctorReport) {
        if self.mode == Mode::Json {
            return self.write(&json::render_doctor(report));
        }
        self.write_lines(&terminal::render_doctor(report, self.style));
        self.annotate(&github::annotate_doctor(report));
    }

    /// Writes the grants that a role needs, as an SQL file.
    pub fn show_grants(&mut self, list: &GrantList) {
        match self.mode {
            Mode::Json => self.write(&json::render_grants(list)),
            _ => self.write(&terminal::render_grants(list)),
        }
    }

    /// A remark beside the result, on standard error.
    pub fn note(&mut self, text: &str) {
        self.progress.end();
        let note = self.log.defuse(&format!("note: {}", sanitize(text)));
        let mut stderr = std::io::stderr().lock();
        let width = if stderr.is_terminal() { self.style.width } else { usize::MAX };
        for line in terminal::wrap(&note, width) {
            let _ = writeln!(stderr, "{line}");
        }
    }

    /// Shows how far a long statement is.
    pub fn show_progress(&mut self, progress: Progress) {
        self.progress.update(progress);
    }

    /// A question on standard error; the answer is typed behind it. A terminal that can't be written to will give none.
    pub fn ask(&mut self, question: &str) {
        self.progress.end();
        let _ = write!(std::io::stderr(), "{}", sanitize(question));
    }

    /// Ends the line of a question that got no answer.
    pub fn end_question(&mut self) {
        let _ = writeln!(std::io::stderr());
    }

    /// A line for people after the result; beside it where that is JSON.
    pub fn remark(&mut self, line: &str) {
        match self.mode {
            Mode::Text | Mode::Github => self.write_lines(&[sanitize(line)]),
            Mode::Json | Mode::Silent => self.note(line),
        }
    }

    /// Shows what was done, in a line; as JSON with further facts by name.
    pub fn show_done(&mut self, line: &str, facts: &[(&str, &str)]) {
        if self.mode != Mode::Json {
            return self.write(&sanitize_document(line));
        }
        let known = [("outcome", "done"), ("message", line)];
        let all: BTreeMap<_, _> = known.iter().chain(facts).copied().collect();
        self.write(&json::render_document(&all));
    }

    fn annotate(&mut self, annotations: &[String]) {
        if self.mode == Mode::Github && !annotations.is_empty() {
            let text = annotations.join("\n");
            let text = self.log.commands(&text);
            self.write(&text);
        }
    }

    fn write_lines(&mut self, lines: &[String]) {
        self.progress.end();
        let text = lines.join("\n");
        match self.mode {
            Mode::Text => self.write(&self.log.defuse(&text)),
            Mode::Github => {
                let text = self.log.plain(text);
                self.write(&text);
            }
            Mode::Json | Mode::Silent => {}
        }
    }

    /// Writes to standard output, or beside it. Whoever closed it, such as `head`, has read enough: that must not stop a migration.
    fn write(&mut self, text: &str) {
        self.progress.end();
        let _ = match self.is_beside {
            true => writeln!(std::io::stderr().lock(), "{text}"),
            false => writeln!(std::io::stdout().lock(), "{text}"),
        };
    }
}

impl Observer for Screen {
    fn on_entry(&mut self, entry: &Entry) {
        self.write_lines(&terminal::render_entry(entry, self.tense, self.style));
    }

    fn on_start(&mut self, what: &str) {
        if self.mode != Mode::Silent {
            self.progress.begin(what);
        }
    }
}
