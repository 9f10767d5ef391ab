//! The strategy `rewrite`: the table is rewritten with the new values in it, by one ALTER of the columns' types to the
//! types that they have. The indexes are built once, after the rows; everybody else waits.

use leora_report::DatabaseError;
use leora_rule::{Sql, Table, inline_parameters, quote_identifier};

use crate::Session;
use crate::connection::own_statements::Statement;
use crate::connection::{Cells, TextRow};
use crate::session::CHECK_CONSTRAINTS;
use crate::session::savepoint::{RELEASE, ROLL_BACK_TO, SAVEPOINT};

/// What a column loses by an ALTER of its type: the type with its schema and length, another collation than the type's, and
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

/// Gives the statistics that are made anew back to their owners: before the minor releases of August 2026 they become this
/// role's.
const STATISTICS_OWNERS: &str = "\
SELECT string_agg(format('; ALTER STATISTICS %I.%I OWNER TO %I', n.nspname, s.stxname, o.rolname), '')
  FROM pg_depend d JOIN pg_statistic_ext s ON s.oid = d.objid JOIN pg_namespace n ON n.oid = s.stxnamespace
  JOIN pg_roles o ON o.oid = s.stxowner JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
 WHERE d.classid = 'pg_statistic_ext'::regclass AND d.refclassid = 'pg_class'::regclass
   AND d.refobjid = to_regclass($1::text) AND a.attname = $2::text AND o.rolname <> current_user";

/// Those of the columns that still exist: a later SQL file may have dropped them. None where the whole table has to be
/// analyzed: the statistics over several columns, and those of indexes over expressions, come only with it.
const COLUMNS_TO_ANALYZE: &str = "\
SELECT (to_regclass($1::text) IS NOT NULL)::text,
       CASE WHEN NOT EXISTS (SELECT FROM pg_statistic_ext WHERE stxrelid = to_regclass($1::text))
             AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = to_regclass($1::text) AND indexprs IS NOT NULL)
       THEN (SELECT format(' (%s)', string_agg(quote_ident(attname), ', ' ORDER BY attnum)) FROM pg_attribute
              WHERE attrelid = to_regclass($1::text) AND NOT attisdropped
                AND attname = ANY (ARRAY(SELECT json_array_elements_text($2::text::json))) HAVING count(*) > 0) END";

pub(crate) enum Rewritten {
    Done,
    /// There was no room for a second copy; nothing is written.
    NoRoom(String),
}

/// Every row gets the values of these columns, and the transaction has locked the table for itself.
pub(crate) fn write(
    session: &mut Session,
    columns: &[(String, Sql)],
    table: &Table,
) -> Result<Rewritten, DatabaseError> {
    let text = statement(session, columns, table)?;
    match alter(session, &text, table) {
        Ok(()) => {}
        Err(error) if error.code() == Some("53100") => {
            session.connection.execute_text(ROLL_BACK_TO)?;
            return Ok(Rewritten::NoRoom(error.to_string()));
        }
        Err(error) => return Err(error),
    }
    // Its statistics went with its old values, and no count of changed rows calls for new ones.
    let names = columns.iter().map(|(column, _)| column.clone());
    session.pending.unanalyzed.entry(table.qualified()).or_default().extend(names);
    Ok(Rewritten::Done)
}

/// In one message where that is possible: Citus takes an ALTER only by itself.
fn alter(session: &mut Session, text: &str, table: &Table) -> Result<(), DatabaseError> {
    match table.placement.is_citus() {
        true => [SAVEPOINT, text, RELEASE]
            .into_iter()
            .try_for_each(|text| session.connection.execute_text(text)),
        false => session.connection.execute_text(&format!("{SAVEPOINT}; {text}; {RELEASE}")),
    }
}

pub(crate) fn analyze(session: &mut Session) -> Result<(), DatabaseError> {
    for (table, columns) in std::mem::take(&mut session.pending.unanalyzed) {
        let names = serde_json::json!(columns).to_string();
        let rows = session.connection.fetch_inlined(COLUMNS_TO_ANALYZE, &[&table, &names])?;
        let mut cells = Cells::of_first(rows);
        if cells.flag() {
            // Citus analyzes whole tables.
            let columns = cells.optional().filter(|_| !session.has_citus).unwrap_or_default();
            session.connection.execute_text(&format!("ANALYZE {table}{columns}"))?;
        }
    }
    Ok(())
}

fn statement(
    session: &mut Session,
    columns: &[(String, Sql)],
    table: &Table,
) -> Result<String, DatabaseError> {
    let facts: Vec<String> = columns
        .iter()
        .flat_map(|(column, _)| {
            let parameters = vec![Some(table.qualified()), Some(column.clone())];
            [COLUMN, STATISTICS_OWNERS].map(|text| {
                let parameters = parameters.clone();
                inline_parameters(&Sql { text: text.to_owned(), parameters })
            })
        })
        .collect();
    // An ALTER refuses a table with trigger events that are still pending.
    let mut all = vec![Statement::AsRole(CHECK_CONSTRAINTS)];
    all.extend(facts.iter().map(|text| Statement::Own(text)));
    let mut rows = session.connection.fetch_each(&all)?.into_iter().skip(1);
    let (mut actions, mut owners) = (Vec::new(), Vec::new());
    for (column, value) in columns {
        actions.push(alter_column(column, rows.next().unwrap_or_default(), value));
        owners.extend(Cells::of_first(rows.next().unwrap_or_default()).optional());
    }
    // Statistics over several of the columns are named for each of them.
    owners.dedup();
    Ok(format!("ALTER TABLE {} {}{}", table.qualified(), actions.join(", "), owners.concat()))
}

/// `facts` are those of [`COLUMN`].
fn alter_column(column: &str, facts: Vec<TextRow>, value: &Sql) -> String {
    let mut cells = Cells::of_first(facts);
    let (data_type, storage, compression) = (cells.text(), cells.optional(), cells.optional());
    let value = inline_parameters(value);
    let column = quote_identifier(column);
    let alter = |what: &str, to: Option<String>| {
        to.map(|to| format!(", ALTER COLUMN {column} SET {what} {to}")).unwrap_or_default()
    };
    format!(
        "ALTER COLUMN {column} TYPE {data_type} USING {value}{}{}",
        alter("STORAGE", storage),
        alter("COMPRESSION", compression),
    )
}
