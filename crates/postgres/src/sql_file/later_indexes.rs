//! Indexes that an SQL file leaves until the rows are written: they are then built once, where they would be filled
//! with the old rows first and again with the new ones.
//!
//! The file reads `leora_run.writes`, a JSON array of the columns that rules of the folder may set, as `Table.column`.
//! It writes `leora_run.later_indexes`, a JSON array of `{"index", "table", "definition"}`.

use leora_report::{DatabaseError, DeferredIndex};
use leora_rule::{Sql, inline_parameters, quote_identifier, quote_qualified};

use crate::Session;
use crate::connection::TextRow;

const TELL: &str = "\
SELECT set_config('leora_run.writes', $1::text, true), set_config('leora_run.later_indexes', '[]', true)";

/// What the file has left.
pub(crate) const LEFT: &str = "SELECT current_setting('leora_run.later_indexes', true)";

/// The statement that tells an SQL file which columns, as `Table.column`, will be written in this transaction.
pub(crate) fn telling(columns: &[String]) -> String {
    let parameters = vec![Some(serde_json::json!(columns).to_string())];
    inline_parameters(&Sql { text: TELL.to_owned(), parameters })
}

impl Session {
    /// Takes note of what the SQL file has left, as [`LEFT`] tells it, until these columns are written.
    pub(crate) fn note_later(
        &mut self,
        left: Vec<TextRow>,
        columns: &[String],
    ) -> Result<Vec<DeferredIndex>, DatabaseError> {
        let told = left.into_iter().flatten().flatten().next().unwrap_or_default();
        let left = read(&told, columns)?;
        self.pending.later.extend(left.iter().cloned());
        Ok(left)
    }

    /// Builds the indexes that were left until the rows of this table are written, or of any table.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn build_postponed_indexes(&mut self, table: Option<&str>) -> Result<(), DatabaseError> {
        let is_due = |one: &DeferredIndex| table.is_none_or(|table| one.table == table);
        let (due, later) = std::mem::take(&mut self.pending.later).into_iter().partition(is_due);
        self.pending.later = later;
        let due: Vec<DeferredIndex> = due;
        for DeferredIndex { index, table, definition } in due {
            let name = quote_qualified(&self.target().schema, &table);
            let text =
                format!("CREATE INDEX {} ON {name} USING {definition}", quote_identifier(&index));
            // With parameters, though there are none: that way the server takes no second statement.
            let built = self.connection.execute(&Sql { text, parameters: vec![] });
            built.map_err(|error| about(&index, error))?;
        }
        Ok(())
    }
}

/// The server's error, with the index that it is about.
fn about(index: &str, error: DatabaseError) -> DatabaseError {
    match error {
        DatabaseError::Server(mut error) => {
            error.message = format!("index {index}, left for later: {}", error.message);
            error.position = None;
            DatabaseError::Server(error)
        }
        other => other,
    }
}

/// What the file says that it has left.
fn read(text: &str, columns: &[String]) -> Result<Vec<DeferredIndex>, DatabaseError> {
    let wrong = |message: String, help: &str| DatabaseError::Inconsistent {
        message: format!("the SQL file left indexes for later, {message}"),
        help: help.to_owned(),
    };
    let left: Vec<DeferredIndex> = serde_json::from_str(text).map_err(|error| {
        wrong(
            format!("and leora_run.later_indexes is no list of them: {error}"),
            "set it to a JSON array of objects with \"index\", \"table\" and \"definition\"",
        )
    })?;
    // A table alone is one that rules insert into.
    let is_written = |one: &DeferredIndex| {
        columns.iter().any(|column| column.split('.').next() == Some(&one.table))
    };
    match left.iter().find(|one| !is_written(one)) {
        None => Ok(left),
        Some(DeferredIndex { index, table, .. }) => Err(wrong(
            format!("{index} on {table}, and no rule of the folder writes {table}"),
            "leave only indexes of the tables that leora_run.writes names, and create the others in the file",
        )),
    }
}
