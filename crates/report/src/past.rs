//! The runs of the past, as the history has them.

use leora_rule::Transition;
use serde::Serialize;

/// A run of the past.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PastRun {
    /// Its id.
    #[serde(rename = "run")]
    pub id: String,
    /// Its place among the runs; a later one has a larger.
    #[serde(skip)]
    pub number: u64,
    /// The folder, or `undo`.
    pub folder: String,
    /// Its title.
    pub title: String,
    /// The business date.
    pub as_of: String,
    /// How it ended: `done`, `failed`, `refused`, `interrupted`.
    pub outcome: String,
    /// When it started, UTC, to the minute.
    pub started: String,
    /// The same to the microsecond, as `2025-10-25 08:00:00.000000`.
    #[serde(skip)]
    pub started_at: String,
    /// Which role on which machine.
    pub who: String,
    /// How long it took, in milliseconds.
    pub ms: u64,
    /// How many rows it changed.
    pub changed: u64,
    /// The size of its journal in bytes; 0 when it has none, or none any more.
    pub journal_bytes: u64,
    /// The run that it undid.
    pub undoes: Option<String>,
    /// Whether it was undone, and that was not undone itself.
    pub undone: bool,
    /// Why it failed.
    pub error: Option<String>,
    /// The settings in force, as JSON.
    #[serde(skip)]
    pub settings: String,
    /// The checksums of its files, as JSON.
    #[serde(skip)]
    pub checksums: String,
    /// The checksums of its files without comments and spacing, as JSON.
    #[serde(skip)]
    pub meanings: String,
}

/// A rule of a run of the past, by its journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastRule {
    /// Its place in the run.
    pub rule: u32,
    /// The schema of the table.
    pub schema: String,
    /// The table.
    pub table: String,
    /// The columns of the table's key then, as JSON.
    pub key: String,
    /// The column.
    pub column: String,
    /// What it changed.
    pub transitions: Vec<Transition>,
}

/// A step of a run of the past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PastStep {
    /// Its place, from 1.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// How long it took, in milliseconds.
    pub ms: u64,
    /// How many rows it changed.
    pub changed: u64,
}

impl PastRun {
    /// Whether there is something to put back, and its journal is kept.
    pub fn can_be_undone(&self) -> bool {
        self.has_changed() && self.journal_bytes > 0 && !self.undone
    }

    /// Whether it has changed rows that stay: a run in batches also before it is done.
    pub fn has_changed(&self) -> bool {
        matches!(self.outcome.as_str(), "done" | "partial") && self.changed > 0
    }
}
