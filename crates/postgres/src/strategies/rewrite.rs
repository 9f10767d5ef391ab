//! The strategy `rewrite`: the table is written anew with the new values in it, by one ALTER of the column's type to
//! the type that it has. The indexes are built once, after the rows; everybody else waits.

use leora_report::DatabaseError;
use leora_rule::{Sql, Table, inline_parameters, quote_identifier};

use crate::Session;
use crate::session::CHECK_CONSTRAINTS;
use crate::session::savepoint::{RELEASE, ROLL_BACK_TO, SAVEPOINT};

/// What an ALTER of its type takes from a column: the type with its length, another collation than the type's, and
/// another storage or compression.
const COLUMN: &str = "\
SELECT format_type(a.atttypid, a.atttypmod)
       || coalesce((SELECT format(' COLLATE %I.%I', n.nspname, o.collname) FROM pg_collation o
                      JOIN pg_namespace n ON n.oid = o.collnamespace
                     WHERE o.oid = a.attcollation AND a.attcollation <> t.typcollation), ''),
       CASE WHEN a.attstorage <> t.typstorage THEN
         CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'x' THEN 'EXTENDED' ELSE 'MAIN' END END,
       CASE to_jsonb(a) ->> 'attcompression' WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END
  FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
 WHERE a.attrelid = to_regclass($1::text) AND a.attname = $2::text";

/// Those of the columns that are still there: a later SQL file may have taken them away.
const STILL_THERE: &str = "\
SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute \
 WHERE attrelid = to_regclass($1::text) AND attname = ANY (ARRAY(SELECT json_array_elements_text($2::text::json)))";

/// What writing a table anew came to.
pub(crate) enum Rewritten {
    /// It is written.
    Done,
    /// There was no room for a second copy; nothing is written.
    NoRoom(String),
}

/// Writes the rule's value into every row of a table that the transaction holds for itself.
pub(crate) fn write(
    session: &mut Session,
    column: &str,
    table: &Table,
    value: &Sql,
) -> Result<Rewritten, DatabaseError> {
    let text = statement(session, column, table, value)?;
    match session.connection.execute_text(&format!("{SAVEPOINT}; {text}; {RELEASE}")) {
        Ok(()) => {}
        Err(error) if error.code() == Some("53100") => {
            session.connection.execute_text(ROLL_BACK_TO)?;
            return Ok(Rewritten::NoRoom(error.to_string()));
        }
        Err(error) => return Err(error),
    }
    // Its statistics went with its old values, and no count of changed rows calls for new ones.
    session.pending.unanalyzed.entry(table.qualified()).or_default().insert(column.to_owned());
    Ok(Rewritten::Done)
}

/// Takes new statistics of the columns that this transaction has written anew, each table once.
pub(crate) fn analyze(session: &mut Session) -> Result<(), DatabaseError> {
    for (table, columns) in std::mem::take(&mut session.pending.unanalyzed) {
        let parameters = vec![Some(table.clone()), Some(serde_json::json!(columns).to_string())];
        let found =
            session.connection.fetch_inlined(&Sql { text: STILL_THERE.to_owned(), parameters })?;
        if let Some(Some(columns)) = found.into_iter().flatten().next() {
            session.connection.execute_text(&format!("ANALYZE {table} ({columns})"))?;
        }
    }
    Ok(())
}

fn statement(
    session: &mut Session,
    column: &str,
    table: &Table,
    value: &Sql,
) -> Result<String, DatabaseError> {
    let parameters = vec![Some(table.qualified()), Some(column.to_owned())];
    // An ALTER refuses a table with triggers that are still to fire.
    let text = format!("{CHECK_CONSTRAINTS}; {COLUMN}");
    let about = session.connection.fetch_inlined(&Sql { text, parameters })?;
    let [of_type, storage, compression] =
        about.into_iter().next().and_then(|row| row.try_into().ok()).unwrap_or_default();
    let value = inline_parameters(value);
    let column = quote_identifier(column);
    let alter = |what: &str, to: Option<String>| {
        to.map(|to| format!(", ALTER COLUMN {column} SET {what} {to}")).unwrap_or_default()
    };
    Ok(format!(
        "ALTER TABLE {} ALTER COLUMN {column} TYPE {} USING {value}{}{}",
        table.qualified(),
        of_type.unwrap_or_default(),
        alter("STORAGE", storage),
        alter("COMPRESSION", compression),
    ))
}
