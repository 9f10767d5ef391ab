//! `query`: a script's own SELECT, kept from writing by the server.

use super::{DatabaseError, Reader};
use crate::rule::{Sql, Value};

/// The most rows that a query may return.
const QUERY_ROWS: usize = 1_000;
/// How long a query may take at the server, in milliseconds.
const QUERY_MILLISECONDS: u32 = 10_000;

impl Reader<'_> {
    /// Runs one SELECT of a script, read-only, at most 10 s and 1,000 rows. A text stays text, also a date.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server, also when the statement would write.
    pub fn query(
        &mut self,
        sql: &str,
        parameters: &[Value],
    ) -> Result<Vec<Vec<(String, Value)>>, DatabaseError> {
        let link = &mut self.session.link;
        link.script(&format!(
            "SAVEPOINT query; SET LOCAL transaction_read_only = on; SET LOCAL statement_timeout = {QUERY_MILLISECONDS}"
        ))?;
        // As a subquery it can be nothing but a SELECT: a WITH that writes must stand at the top.
        let text = format!(
            "SELECT row_to_json(answer)::text FROM (\n{sql}\n) AS answer LIMIT {}",
            QUERY_ROWS + 1
        );
        let parameters = parameters.iter().map(Value::to_sql_text).collect();
        let rows = link.fetch(&Sql { text, parameters })?;
        // Also puts the two settings back.
        link.script("ROLLBACK TO SAVEPOINT query; RELEASE SAVEPOINT query")?;
        if rows.len() > QUERY_ROWS {
            return Err(DatabaseError::Inconsistent {
                message: format!("the query returns more than {QUERY_ROWS} rows"),
                help: "let the server aggregate them, or add LIMIT".into(),
            });
        }
        Ok(rows.iter().map(|row| object(row[0].as_deref().unwrap_or("{}"))).collect())
    }
}

/// A JSON object as column names and values.
fn object(json: &str) -> Vec<(String, Value)> {
    let parsed: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(json).unwrap_or_default();
    parsed.into_iter().map(|(name, value)| (name, scalar(value))).collect()
}

fn scalar(value: serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => Value::Bool(truth),
        serde_json::Value::String(text) => Value::Text(text),
        serde_json::Value::Number(number) => {
            let text = number.to_string();
            let decimal = || text.parse().map_or(Value::Text(text.clone()), Value::Decimal);
            number.as_i64().map_or_else(decimal, Value::Integer)
        }
        nested => Value::Text(nested.to_string()),
    }
}
