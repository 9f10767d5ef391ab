//! The interface between scripts and what answers their calls.

use jiff::civil::Date;
use leora_report::{Distribution, MigrationRecord, SqlRun};
use leora_rule::{Change, Expr, ForeignKey, Index, Query, Rule, Table, Value};

use crate::HostError;

/// The rows of a table that a condition selects; all of them without one.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// The table's name as the script writes it.
    pub table: String,
    /// The condition.
    pub filter: Option<Expr>,
}

/// A row that was read: column names and values.
pub type Row = Vec<(String, Value)>;

/// Answers the calls of a run's scripts. Its writer decides what the run is: one that executes, previews, or collects.
pub trait Host: Send {
    /// The calls from here on belong to this step, counted from 1.
    fn enter_step(&mut self, step: usize);

    /// Answers the calls that read.
    fn reader(&mut self) -> &mut dyn ReadHost;

    /// Answers the calls that write.
    fn writer(&mut self) -> &mut dyn WriteHost;
}

/// Answers what a script asks of the data and the schema.
pub trait ReadHost {
    /// The business date.
    fn as_of(&self) -> Date;

    /// Counts rows.
    fn count_rows(&mut self, rows: &Selection) -> Result<u64, HostError>;

    /// Counts rows by the value of a column.
    fn distribution(&mut self, rows: &Selection, column: &str) -> Result<Distribution, HostError>;

    /// Counts rows by the value of a column, for each value of another.
    fn distribution_by(
        &mut self,
        rows: &Selection,
        group: &str,
        column: &str,
    ) -> Result<Vec<(Option<String>, Distribution)>, HostError>;

    /// Reads rows in the order of their key, at most `limit`.
    fn read_rows(
        &mut self,
        rows: &Selection,
        columns: &[String],
        limit: u64,
    ) -> Result<Vec<Row>, HostError>;

    /// The table of a rule, with the types by which the texts of a data file are read; none where the host has no tables.
    fn typed_table(&mut self, _: &str) -> Result<Option<Table>, HostError> {
        Ok(None)
    }

    /// Which of these values no row has in a column: how many, and the first of them. None where the host has no rows.
    fn unmatched(
        &mut self,
        _table: &str,
        _column: &str,
        _values: &[&Value],
    ) -> Result<(u64, Vec<String>), HostError> {
        Ok((0, vec![]))
    }

    /// Reads with one SELECT of the script's own; `$1`, `$2`, ... stand for the parameters.
    fn query(&mut self, query: &Query, parameters: &[Value]) -> Result<Vec<Row>, HostError>;

    /// The shape of a table, if there is one of this name.
    fn find_table(&mut self, name: &str) -> Result<Option<Table>, HostError>;

    /// An enum's labels in their order, if there is one of this name.
    fn enum_labels(&mut self, name: &str) -> Result<Option<Vec<String>>, HostError>;

    /// An index, if there is one of this name.
    fn find_index(&mut self, name: &str) -> Result<Option<Index>, HostError>;

    /// The foreign keys of a table.
    fn foreign_keys(&mut self, table: &str) -> Result<Vec<ForeignKey>, HostError>;

    /// When the last run of a folder started that is done and not undone, as `2025-10-25 08:00:00.000000` in UTC.
    fn last_run(&mut self, folder: &str) -> Result<Option<String>, HostError>;
}

/// Answers what a script wants changed.
pub trait WriteHost {
    /// Applies the rules of one `.set`, which are of one table and have one `where`: each reads the rows as they were before
    /// all of them. Returns a change for each.
    fn apply_rules(&mut self, rules: &[Rule]) -> Result<Vec<Change>, HostError>;

    /// Inserts a row and reads it back.
    fn insert_row(&mut self, table: &str, values: &[(String, Value)]) -> Result<Row, HostError>;

    /// Tries to insert a row without keeping it. Returns the constraint that refuses it, if one does.
    fn try_insert(
        &mut self,
        table: &str,
        values: &[(String, Value)],
    ) -> Result<Option<String>, HostError>;

    /// Deletes rows, in a run that is rolled back; returns how many.
    fn delete_rows(&mut self, rows: &Selection) -> Result<u64, HostError>;

    /// Runs one of the SQL files that the manifest names.
    fn run_sql_file(&mut self, file: &str) -> Result<SqlRun, HostError>;

    /// Records a migration's name, once: in the history, and in Prisma's record where the database has one.
    fn record_migration(&mut self, name: &str) -> Result<MigrationRecord, HostError>;

    /// Records that a migration was rolled back, in the same places.
    fn record_rollback(&mut self, name: &str) -> Result<MigrationRecord, HostError>;
}
