//! `query`: a script's own SELECT, kept from writing by the server.

use leora_report::DatabaseError;
use leora_rule::{Sql, SqlToken, Value, lex};

use crate::query_row::row_of_object;
use crate::session::savepoint::READ_ONLY;
use crate::{ReadLimits, Reader, Session};

impl Reader<'_> {
    /// Runs one SELECT of a script, read-only, within the session's [`ReadLimits`]. A text stays text, also a date.
    ///
    /// # Errors
    /// [`DatabaseError::QueryNotAllowed`] for a function that the text alone does not show; else of the server, also when the statement would write.
    pub fn query(
        &mut self,
        sql: &str,
        parameters: &[Value],
    ) -> Result<Vec<Vec<(String, Value)>>, DatabaseError> {
        self.refuse_hidden_functions(sql)?;
        let ReadLimits { bytes, query_rows, query_time } = self.session.read_limits;
        // As a subquery it can be nothing but a SELECT: a WITH that writes must stand at the top.
        // A line longer than all that may be read is not even sent.
        let text = format!(
            "SELECT CASE WHEN octet_length(line) <= {bytes} THEN line END FROM \
             (SELECT row_to_json(answer)::text AS line FROM (\n{sql}\n) AS answer LIMIT {}) AS lines",
            query_rows + 1
        );
        let sql = Sql { text, parameters: parameters.iter().map(Value::to_sql_text).collect() };
        // A trigger may have changed how the server reads strings, and the text was judged as the standard has them.
        let settings = format!(
            "{READ_ONLY}; SET LOCAL standard_conforming_strings = on; SET LOCAL statement_timeout = {}",
            query_time.as_millis()
        );
        let read = |session: &mut Session| session.connection.fetch_within(&sql, bytes);
        let too_much = |limit, most: String| DatabaseError::ReadLimitReached { limit, most };
        let rows =
            self.session.without_effects_under(&settings, read).map_err(|error| match error {
                DatabaseError::Server(server) if server.code == "57014" => {
                    too_much("query_time", format!("{} s", query_time.as_secs()))
                }
                other => other,
            })?;
        if rows.len() as u64 > query_rows {
            return Err(too_much("query_rows", query_rows.to_string()));
        }
        if rows.iter().any(|row| row[0].is_none()) {
            return Err(too_much("read_bytes", bytes.to_string()));
        }
        Ok(rows.iter().map(|row| row_of_object(row[0].as_deref().unwrap_or("{}"))).collect())
    }
}

/// Functions of one argument, a row: `c.name` calls the one of that name where the row has no such column.
const ROW_FUNCTIONS: &str = "\
SELECT p.proname::text FROM pg_proc p JOIN pg_type t ON t.oid = p.proargtypes[0]
 WHERE p.pronargs > 0 AND p.pronargs - p.pronargdefaults <= 1 AND t.typtype = 'c'
   AND p.proname = ANY (ARRAY(SELECT json_array_elements_text($1::text::json))) ORDER BY 1 LIMIT 1";

/// Functions of the database's own with the name of one of the server's, but for those of extensions: the types of
/// the arguments decide which is called.
const SHADOWS: &str = "\
SELECT p.proname::text FROM pg_proc p
 WHERE p.pronamespace IN (SELECT oid FROM pg_namespace WHERE nspname = ANY (current_schemas(false)))
   AND p.proname = ANY (ARRAY(SELECT json_array_elements_text($1::text::json)))
   AND EXISTS (SELECT FROM pg_proc s WHERE s.proname = p.proname AND s.pronamespace = 'pg_catalog'::regnamespace)
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
 ORDER BY 1 LIMIT 1";

impl Reader<'_> {
    /// Refuses a query with the name of a function that could be called as if it were a column, or in place of the
    /// server's.
    fn refuse_hidden_functions(&mut self, sql: &str) -> Result<(), DatabaseError> {
        let not_allowed = |message, help| DatabaseError::QueryNotAllowed { message, help };
        let tokens = lex(sql).map_err(|unreadable| {
            not_allowed(
                format!("a query can't use {}", unreadable.what),
                unreadable.help.to_owned(),
            )
        })?;
        let names = tokens.iter().filter_map(SqlToken::identifier);
        // In a database with a one-byte encoding, letters beyond ASCII become small too.
        let names: Vec<String> = names.flat_map(|name| [name.to_lowercase(), name]).collect();
        let names = serde_json::json!(names).to_string();
        for (functions, why) in [
            (ROW_FUNCTIONS, "takes a row, so it would be called wherever a column may stand"),
            (SHADOWS, "is the server's, and this database has another of that name"),
        ] {
            let (text, parameters) = (functions.to_owned(), vec![Some(names.clone())]);
            let found = self.session.connection.fetch(&Sql { text, parameters })?;
            if let Some(name) = found.into_iter().next().and_then(|mut row| row.remove(0)) {
                return Err(not_allowed(
                    format!("a query can't use the function {name}"),
                    format!("{name} {why}: say it in another way"),
                ));
            }
        }
        Ok(())
    }
}
