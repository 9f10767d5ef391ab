//! What a step reports while it runs.

use leora_rule::Change;

use crate::{Distribution, Place, PutBack, Recording, SqlRun};

/// One thing that a step did or found.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// A rule ran.
    Change {
        /// What it did.
        change: Change,
        /// Settings of the script that are off, with the comment beside each: one of them may be why
        /// rows were left out.
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
    /// The script said something.
    Note(String),
    /// Something was expected.
    Expectation(Expectation),
    /// A rule of a past run was undone.
    PutBack(PutBack),
    /// Something that a plan can't foretell, and why.
    Unpredicted(String),
    /// An SQL file ran.
    Sql {
        /// Its name.
        file: String,
        /// What it did.
        ran: SqlRun,
    },
    /// A migration was recorded, or its rollback.
    Migration {
        /// Its name.
        name: String,
        /// What that did.
        recording: Recording,
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
                let shares = distribution.shares.iter().map(|share| value(&share.value) + 8);
                value(title) + shares.sum::<usize>()
            }
            Self::Migration { name, .. } => name.len(),
            // What they tell comes from the database and the manifest, once for each rule or file.
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

/// Something that was expected, and whether it held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// What was expected.
    pub label: String,
    /// Whether it held.
    pub held: bool,
    /// Whether it only warns.
    pub warning: bool,
    /// What was found instead, where the script says it.
    pub findings: Vec<String>,
    /// Where in the script.
    pub place: Option<Place>,
}

/// Hears what a step does, as it does it.
pub trait Observer: Send {
    /// Something was done or found.
    fn entry(&mut self, entry: &Entry);
    /// Something that may take long begins.
    fn working(&mut self, what: &str);
}
