//! What a rule changed or would change, as data.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Rule, format_count};

/// Rows that went from one value of a column to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
    /// The number of rows, in words: `3 rows`.
    pub fn describe_rows(&self) -> String {
        format_count(self.rows, "row")
    }
}

/// How many rows a rule left alone, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UnchangedRows {
    /// Rows that `where` left out.
    pub left_out: u64,
    /// Rows that `where` took and that no arm matched.
    pub unmatched: u64,
    /// Rows that had the value already.
    pub same: u64,
    /// How many of all these have a value in the column.
    #[serde(skip)]
    pub with_value: u64,
}

/// What a rule did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The table.
    pub table: String,
    /// The column that was set.
    pub column: String,
    /// How it was written.
    pub strategy: Strategy,
    /// Why it was not written with the strategy that the folder asks for, if so.
    #[serde(rename = "instead", skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Fallback>,
    /// The rows whose value really changed, by old and new value.
    pub transitions: Vec<Transition>,
    /// The rows that were left alone.
    #[serde(flatten)]
    pub unchanged: UnchangedRows,
    /// Rows that it would still change: others added or changed them while it ended, in batches.
    #[serde(skip_serializing_if = "is_none")]
    pub left: u64,
    /// More about a change that a plan predicts; `None` when it was done.
    #[serde(rename = "foreseen", skip_serializing_if = "Option::is_none")]
    pub preview: Option<ChangePreview>,
}

fn is_none(rows: &u64) -> bool {
    *rows == 0
}

impl Change {
    /// A change of no row, for a host that writes nothing.
    pub fn none(rule: &Rule) -> Self {
        Self {
            table: rule.table.clone(),
            column: rule.column.clone(),
            strategy: Strategy::default(),
            fallback: None,
            transitions: vec![],
            unchanged: UnchangedRows::default(),
            left: 0,
            preview: None,
        }
    }
}

/// What a plan shows of a change beside its counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChangePreview {
    /// The names of the key's columns.
    pub key: Vec<String>,
    /// The names of the columns that the rule reads.
    pub columns: Vec<String>,
    /// A few of the rows that would change.
    pub samples: Vec<Sample>,
    /// Why the run may come to another result, if something may.
    pub unsure: Option<String>,
    /// The statements that create the indexes by which the rows that it reads of other tables would be found faster.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing_indexes: Vec<String>,
    /// The tables whose rows give these rows something, in name order. They are read, and not locked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_tables: Vec<String>,
    /// How long computing the change took, in milliseconds.
    #[serde(skip)]
    pub reading_ms: u64,
    /// Why it can't be written with [`Strategy::Rewrite`], if so.
    #[serde(skip)]
    pub against_rewrite: Option<String>,
    /// Why it can't be written with [`Strategy::Batches`], if so.
    #[serde(skip)]
    pub against_batches: Option<String>,
}

/// A row that a rule would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// The value before.
    pub old: Option<String>,
    /// The value after.
    pub new: Option<String>,
    /// Its key, a text for each column.
    pub key: Vec<String>,
    /// The values of the columns that the rule reads.
    pub reads: Vec<Option<String>>,
    /// For each of them, how many rows of another table it is made of; none where it is made of none, or of one.
    #[serde(skip_serializing_if = "is_of_no_rows")]
    pub of_rows: Vec<Option<u64>>,
}

fn is_of_no_rows(counts: &[Option<u64>]) -> bool {
    counts.iter().all(Option::is_none)
}

/// How a rule is written to the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// The journal, then one UPDATE; writers of the table wait.
    #[default]
    Update,
    /// The journal, then the whole table is rewritten; readers and writers wait, for a shorter time.
    Rewrite,
    /// A few rows and their journal at a time, each committed; only writers of those rows wait.
    Batches,
}

/// A strategy that could not be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fallback {
    /// The strategy that the folder asks for.
    #[serde(rename = "of")]
    pub requested: Strategy,
    /// What prevents it.
    #[serde(rename = "because")]
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
    pub fn table_rows(&self) -> u64 {
        self.taken() + self.unchanged.left_out
    }

    /// How many rows of the table had a value before.
    pub fn rows_with_value(&self) -> u64 {
        self.reclassified() + self.unchanged.with_value
    }

    /// How many rows had a value before and have another, or none, now.
    pub fn reclassified(&self) -> u64 {
        self.transitions.iter().filter(|one| one.old.is_some()).map(|one| one.rows).sum()
    }

    /// How many rows `where` took.
    pub fn taken(&self) -> u64 {
        self.changed() + self.unchanged.unmatched + self.unchanged.same
    }
}
