//! Values of a unique column that pass from row to row, as when two rows exchange theirs. An index looks at each row when it is
//! written, so each value has to be given up before another row takes it: in an order, or through NULL where there is none.

mod indexes;
mod statement;

use leora_report::DatabaseError;
use leora_rule::{Column, RuleError, Sql, Table, format_count};

use crate::Session;
use crate::citus;
use crate::connection::Cells;
use indexes::{UniqueIndexes, a_check_forbids_null, unique_indexes};
use statement::{count_moves, write_moves};

/// That rows take values which other rows give up in the same change.
#[derive(Debug)]
pub(crate) struct UniqueMoves {
    indexes: UniqueIndexes,
    /// Rows that can be written in no order, and go through NULL.
    circular: u64,
    /// Whether an index looks at each row by itself: otherwise all is looked at after the statement.
    is_immediate: bool,
}

impl UniqueMoves {
    /// Of the rows that change, by their statement with `#key 1`, ..., `#old` and `#new`; none where no value passes from row to
    /// row. Reads nothing but the catalog where the column is in no unique index.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub(crate) fn find(
        session: &mut Session,
        table: &Table,
        column: &Column,
        changes: &Sql,
    ) -> Result<Option<Self>, DatabaseError> {
        let mut indexes = unique_indexes(session, table, &column.name)?;
        if indexes.all.is_empty() {
            return Ok(None);
        }
        citus::check_unique(table, &column.name, &indexes.immediate_names())?;
        let text = count_moves(table, column, changes, &indexes);
        let mut cells = Cells::of_first(session.connection.fetch_text(&text)?);
        let (passed, immediate, circular) = (cells.number(), cells.number(), cells.number());
        if circular > 0 && indexes.takes_null {
            indexes.takes_null = !a_check_forbids_null(session, table, &column.name)?;
        }
        Ok((passed > 0).then_some(Self { indexes, circular, is_immediate: immediate > 0 }))
    }

    /// Why the rows can't be written, if so: a reason and a remedy.
    pub(crate) fn refusal(&self, column: &Column) -> Option<(String, String)> {
        let indexes = &self.indexes;
        let name = &column.name;
        let rows = format_count(self.circular, "row");
        let by = indexes.immediate_names();
        let refused = |reason: String| {
            let help = format!(
                "drop the index and make it a constraint, UNIQUE (...) DEFERRABLE; or give {name} free values first, in \
                 another run"
            );
            Some((reason, help))
        };
        if !self.is_immediate {
            return None;
        }
        if let Some(key) = &indexes.referenced_by {
            return refused(format!(
                "values of {name} would pass from row to row, which {by} and the foreign key {key} do not allow"
            ));
        }
        if self.circular > 0 && !indexes.takes_null {
            return refused(format!(
                "{rows} would exchange values of {name}: {by} looks at each row by itself, and {name} can't be NULL meanwhile"
            ));
        }
        None
    }

    /// The same as an error of a rule.
    pub(crate) fn check(&self, table: &Table, column: &Column) -> Result<(), RuleError> {
        self.refusal(column).map_or(Ok(()), |(reason, help)| {
            Err(RuleError::Unwritable { table: table.name.clone(), reason, help })
        })
    }

    /// Why such a change is not written in batches.
    pub(crate) fn reason_against_batches(column: &str) -> String {
        format!("values of {column}, which is unique, pass from row to row")
    }

    /// Writes the rows in their order, where an index asks for one; returns how many row versions that took.
    pub(crate) fn write(
        &self,
        session: &mut Session,
        table: &Table,
        column: &Column,
        changes: &Sql,
    ) -> Result<Option<u64>, DatabaseError> {
        if !self.is_immediate {
            return Ok(None);
        }
        let deferrable = self.indexes.deferrable_names();
        if let Some(names) = &deferrable {
            session.connection.execute_text(&format!("SET CONSTRAINTS {names} DEFERRED"))?;
        }
        let path = session.connection.role_schemas();
        let text = write_moves(table, column, changes, &self.indexes, &path);
        session.connection.execute_text(&text)?;
        if let Some(names) = &deferrable {
            session.connection.execute_text(&format!("SET CONSTRAINTS {names} IMMEDIATE"))?;
        }
        Ok(Some(self.circular))
    }
}
