//! The errors of a host.

use leora_report::{DatabaseError, Place, WriteError};
use leora_rule::{RuleError, RulePart, nearest};

/// What is said of a run that differs from its approved plan.
pub const NOT_APPROVED: &str = "this run is not the one that was approved";

/// An entry of a list in the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestEntry {
    /// The list's key, such as `writes`.
    pub list: &'static str,
    /// The entry.
    pub entry: String,
}

/// Why a host did not do what a script asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum HostError {
    /// The rule or read does not fit its table.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// The database refused, or can't be reached.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// There is no such table.
    #[error("there is no table {name} in schema {schema}")]
    NoTable {
        /// The name asked for.
        name: String,
        /// The schema that was searched.
        schema: String,
        /// The table with the most similar name.
        nearest: Option<String>,
    },
    /// The manifest does not allow it, or it makes no sense in this folder.
    #[error("{message}")]
    NotAllowed {
        /// What is not allowed.
        message: String,
        /// What to do.
        help: String,
        /// The entry that the manifest lacks, where that is all.
        entry: Option<ManifestEntry>,
    },
    /// Without writing, nobody can know what the script would be answered.
    #[error("not predicted from here on: {reason}")]
    Unpredictable {
        /// Why not.
        reason: String,
    },
    /// A guard of the manifest refuses a change.
    #[error("{message}")]
    Guarded {
        /// What the guard refuses.
        message: String,
        /// The transitions that the rule would make, one a line.
        matrix: Vec<String>,
    },
    /// The manifest has a mistake that only shows in the database.
    #[error("{message}")]
    WrongManifest {
        /// What is wrong.
        message: String,
        /// What to do.
        help: String,
        /// Where it stands in the manifest.
        place: Place,
    },
    /// It is not what was approved.
    #[error("{NOT_APPROVED}")]
    NotApproved {
        /// What was planned and what is done instead, one a line.
        differences: Vec<String>,
        /// What to do.
        help: String,
    },
    /// A rule was judged, and writing it later failed.
    #[error("{error}")]
    Writing {
        /// Where the rule is written.
        place: Place,
        /// The database's error.
        error: DatabaseError,
    },
    /// An SQL file failed.
    #[error("{error}")]
    SqlFile {
        /// The place in the file, where the server reports a position.
        place: Option<Place>,
        /// The server's error.
        error: DatabaseError,
    },
}

impl HostError {
    /// What to do about it, where there is a remedy.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Rule(error) => error.help(),
            Self::NoTable { nearest: Some(name), .. } => Some(format!("did you mean {name}?")),
            Self::NoTable { .. } => {
                Some("check that this is the CRM's database, and names are case-sensitive".into())
            }
            Self::NotAllowed { help, .. }
            | Self::NotApproved { help, .. }
            | Self::WrongManifest { help, .. } => Some(help.clone()),
            Self::Unpredictable { .. } => None,
            Self::Guarded { .. } => {
                Some("if it is meant, let it pass this once with --allow-large-change".into())
            }
            Self::Database(error) | Self::SqlFile { error, .. } | Self::Writing { error, .. } => {
                match error {
                    DatabaseError::Server(error) => error.hint.clone(),
                    DatabaseError::QueryNotAllowed { help, .. }
                    | DatabaseError::Inconsistent { help, .. }
                    | DatabaseError::Foreseen { help, .. } => Some(help.clone()),
                    _ => None,
                }
            }
        }
    }

    /// The column that a rule sets, and the part of the rule that is mistaken, where it is one.
    pub fn rule_part(&self) -> Option<(&str, RulePart)> {
        match self {
            Self::Rule(error) => error.part(),
            _ => None,
        }
    }

    /// The name as the script writes it, where the name itself is wrong.
    pub fn wrong_name(&self) -> Option<&str> {
        match self {
            Self::Rule(error) => match error.innermost() {
                RuleError::UnknownColumn { column, .. }
                | RuleError::ColumnOfOther { column, .. } => Some(column),
                RuleError::NotALabel { value, .. } => Some(value),
                RuleError::WrongValue { text, .. } => text.as_deref(),
                _ => None,
            },
            Self::NoTable { name, .. } => Some(name),
            _ => None,
        }
    }

    /// The right name for that, where one is near.
    pub fn nearest_name(&self) -> Option<&str> {
        match self {
            Self::Rule(error) => match error.innermost() {
                RuleError::UnknownColumn { nearest, .. } => nearest.as_deref(),
                RuleError::NotALabel { value, labels, .. } => {
                    nearest(value, labels.iter().map(String::as_str))
                }
                _ => None,
            },
            Self::NoTable { nearest, .. } => nearest.as_deref(),
            _ => None,
        }
    }
}

impl From<WriteError> for HostError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Rule(error) => Self::Rule(error),
            WriteError::Database(error) => Self::Database(error),
        }
    }
}
