//! The log of a GitHub workflow, in which a line may be a command: `::name::` at its start, or in old notation
//! `##[name]` anywhere.

use std::io::Write;

use uuid::Uuid;

/// What is written to the log: text in which nothing is a command, and commands.
#[derive(Debug)]
pub(crate) struct WorkflowLog {
    /// Whether a workflow's runner reads what is written.
    is_read: bool,
    /// With this token, commands are stopped; nobody can know it before.
    stopped: Option<String>,
}

impl WorkflowLog {
    /// Whether this process runs in a workflow.
    pub(crate) fn detect() -> Self {
        let actions = std::env::var_os("GITHUB_ACTIONS");
        Self { is_read: actions.is_some_and(|value| value == "true"), stopped: None }
    }

    /// A text without commands where a runner reads it: they become visible text.
    pub(crate) fn defuse(&self, text: &str) -> String {
        if self.is_read { defuse(text) } else { text.to_owned() }
    }

    /// A text while commands are stopped, with the command that stops them where they are not.
    pub(crate) fn plain(&mut self, text: String) -> String {
        if self.stopped.is_some() {
            return text;
        }
        let token = Uuid::now_v7().simple().to_string();
        let plain = format!("::stop-commands::{token}\n{text}");
        self.stopped = Some(token);
        plain
    }

    /// Commands, after the one that lets them work again.
    pub(crate) fn commands(&mut self, commands: &str) -> String {
        self.end().map_or_else(|| commands.to_owned(), |end| format!("{end}\n{commands}"))
    }

    /// The command that lets commands work again, where they are stopped.
    pub(crate) fn end(&mut self) -> Option<String> {
        self.stopped.take().map(|token| format!("::{token}::"))
    }
}

impl Drop for WorkflowLog {
    fn drop(&mut self) {
        if let Some(command) = self.end() {
            // A log that nobody reads any more needs no commands.
            let _ = writeln!(std::io::stdout().lock(), "{command}");
        }
    }
}

fn defuse(text: &str) -> String {
    let line = |line: &str| match line.trim_start().strip_prefix("::") {
        Some(rest) => format!("{}: :{rest}", &line[..line.len() - line.trim_start().len()]),
        None => line.to_owned(),
    };
    text.replace("##[", "## [").split('\n').map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::{WorkflowLog, defuse};

    #[test]
    fn text_is_written_while_commands_are_stopped() {
        let mut log = WorkflowLog { is_read: true, stopped: None };
        let first = log.plain("::error::a".into());
        let (stop, text) = first.split_once('\n').expect("two lines");
        let token = stop.strip_prefix("::stop-commands::").expect("a token").to_owned();
        assert_eq!((text, token.len()), ("::error::a", 32));
        assert_eq!(log.plain("b".into()), "b");
        assert_eq!(log.commands("::error::c"), format!("::{token}::\n::error::c"));
        assert_eq!(log.commands("::error::d"), "::error::d");
        assert!(!log.plain("e".into()).contains(&token), "a token is used once");
        assert!(log.end().is_some() && log.end().is_none());
    }

    #[test]
    fn commands_become_visible_text() {
        assert_eq!(defuse("a::b\n  ::error::c\n##[error]d"), "a::b\n  : :error::c\n## [error]d");
    }
}
