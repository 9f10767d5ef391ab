//! Whether the table holds what was written to it: a trigger may have put something else there.

use leora_report::DatabaseError;
use leora_rule::{Sql, Table, quote_identifier};

use crate::Session;
use crate::journal::Key;

/// Enabled triggers on the table that hear of updates (bit 16 of tgtype), foreign keys' own aside.
const TRIGGERS: &str = "\
SELECT t.tgname::text FROM pg_trigger t
 WHERE t.tgrelid = to_regclass($1::text) AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgtype & 16 <> 0
 ORDER BY 1 LIMIT 1";

/// Compares the rows that a rule of this run has written with its journal. Only triggers can make them differ, so a
/// table without any is not read again.
pub(crate) fn check(
    session: &mut Session,
    table: &Table,
    column: &str,
    (run, place): (&str, usize),
) -> Result<(), DatabaseError> {
    let about = Sql { text: TRIGGERS.to_owned(), parameters: vec![Some(table.qualified())] };
    let triggers = session.connection.fetch_inlined(&about)?;
    let Some(trigger) = triggers.into_iter().next().and_then(|mut row| row.remove(0)) else {
        return Ok(());
    };
    let Some(target) = table.column(column) else { return Ok(()) };
    let key = Key::of(table);
    let text = format!(
        "SELECT count(*)::text FROM (SELECT unnest({array}) AS key, new_value FROM leora_run.transition \
           WHERE run = $1::text::uuid AND rule = $2::text::integer) AS was \
         LEFT JOIN {name} AS now ON {expression} = was.key \
         WHERE now.{column} IS DISTINCT FROM was.new_value::{cast}",
        array = key.array,
        name = table.qualified(),
        expression = key.expression_of("now"),
        column = quote_identifier(column),
        cast = target.data_type.cast,
    );
    let parameters = vec![Some(run.to_owned()), Some(place.to_string())];
    let rows = session.connection.fetch(&Sql { text, parameters })?;
    match rows[0][0].as_deref() {
        Some("0") => Ok(()),
        other => Err(DatabaseError::Inconsistent {
            message: format!(
                "{}.{column}: {} rows hold another value than the one written",
                table.name,
                other.unwrap_or("some")
            ),
            help: format!(
                "look at the trigger {trigger} of {}; disable it for the run, or set {column} another way",
                table.name
            ),
        }),
    }
}
