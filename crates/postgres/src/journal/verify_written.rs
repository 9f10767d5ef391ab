//! Whether the table holds what was written to it: a trigger may have stored something else.

use leora_report::DatabaseError;
use leora_rule::{Sql, Table, operation, quote_identifier};

use crate::Session;
use crate::connection::Cells;
use crate::journal::{JournalKey, OF_RULE};

/// The table of this name, with its partitions.
pub(crate) const TREE: &str = "\
WITH tree AS (SELECT to_regclass($1::text)::oid AS oid UNION SELECT relid::oid FROM pg_partition_tree(to_regclass($1::text)))";

/// Enabled triggers on the table or a partition that fire on updates (bit 16 of tgtype), those of foreign keys aside.
const TRIGGERS: &str = "\
SELECT t.tgname::text FROM pg_trigger t JOIN tree ON tree.oid = t.tgrelid
 WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgtype & 16 <> 0
 ORDER BY 1 LIMIT 1";

/// A trigger on updates of the table, if there is one.
pub(crate) fn find_trigger(
    session: &mut Session,
    table: &Table,
) -> Result<Option<String>, DatabaseError> {
    let text = format!("{TREE} {TRIGGERS}");
    let triggers = session.connection.fetch_inlined(&text, &[&table.qualified()])?;
    Ok(Cells::of_first(triggers).optional())
}

/// Only triggers can make them differ, so a table without any is not read again.
pub(crate) fn verify_written(
    session: &mut Session,
    table: &Table,
    column: &str,
    run: &str,
    rule: usize,
) -> Result<(), DatabaseError> {
    let Some(trigger) = find_trigger(session, table)? else { return Ok(()) };
    let Some(target) = table.column(column) else { return Ok(()) };
    let key = JournalKey::new(table);
    let text = format!(
        "SELECT pg_catalog.count(*)::pg_catalog.text FROM \
           (SELECT pg_catalog.unnest({array}) AS key, new_value FROM leora_run.transition WHERE {OF_RULE}) AS was \
         LEFT JOIN {name} AS now ON {is_key} WHERE {differ}",
        array = key.array,
        name = table.qualified(),
        is_key = operation(&key.expression("now"), "=", "was.key"),
        differ = target.data_type.differ(
            &format!("now.{}", quote_identifier(column)),
            &format!("was.new_value::{}", target.data_type.cast),
        ),
    );
    let parameters = vec![Some(run.to_owned()), Some(rule.to_string())];
    match Cells::of_first(session.connection.fetch(&Sql { text, parameters })?).number() {
        0 => Ok(()),
        rows => Err(DatabaseError::Inconsistent {
            message: format!(
                "{}.{column}: {rows} rows hold another value than the one written",
                table.name
            ),
            help: format!(
                "look at the trigger {trigger} of {}; disable it for the run, or set {column} another way",
                table.name
            ),
        }),
    }
}
