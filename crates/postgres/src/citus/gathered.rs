//! Rows of shards in a temporary table on the coordinator.

use leora_report::DatabaseError;
use leora_rule::{Sql, inline_parameters, quote_identifier};

use crate::Session;

/// A temporary table, until the end of the transaction.
pub(crate) struct Gathered {
    /// Its name in statements.
    pub(crate) name: String,
}

impl Gathered {
    /// Creates it from the rows of a statement; `purpose` tells it apart from others of the transaction.
    pub(crate) fn create(
        session: &mut Session,
        purpose: &str,
        rows: &Sql,
    ) -> Result<Self, DatabaseError> {
        let name = format!("pg_temp.{}", quote_identifier(&format!("leora_run {purpose}")));
        let rows = inline_parameters(rows);
        session
            .connection
            .execute_text(&format!("CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS {rows}"))?;
        Ok(Self { name })
    }

    /// Its rows, as a statement.
    pub(crate) fn rows(&self) -> Sql {
        Sql { text: format!("SELECT * FROM {}", self.name), parameters: vec![] }
    }

    pub(crate) fn drop(self, session: &mut Session) -> Result<(), DatabaseError> {
        session.connection.execute_text(&format!("DROP TABLE {}", self.name))
    }
}
