//! The runs of the past, as the history has them.

use std::fmt;

use leora_rule::Transition;
use serde::{Serialize, Serializer};

use crate::Outcome;

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
    /// How it ended.
    pub outcome: PastOutcome,
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
    /// The role that ran it, where that is neither the present one nor one that may act for the owner of the history.
    #[serde(skip)]
    pub stranger: Option<String>,
    /// How many rows it was to change when its rules began, in batches.
    pub planned: Option<u64>,
    /// The size of its journal in bytes; 0 when it has none, or none any more.
    pub journal_bytes: u64,
    /// The run that it undid; nothing for a run of a folder.
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

/// How a run of the past ended, by the word for it in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PastOutcome {
    /// It has ended like this.
    Ended(Outcome),
    /// It has not ended.
    Running,
    /// A word that this version does not know: a newer one has written it.
    Other(String),
}

const RUNNING: &str = "running";

impl PastOutcome {
    /// The outcome that a word of the history stands for.
    pub fn from_word(word: &str) -> Self {
        match Outcome::from_word(word) {
            Some(outcome) => Self::Ended(outcome),
            None if word == RUNNING => Self::Running,
            None => Self::Other(word.to_owned()),
        }
    }
}

impl Default for PastOutcome {
    fn default() -> Self {
        Self::Ended(Outcome::default())
    }
}

impl Serialize for PastOutcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for PastOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ended(outcome) => outcome.word(),
            Self::Running => RUNNING,
            Self::Other(word) => word,
        })
    }
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

    /// Whether it has changed rows that stay.
    pub fn has_changed(&self) -> bool {
        self.has_committed() && self.changed > 0
    }

    /// Whether it was committed: a run in batches also before it is done.
    pub fn has_committed(&self) -> bool {
        matches!(self.outcome, PastOutcome::Ended(Outcome::Done | Outcome::Partial))
    }

    /// Whether it came to its end.
    pub fn is_done(&self) -> bool {
        self.outcome == PastOutcome::Ended(Outcome::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::{PastOutcome, PastRun};
    use crate::Outcome;

    #[test]
    fn every_word_of_the_history_is_read_as_it_is_written() {
        for word in [
            "done",
            "failed",
            "refused",
            "interrupted",
            "partial",
            "unknown",
            "running",
            "postponed",
        ] {
            assert_eq!(PastOutcome::from_word(word).to_string(), word);
        }
        assert_eq!(PastOutcome::from_word("partial"), PastOutcome::Ended(Outcome::Partial));
        assert_eq!(PastOutcome::from_word("postponed"), PastOutcome::Other("postponed".into()));
    }

    #[test]
    fn only_a_known_outcome_that_commits_can_be_undone() {
        let undoable = |word: &str| {
            let outcome = PastOutcome::from_word(word);
            PastRun { outcome, changed: 1, journal_bytes: 1, ..PastRun::default() }.can_be_undone()
        };
        assert!(undoable("done") && undoable("partial"));
        assert!(!undoable("failed") && !undoable("running") && !undoable("postponed"));
    }
}
