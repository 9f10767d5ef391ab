//! Who answers a script's calls: the interface, what the manifest permits, and the host in memory. The hosts on a
//! database are the crate above.

mod error;
mod example;
mod given;
pub mod guard;
pub mod permit;

use leora_report::{Distribution, MigrationRecord, SqlRun};
use leora_rule::{Change, Expr, ForeignKey, Index, Rule, Table, Value};

pub use error::HostError;
pub use example::{ExampleHost, Heard, Question};
pub use given::{Given, Shares};

/// The rows of a table that a condition takes; all of them without one.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// The table's name as the script writes it.
    pub table: String,
    /// The condition.
    pub filter: Option<Expr>,
}

/// A row that was read: column names and values.
pub type Row = Vec<(String, Value)>;

/// Answers a script's calls. What it answers decides what a run is.
pub trait Host: Send {
    /// Applies a rule.
    fn change(&mut self, rule: &Rule) -> Result<Change, HostError>;

    /// Counts rows.
    fn count(&mut self, rows: &Selection) -> Result<u64, HostError>;

    /// Counts rows by the value of a column.
    fn distribution(&mut self, rows: &Selection, column: &str) -> Result<Distribution, HostError>;

    /// Counts rows by the value of a column, for each value of another.
    fn distribution_by(
        &mut self,
        rows: &Selection,
        group: &str,
        column: &str,
    ) -> Result<Vec<(Option<String>, Distribution)>, HostError>;

    /// Reads rows, at most `limit`, by their key.
    fn rows(
        &mut self,
        rows: &Selection,
        columns: &[String],
        limit: u64,
    ) -> Result<Vec<Row>, HostError>;

    /// Inserts a row and reads it back.
    fn insert(&mut self, table: &str, values: &[(String, Value)]) -> Result<Row, HostError>;

    /// Tries to insert a row without keeping it: the constraint that refuses it, if one does.
    fn refusal(
        &mut self,
        table: &str,
        values: &[(String, Value)],
    ) -> Result<Option<String>, HostError>;

    /// Deletes rows, in a run that is rolled back; returns how many.
    fn delete(&mut self, rows: &Selection) -> Result<u64, HostError>;

    /// The shape of a table, if there is one of this name.
    fn table(&mut self, name: &str) -> Result<Option<Table>, HostError>;

    /// An enum's labels in their order, if there is one of this name.
    fn enumeration(&mut self, name: &str) -> Result<Option<Vec<String>>, HostError>;

    /// An index, if there is one of this name.
    fn index(&mut self, name: &str) -> Result<Option<Index>, HostError>;

    /// The foreign keys of a table.
    fn foreign_keys(&mut self, table: &str) -> Result<Vec<ForeignKey>, HostError>;

    /// Runs one of the SQL files that the manifest names.
    fn run_sql(&mut self, file: &str) -> Result<SqlRun, HostError>;

    /// Reads with one SELECT of the script's own; `$1`, `$2`, ... stand for the parameters.
    fn query(&mut self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, HostError>;

    /// When the last run of a folder started that is done and not undone, as `2025-10-25 08:00:00.000000` in UTC.
    fn last_run(&mut self, folder: &str) -> Result<Option<String>, HostError>;

    /// Records a migration's name, once: in the history, and in Prisma's record where the database has one.
    fn record_migration(&mut self, name: &str) -> Result<MigrationRecord, HostError>;

    /// Records that a migration was rolled back, in the same places.
    fn record_rollback(&mut self, name: &str) -> Result<MigrationRecord, HostError>;
}
