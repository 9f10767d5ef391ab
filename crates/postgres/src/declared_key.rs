//! The key of a table without a primary key, declared under `[keys]`: no index enforces it, so it is checked before it is
//! relied on.

use leora_report::WriteError;
use leora_rule::{KeyBy, RuleError, Table, format_count, quote_identifier};

use crate::Session;
use crate::connection::Cells;
use crate::partitions::remote_partition;

/// Once in a transaction. Only tables with declared keys can have partitions on other servers: those are looked at too.
pub(crate) fn check(session: &mut Session, table: &Table, column: &str) -> Result<(), WriteError> {
    if table.key_by == KeyBy::PrimaryKey || table.key.is_empty() {
        return Ok(());
    }
    if let Some(partition) = remote_partition(session, table, column)? {
        session.checked_keys.any_remote = true;
        if partition.column_decides {
            return Err(refusal(
                table,
                format!(
                    "{column} decides in which part a row is, and {} is on another server, from where PostgreSQL moves none",
                    partition.name
                ),
                "insert such rows where they belong and delete them where they are, in an SQL file",
            ));
        }
    }
    if !session.checked_keys.tables.contains(&table.name) {
        check_rows(session, table)?;
        session.checked_keys.tables.insert(table.name.clone());
    }
    Ok(())
}

fn check_rows(session: &mut Session, table: &Table) -> Result<(), WriteError> {
    let columns: Vec<String> = table.key.iter().map(|name| quote_identifier(name)).collect();
    let either = |test: &str, by: &str| {
        columns.iter().map(|name| format!("{name} {test}")).collect::<Vec<_>>().join(by)
    };
    let text = format!(
        "SELECT coalesce(sum(n) FILTER (WHERE {absent}), 0)::text, (count(*) FILTER (WHERE n > 1 AND {there}))::text, \
                min(concat_ws(', ', {texts}) COLLATE \"C\") FILTER (WHERE n > 1 AND {there}) \
           FROM (SELECT {columns}, count(*) AS n FROM {name} GROUP BY {columns}) AS keys",
        absent = either("IS NULL", " OR "),
        there = either("IS NOT NULL", " AND "),
        texts = columns.iter().map(|name| format!("{name}::text")).collect::<Vec<_>>().join(", "),
        columns = columns.join(", "),
        name = table.qualified(),
    );
    let mut cells = Cells::of_first(session.connection.fetch_text(&text)?);
    let (absent, repeated) = (cells.number(), cells.number());
    let key = format!("{}, its key by [keys],", table.key.join(", "));
    let help = "name columns that tell its rows apart, under [keys] in leora.toml";
    match (absent, repeated) {
        (0, 0) => Ok(()),
        (0, repeated) => {
            let values = format_count(repeated, "value");
            let example = cells.text();
            let reason = format!("{key} has {values} in more than one row, such as {example}");
            Err(refusal(table, reason, help))
        }
        (absent, _) => {
            let rows = format_count(absent, "row");
            Err(refusal(table, format!("{key} has no value in {rows}"), help))
        }
    }
}

fn refusal(table: &Table, reason: String, help: &str) -> WriteError {
    let (table, help) = (table.name.clone(), help.to_owned());
    WriteError::Rule(RuleError::Unwritable { table, reason, help })
}
