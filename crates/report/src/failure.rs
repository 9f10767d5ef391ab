//! Why something did not end well: what sort of failure, where, and what to do.

use serde::{Serialize, Serializer};

use crate::{Outcome, Place};

/// Why something did not end well.
#[derive(Clone, Debug, Serialize)]
pub struct Failure {
    /// What sort of failure.
    pub kind: FailureKind,
    /// The fact.
    pub message: String,
    /// Where, in a file of the folder.
    #[serde(flatten, serialize_with = "crate::place::file_line_column")]
    pub place: Option<Place>,
    /// PostgreSQL's code.
    pub sqlstate: Option<String>,
    /// More about it, a line each.
    pub details: Vec<String>,
    /// The next action.
    pub help: Option<String>,
}

/// The sorts of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// An expectation did not hold.
    Expectation,
    /// The command line, or the environment.
    Usage,
    /// A script.
    Script,
    /// A script that used up a limit.
    Limit,
    /// A manifest or folder.
    Manifest,
    /// The way to the database.
    Connection,
    /// The database.
    Database,
    /// A lock was not granted.
    Lock,
    /// A guard.
    Refused,
    /// Not confirmed.
    NotConfirmed,
    /// Another run is at work.
    Busy,
    /// The outcome is not known.
    Unknown,
    /// Somebody asked to stop.
    Interrupted,
    /// A fault of the program itself, or of the machine.
    Internal,
}

impl FailureKind {
    /// The process's exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Expectation => 1,
            Self::Usage | Self::Script | Self::Limit | Self::Manifest => 2,
            Self::Connection | Self::Database | Self::Lock | Self::Internal => 3,
            Self::Refused | Self::NotConfirmed => 4,
            Self::Busy => 5,
            Self::Unknown => 6,
            Self::Interrupted => 130,
        }
    }

    /// The word for it in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Expectation => "expectation",
            Self::Usage => "usage",
            Self::Script => "script",
            Self::Limit => "limit",
            Self::Manifest => "manifest",
            Self::Connection => "connection",
            Self::Database => "database",
            Self::Lock => "lock",
            Self::Refused => "refused",
            Self::NotConfirmed => "not_confirmed",
            Self::Busy => "busy",
            Self::Unknown => "unknown",
            Self::Interrupted => "interrupted",
            Self::Internal => "internal",
        }
    }

    /// How a run that failed so has ended.
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Refused | Self::NotConfirmed | Self::Busy => Outcome::Refused,
            Self::Interrupted => Outcome::Interrupted,
            Self::Unknown => Outcome::Unknown,
            _ => Outcome::Failed,
        }
    }
}

impl Serialize for FailureKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl Failure {
    /// Whether trying again from the start may work: somebody else's transaction was in the way.
    pub fn is_transient(&self) -> bool {
        matches!(self.sqlstate.as_deref(), Some("55P03" | "40P01" | "40001"))
    }

    /// A failure of this sort.
    pub fn new(kind: FailureKind, message: impl Into<String>, help: Option<String>) -> Self {
        Self { kind, message: message.into(), place: None, sqlstate: None, details: vec![], help }
    }
}
