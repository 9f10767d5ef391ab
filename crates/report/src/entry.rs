//! What a step reports while it runs: one entry for each thing that it did or found.

use leora_rule::Change;
use serde::Serialize;

use crate::{Distribution, MigrationRecord, Place, PutBack, SqlRun};

/// One thing that a step did or found.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// A rule ran.
    Change {
        /// The rows and values that it changed.
        change: Change,
        /// The switches of the script that are off, each with its comment: one of them may be why rows were left
        /// out.
        switches: Vec<(String, Option<String>)>,
    },
    /// A distribution was shown.
    Distribution {
        /// Its heading, where the script gave one.
        title: Option<String>,
        /// The values and their rows.
        distribution: Distribution,
    },
    /// A table was shown.
    Table(ShownTable),
    /// A text of the script.
    Note(String),
    /// An `expect` or `warn_unless`.
    Expectation(Expectation),
    /// A rule of an earlier run was undone.
    PutBack(PutBack),
    /// Something that a plan can't predict, and why.
    Unpredicted(String),
    /// An SQL file ran.
    Sql {
        /// Its name.
        file: String,
        /// The objects and locks of it.
        ran: SqlRun,
    },
    /// A migration was recorded, or its rollback.
    Migration {
        /// Its name.
        name: String,
        /// Where it was recorded.
        recording: MigrationRecord,
        /// Whether it was rolled back.
        rollback: bool,
    },
}

impl Entry {
    /// About how many bytes of text it holds.
    pub fn bytes(&self) -> usize {
        let texts = |list: &[String]| list.iter().map(String::len).sum::<usize>();
        match self {
            Self::Note(text) | Self::Unpredicted(text) => text.len(),
            Self::Table(table) => {
                texts(&table.columns) + table.rows.iter().map(|row| texts(row)).sum::<usize>()
            }
            Self::Expectation(one) => one.label.len() + texts(&one.findings),
            Self::Distribution { title, distribution } => {
                let value = |text: &Option<String>| text.as_ref().map_or(0, String::len);
                let counts = distribution.values.iter().map(|one| value(&one.value) + 8);
                value(title) + counts.sum::<usize>()
            }
            Self::Migration { name, .. } => name.len(),
            // Their texts come from the database and the manifest, once for each rule or file: a script can't make them long.
            Self::Change { .. } | Self::PutBack(_) | Self::Sql { .. } => 0,
        }
    }
}

/// A table that a script shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownTable {
    /// The names of its columns.
    pub columns: Vec<String>,
    /// Its rows, as text.
    pub rows: Vec<Vec<String>>,
}

/// The result of an `expect` or `warn_unless`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Expectation {
    /// What the script expects, in its words.
    pub label: String,
    /// Whether it held.
    pub held: bool,
    /// Whether it is a warning: it then does not fail the run.
    pub warning: bool,
    /// What the script found instead.
    pub findings: Vec<String>,
    /// Where the call is.
    #[serde(skip)]
    pub place: Option<Place>,
}

/// Is notified of what a step does while it runs.
pub trait Observer: Send {
    /// The step did or found something.
    fn on_entry(&mut self, entry: &Entry);
    /// The step starts something that may take long: a file, a `Table.column`, a query.
    fn on_start(&mut self, what: &str);
}
