//! The error that ends a script: what is wrong, where, and what to do.

use std::fmt;

use leora_host::HostError;
use leora_report::{DatabaseError, Failure, FailureKind, Finding, FindingKind, Fix, Place};

/// Why a script ended.
#[derive(Clone, Debug)]
pub enum ScriptErrorKind {
    /// The script has a mistake.
    Mistake,
    /// The script used up a limit of the manifest.
    Limit,
    /// The script called `refuse`.
    Refused,
    /// The host returned an error.
    Host(Box<HostError>),
    /// The user asked to stop.
    Interrupted,
}

/// The error that ended a script.
#[derive(Clone, Debug)]
pub struct ScriptError {
    /// Why it ended.
    pub kind: ScriptErrorKind,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Where in the scripts, when the engine knows it.
    pub place: Option<Place>,
    /// What mends it, where that is the change of a text.
    pub fix: Option<Fix>,
}

impl ScriptError {
    pub(crate) fn mistake(
        message: impl Into<String>,
        help: Option<String>,
        place: Option<Place>,
    ) -> Self {
        let (message, help) = (shortened(message.into()), help.map(shortened));
        Self { kind: ScriptErrorKind::Mistake, message, help, place, fix: None }
    }

    pub(crate) fn limit(name: &str, value: impl fmt::Display, place: Option<Place>) -> Self {
        Self {
            kind: ScriptErrorKind::Limit,
            message: format!("the script reached its limit {name} = {value}"),
            help: Some(limit_help(name).into()),
            place,
            fix: None,
        }
    }

    /// The same as a finding of this kind.
    pub fn into_finding(self, kind: FindingKind) -> Finding {
        let Self { message, help, place, fix, .. } = self;
        Finding { kind, message, help, place, fix }
    }

    pub(crate) fn wrong_name(&self) -> Option<&str> {
        match &self.kind {
            ScriptErrorKind::Host(error) => error.wrong_name(),
            _ => None,
        }
    }

    /// The right name for the wrong one, where one is near.
    pub(crate) fn nearest_name(&self) -> Option<&str> {
        match &self.kind {
            ScriptErrorKind::Host(error) => error.nearest_name(),
            _ => None,
        }
    }
}

/// The longest message, in bytes: a script may have put anything into it.
const MESSAGE_BYTES: usize = 2_000;

fn shortened(text: String) -> String {
    if text.len() <= MESSAGE_BYTES {
        return text;
    }
    let kept: String = text.chars().take(MESSAGE_BYTES / 8).collect();
    format!("{kept}... ({} bytes)", text.len())
}

fn limit_help(name: &str) -> &'static str {
    match name {
        "query_time" => "narrow it with WHERE, or count and group less at once",
        "rule_parts" => "split it into several rules, or use lookup(...)",
        "operations" | "time" => {
            "look for a loop that does not end; counting and changing rows is work for table(...).count(...) and update(...)"
        }
        "call_depth" => "look for a function that calls itself without an end",
        "expression_depth" => "give the inner parts names with let",
        "rows" => "narrow them with .where(...), or count them with .distribution(...)",
        "printed" => "write one line instead of one for each",
        "printed_bytes" => "note less of it, or let the database count and group it",
        "query_rows" => {
            "let the server count and group them, or raise it in [limits] of leora.toml; a LIMIT would leave rows out"
        }
        "text_bytes" | "list_elements" | "map_entries" | "memory" | "read_bytes" | "nesting" => {
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
            message: shortened(error.to_string()),
            help: error.help().map(shortened),
            place: None,
            fix: None,
            kind: ScriptErrorKind::Host(Box::new(error)),
        }
    }
}

impl From<ScriptError> for Failure {
    fn from(error: ScriptError) -> Self {
        let ScriptError { kind, message, help, place, .. } = error;
        let plain =
            |kind| Self { place: place.clone(), ..Self::new(kind, message.clone(), help.clone()) };
        match kind {
            ScriptErrorKind::Mistake => plain(FailureKind::Script),
            ScriptErrorKind::Limit => plain(FailureKind::Limit),
            ScriptErrorKind::Refused => plain(FailureKind::Refused),
            ScriptErrorKind::Interrupted => plain(FailureKind::Interrupted),
            ScriptErrorKind::Host(host) => match *host {
                HostError::Rule(_) | HostError::NoTable { .. } | HostError::NotAllowed { .. } => {
                    plain(FailureKind::Script)
                }
                HostError::WrongManifest { place, .. } => {
                    Self { place: Some(place), ..plain(FailureKind::Script) }
                }
                HostError::Unpredictable { .. } => plain(FailureKind::Script),
                HostError::Guarded { matrix, .. } => {
                    Self { details: matrix, ..plain(FailureKind::Refused) }
                }
                HostError::NotApproved { differences, .. } => {
                    Self { details: differences, ..plain(FailureKind::Refused) }
                }
                HostError::Database(error) => Self { place, ..Self::from(error) },
                HostError::Writing { place, error } => {
                    Self { place: Some(place), ..Self::from(error) }
                }
                HostError::SqlFile { place: inner, error } => {
                    let help = constraint_remedy(&error);
                    let failure = Self::from(error);
                    Self { place: inner.or(place), help: help.or(failure.help.clone()), ..failure }
                }
            },
        }
    }
}

/// What helps where a statement of an SQL file violates a constraint, and the server has no hint.
fn constraint_remedy(error: &DatabaseError) -> Option<String> {
    let DatabaseError::Server(server) = error else { return None };
    let is_constraint = server.code.starts_with("23") && server.hint.is_none();
    is_constraint.then(|| "correct this statement, or the rows that it meets".to_owned())
}

impl From<Finding> for ScriptError {
    fn from(finding: Finding) -> Self {
        let Finding { message, help, place, fix, .. } = finding;
        Self { kind: ScriptErrorKind::Mistake, message, help, place, fix }
    }
}
