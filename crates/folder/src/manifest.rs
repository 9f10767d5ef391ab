//! The manifest, `leora.toml`: what the operator allows a folder to do.

use std::collections::{BTreeMap, BTreeSet};

use leora_report::Place;
use leora_rule::{Access, Strategy};
use serde::Deserialize;

use crate::limits::Limits;
use crate::row_label::RowLabel;
use crate::source_file::SourceFile;
use crate::sql_privileges::SqlPrivileges;

/// What the operator allows a folder to do.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The manifest's path, as shown to people.
    pub path: String,
    /// The file itself.
    pub source: SourceFile,
    /// What the folder is for, in a line.
    pub title: String,
    /// Whether it may write, and whether that stays.
    pub access: Access,
    /// What rules may set (`Table.column`) and where rows may be inserted (`Table`).
    pub writes: Vec<String>,
    /// The SQL files that it may run.
    pub sql: Vec<String>,
    /// The migrations that it may record, and take back.
    pub records: Vec<String>,
    /// The columns that identify a row, by table, where a table has no primary key.
    pub keys: BTreeMap<String, Vec<String>>,
    /// What names a row in lists, by table, where that is not left to the columns by which `why` finds one.
    pub labels: BTreeMap<String, Vec<RowLabel>>,
    /// The locks that its SQL files need, by table.
    pub locks: BTreeMap<String, LockMode>,
    /// What a role needs to run them, by file.
    pub privileges: BTreeMap<String, SqlPrivileges>,
    /// The most rows that a rule may reclassify, in percent of those that had a value.
    pub max_changed: Option<f64>,
    /// How much time, memory and data its scripts may use.
    pub limits: Limits,
    /// Transitions that no rule may make.
    pub forbid: Vec<ForbiddenTransition>,
    /// How many runs, this one included, keep their journal, so that they can be undone.
    pub keep_runs: u32,
    /// How rules are written.
    pub strategy: Strategy,
    /// What a run does about triggers that would run with rights that the owners of their functions lack.
    pub trigger_rights: TriggerRights,
    /// The SQL file that is Prisma's migration.sql, by the name of the migration.
    pub prisma: BTreeMap<String, String>,
    /// What to do after the run.
    pub next: Vec<String>,
    /// How to go back, beside the commands that leora-run itself suggests.
    pub back: Vec<String>,
}

/// What a run does about triggers that would run with rights that the owners of their functions lack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TriggerRights {
    /// It names them, and goes on.
    #[default]
    Warn,
    /// It ends before it writes.
    Refuse,
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

/// A change from one value of a column to another that no rule may make; `None` is NULL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForbiddenTransition {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// The value before.
    pub old: Option<String>,
    /// The value after.
    pub new: Option<String>,
    /// Where it stands in the manifest.
    pub place: Place,
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

    /// Whether this migration may be recorded, and taken back.
    pub fn may_record(&self, migration: &str) -> bool {
        self.records.iter().any(|name| name == migration)
    }

    /// What a role needs to run an SQL file. Where the manifest does not say, it is expected to alter the tables that it
    /// locks exclusively, and to refer to the others that it locks.
    pub fn sql_privileges(&self, file: &str) -> SqlPrivileges {
        let locked = |mode| {
            let tables = self.locks.iter().filter(move |(_, taken)| **taken == mode);
            tables.map(|(table, _)| table.clone()).collect()
        };
        self.privileges.get(file).cloned().unwrap_or_else(|| SqlPrivileges {
            create: true,
            own: locked(LockMode::Exclusive),
            references: locked(LockMode::NoWrites),
            ..SqlPrivileges::default()
        })
    }

    /// The tables beside which an SQL file creates its own: those that it alters, else those that it refers to.
    pub fn neighbor_tables(&self, file: &str) -> Vec<String> {
        let privileges = self.sql_privileges(file);
        if privileges.own.is_empty() { privileges.references } else { privileges.own }
    }

    /// The columns that rules may set: table, column.
    pub fn settable_columns(&self) -> impl Iterator<Item = (&str, &str)> {
        self.writes.iter().filter_map(|entry| entry.split_once('.'))
    }

    /// The tables that rules may change, or that are locked first.
    pub fn named_tables(&self) -> BTreeSet<&str> {
        let set = self.settable_columns().map(|(table, _)| table);
        set.chain(self.locks.keys().map(String::as_str)).collect()
    }
}
