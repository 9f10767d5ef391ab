//! A script that could not go on: what, where, and what to do.

use std::fmt;

use crate::host::HostError;

/// A place in a script: file, line and column, both from 1, the column in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as shown to people.
    pub file: String,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// Why a script could not go on.
#[derive(Clone, Debug)]
pub enum ScriptErrorKind {
    /// The script is wrong.
    Mistake,
    /// The script used up a limit.
    Limit,
    /// The script refused to go on, to keep data safe.
    Refused,
    /// The host did not do what the script asked.
    Host(Box<HostError>),
    /// The run was asked to stop.
    Interrupted,
}

/// A script that could not go on.
#[derive(Clone, Debug)]
pub struct ScriptError {
    /// Why.
    pub kind: ScriptErrorKind,
    /// The fact.
    pub message: String,
    /// The next action.
    pub help: Option<String>,
    /// Where.
    pub place: Option<Place>,
}

impl ScriptError {
    /// A mistake in the script.
    pub fn mistake(message: impl Into<String>, help: Option<String>, place: Option<Place>) -> Self {
        Self { kind: ScriptErrorKind::Mistake, message: message.into(), help, place }
    }

    /// A limit that the script used up.
    pub fn limit(name: &str, value: impl fmt::Display, place: Option<Place>) -> Self {
        Self {
            kind: ScriptErrorKind::Limit,
            message: format!("the script reached its limit {name} = {value}"),
            help: Some(limit_help(name).into()),
            place,
        }
    }

    /// The name in the script that is wrong, when it is one.
    pub(super) fn wrong_name(&self) -> Option<&str> {
        match &self.kind {
            ScriptErrorKind::Host(error) => error.wrong_name(),
            _ => None,
        }
    }
}

/// What to do when a limit is reached.
fn limit_help(name: &str) -> &'static str {
    match name {
        "operations" | "time" => {
            "look for a loop that does not end; counting and changing rows is work for table(...).count(...) and update(...)"
        }
        "call_depth" => "look for a function that calls itself without an end",
        "expression_depth" => "give the inner parts names with let",
        "rows" => "narrow them with .where(...), or count them with .distribution(...)",
        "printed" => "say it in one line instead of one for each",
        "text_bytes" | "list_elements" | "map_entries" | "memory" => {
            "read fewer rows, or let the database count and group them"
        }
        _ => "split the step",
    }
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ScriptError {}

impl From<HostError> for ScriptError {
    fn from(error: HostError) -> Self {
        Self {
            message: error.to_string(),
            help: error.help(),
            place: None,
            kind: ScriptErrorKind::Host(Box::new(error)),
        }
    }
}
