//! Indexes that an SQL file defers until the rows are written: they are then built once, where they would be filled with
//! the old rows first and again with the new ones.
//!
//! The file reads `leora_run.writes`, a JSON array of the columns that rules of the folder may set, as `Table.column`.
//! It writes `leora_run.later_indexes`, a JSON array of `{"index", "table", "definition"}`.

use leora_report::{DatabaseError, DeferredIndex};
use leora_rule::{Sql, inline_parameters, quote_identifier, quote_qualified};

use crate::Session;
use crate::connection::{Cells, TextRow};

const ANNOUNCE: &str = "\
SELECT set_config('leora_run.writes', $1::text, true), set_config('leora_run.later_indexes', '[]', true)";

/// None where the file has reset all settings.
pub(crate) const DEFERRED: &str =
    "SELECT coalesce(nullif(current_setting('leora_run.later_indexes', true), ''), '[]')";

pub(crate) fn announce_writes(columns: &[String]) -> String {
    let parameters = vec![Some(serde_json::json!(columns).to_string())];
    inline_parameters(&Sql { text: ANNOUNCE.to_owned(), parameters })
}

impl Session {
    /// `deferred` are the rows of [`DEFERRED`].
    pub(crate) fn defer_indexes(
        &mut self,
        deferred: Vec<TextRow>,
        columns: &[String],
    ) -> Result<Vec<DeferredIndex>, DatabaseError> {
        let indexes = parse_deferred(&Cells::of_first(deferred).text(), columns)?;
        self.pending.indexes.extend(indexes.iter().cloned());
        Ok(indexes)
    }

    /// Builds the indexes that were deferred until the rows of this table are written, or of any table.
    pub fn build_deferred_indexes(&mut self, table: Option<&str>) -> Result<(), DatabaseError> {
        let is_due = |one: &DeferredIndex| table.is_none_or(|table| one.table == table);
        let (due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.pending.indexes).into_iter().partition(is_due);
        self.pending.indexes = later;
        for DeferredIndex { index, table, definition } in due {
            let name = quote_qualified(&self.target().schema, &table);
            let text =
                format!("CREATE INDEX {} ON {name} USING {definition}", quote_identifier(&index));
            // As a statement with parameters, though there are none: so the server accepts no second statement in it.
            let built = self.connection.execute(&Sql { text, parameters: vec![] });
            built.map_err(|error| about_index(&index, error))?;
        }
        Ok(())
    }
}

fn about_index(index: &str, error: DatabaseError) -> DatabaseError {
    match error {
        DatabaseError::Server(mut error) => {
            error.message = format!("index {index}, left for later: {}", error.message);
            error.position = None;
            DatabaseError::Server(error)
        }
        other => other,
    }
}

/// All of them must be on tables that the folder writes.
fn parse_deferred(text: &str, columns: &[String]) -> Result<Vec<DeferredIndex>, DatabaseError> {
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

#[cfg(test)]
mod tests {
    use super::parse_deferred;

    const INDEX: &str = r#"[{"index": "i", "table": "Item", "definition": "btree (note)"}]"#;

    fn parse(text: &str, column: &str) -> Result<usize, String> {
        parse_deferred(text, &[column.to_owned()])
            .map(|indexes| indexes.len())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn an_index_waits_for_a_table_that_the_folder_writes() {
        assert_eq!(parse("[]", "Item.note"), Ok(0));
        assert_eq!(parse(INDEX, "Item.note"), Ok(1));
        assert_eq!(parse(INDEX, "Item"), Ok(1), "a table alone is one that rules insert into");
        assert!(
            parse(INDEX, "Items.note")
                .is_err_and(|error| error.contains("no rule of the folder writes Item"))
        );
    }

    #[test]
    fn anything_but_a_list_of_indexes_is_an_error() {
        assert!(parse("i", "Item.note").is_err_and(|error| error.contains("is no list of them")));
        assert!(parse(r#"[{"index": "i"}]"#, "Item.note").is_err());
    }
}
