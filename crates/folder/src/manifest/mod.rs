//! The manifest, `leora.toml`: what the operator allows a folder to do.

mod mistakes;
mod names;
mod raw;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use leora_rule::{Access, Strategy};
use serde::Deserialize;

use crate::{Limits, SourceFile, SqlNeeds};

/// What the operator allows a folder to do.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The manifest's path, as shown to people.
    pub path: String,
    /// The file itself.
    pub source: SourceFile,
    /// What the folder is for, in a line.
    pub title: String,
    /// Whether its writes stay.
    pub access: Access,
    /// What rules may set (`Table.column`) and where rows may be inserted (`Table`).
    pub writes: Vec<String>,
    /// The SQL files that it may run.
    pub sql: Vec<String>,
    /// The columns that tell the rows of a table apart, by table, where it has no primary key.
    pub keys: BTreeMap<String, Vec<String>>,
    /// The locks that its SQL files need, by table.
    pub locks: BTreeMap<String, LockMode>,
    /// What a role needs to run them, by file.
    pub privileges: BTreeMap<String, SqlNeeds>,
    /// The most rows that a rule may reclassify, in percent of those that had a value.
    pub max_changed: Option<f64>,
    /// What its scripts may use up.
    pub limits: Limits,
    /// Transitions that no rule may make.
    pub forbid: Vec<Transit>,
    /// How many runs keep their journal, so that they can be undone; this one is the first of them.
    pub keep_runs: u32,
    /// How rules are written.
    pub strategy: Strategy,
    /// The SQL file that is Prisma's migration.sql, by the name of the migration.
    pub prisma: BTreeMap<String, String>,
    /// What to do when it is done.
    pub next: Vec<String>,
    /// How to go back, beside what the tool itself can say.
    pub back: Vec<String>,
}

/// A lock on a whole table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LockMode {
    /// SHARE ROW EXCLUSIVE: others read, nobody else writes.
    NoWrites,
    /// ACCESS EXCLUSIVE: everybody else waits.
    Exclusive,
}

impl LockMode {
    /// The lock's name in SQL.
    pub fn sql(self) -> &'static str {
        match self {
            Self::NoWrites => "SHARE ROW EXCLUSIVE",
            Self::Exclusive => "ACCESS EXCLUSIVE",
        }
    }
}

/// A value of a column that becomes another; `None` is no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transit {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// The value before.
    pub old: Option<String>,
    /// The value after.
    pub new: Option<String>,
}

impl Manifest {
    /// Whether rules may set this column.
    pub fn may_set(&self, table: &str, column: &str) -> bool {
        self.writes.iter().any(|entry| entry.split_once('.') == Some((table, column)))
    }

    /// Whether rows may be inserted into this table; what is rolled back may go anywhere.
    pub fn may_insert(&self, table: &str) -> bool {
        self.access == Access::RolledBack || self.writes.iter().any(|entry| entry == table)
    }

    /// What a role needs to run an SQL file. Where the manifest does not say it, the tables that it locks most are
    /// taken for those that it alters, and the others for those that it refers to.
    pub fn needs_of(&self, file: &str) -> SqlNeeds {
        let locked = |mode| {
            let tables = self.locks.iter().filter(move |(_, taken)| **taken == mode);
            tables.map(|(table, _)| table.clone()).collect()
        };
        self.privileges.get(file).cloned().unwrap_or_else(|| SqlNeeds {
            create: true,
            own: locked(LockMode::Exclusive),
            references: locked(LockMode::NoWrites),
            ..SqlNeeds::default()
        })
    }

    /// The tables that what an SQL file makes belongs with: those that it alters, else those that it refers to.
    pub fn around(&self, file: &str) -> Vec<String> {
        let needs = self.needs_of(file);
        if needs.own.is_empty() { needs.references } else { needs.own }
    }

    /// The columns that rules may set, each with its table before it.
    pub fn set_columns(&self) -> impl Iterator<Item = (&str, &str)> {
        self.writes.iter().filter_map(|entry| entry.split_once('.'))
    }

    /// The tables that it names.
    pub fn tables(&self) -> BTreeSet<&str> {
        let set = self.set_columns().map(|(table, _)| table);
        set.chain(self.locks.keys().map(String::as_str)).collect()
    }
}
