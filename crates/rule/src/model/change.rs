//! What a rule did, or would do, as data.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Rule, format_count};

/// Rows that went from one value of a column to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Transition {
    /// The value before, as text; `None` is NULL.
    pub old: Option<String>,
    /// The value after.
    pub new: Option<String>,
    /// How many rows.
    pub rows: u64,
}

impl fmt::Display for Transition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "(none)".into());
        write!(f, "{} -> {}", text(&self.old), text(&self.new))
    }
}

impl Transition {
    /// How many rows, in words.
    pub fn describe_rows(&self) -> String {
        format_count(self.rows, "row")
    }
}

/// The rows that a rule left alone, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnchangedRows {
    /// Rows that `where` left out.
    pub left_out: u64,
    /// Rows that `where` took and no arm matched.
    pub unmatched: u64,
    /// Rows that had the value already.
    pub same: u64,
    /// How many of all these have a value.
    pub with_value: u64,
}

/// What a rule did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The table.
    pub table: String,
    /// The column that was set.
    pub column: String,
    /// How it was written.
    pub strategy: Strategy,
    /// That it was not written as the folder asks for, and why.
    pub fallback: Option<Fallback>,
    /// The rows whose value really changed, by old and new value.
    pub transitions: Vec<Transition>,
    /// The rows that were left alone.
    pub unchanged: UnchangedRows,
    /// What a plan foresees beside it; `None` when it was done.
    pub preview: Option<ChangePreview>,
}

impl Change {
    /// A change of no row: what a host that writes nothing answers.
    pub fn none(rule: &Rule) -> Self {
        Self {
            table: rule.table.clone(),
            column: rule.column.clone(),
            strategy: Strategy::default(),
            fallback: None,
            transitions: vec![],
            unchanged: UnchangedRows::default(),
            preview: None,
        }
    }
}

/// What a plan foresees of a change that was not done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangePreview {
    /// The names of the key's columns.
    pub key: Vec<String>,
    /// The names of the columns that the rule reads.
    pub columns: Vec<String>,
    /// A few of the rows.
    pub samples: Vec<Sample>,
    /// What may make it come out otherwise.
    pub unsure: Option<String>,
    /// How long judging it took, in milliseconds.
    pub reading_ms: u64,
    /// Why the table would not be written anew for it, if so.
    pub against_rewrite: Option<String>,
    /// Why it would not be written in batches, if so.
    pub against_batches: Option<String>,
}

/// A row that a rule would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The value before.
    pub old: Option<String>,
    /// The value after.
    pub new: Option<String>,
    /// Its key, a text for each column.
    pub key: Vec<String>,
    /// The values of the columns that the rule reads.
    pub reads: Vec<Option<String>>,
}

/// How a rule is written to the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// The journal, then one UPDATE; writers of the table wait.
    #[default]
    Update,
    /// The journal, then the table anew with the new values; everybody else waits, for a shorter time.
    Rewrite,
    /// A few rows and their journal at a time, each committed; only writers of those rows wait.
    Batches,
}

/// Why a rule was not written as the folder asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fallback {
    /// How the folder asks for it.
    pub requested: Strategy,
    /// What stands in the way.
    pub reason: String,
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Update => "update",
            Self::Rewrite => "rewrite",
            Self::Batches => "batches",
        })
    }
}

impl Change {
    /// How many rows changed.
    pub fn changed(&self) -> u64 {
        self.transitions.iter().map(|transition| transition.rows).sum()
    }

    /// How many rows the table has.
    pub fn all(&self) -> u64 {
        self.taken() + self.unchanged.left_out
    }

    /// How many rows of the table had a value before.
    pub fn valued(&self) -> u64 {
        self.reclassified() + self.unchanged.with_value
    }

    /// How many rows went from one value to another, or lost theirs.
    pub fn reclassified(&self) -> u64 {
        self.transitions.iter().filter(|one| one.old.is_some()).map(|one| one.rows).sum()
    }

    /// How many rows `where` took.
    pub fn taken(&self) -> u64 {
        self.changed() + self.unchanged.unmatched + self.unchanged.same
    }
}
