//! A key that no index keeps, of a table without a primary key: it is checked before it is trusted.

use leora_report::WriteError;
use leora_rule::{KeyBy, RuleError, Sql, Table, format_count, quote_identifier};

use crate::Session;
use crate::strategies::rewrite_obstacle::{Placing, far};

/// Whether the key that somebody named tells the rows of a table apart, at this moment of the transaction; the table's
/// rows are counted once in it. A table with parts on other servers has no other sort of key, so that those are looked
/// at here too.
pub(crate) fn trust(session: &mut Session, table: &Table, column: &str) -> Result<(), WriteError> {
    if table.key_by == KeyBy::PrimaryKey || table.key.is_empty() {
        return Ok(());
    }
    if let Some((part, placing)) = far(session, table, column)? {
        session.checked_keys.any_remote = true;
        if let Placing::Decides = placing {
            return Err(refusal(
                table,
                format!(
                    "{column} decides in which part a row is, and {part} is on another server, from where PostgreSQL moves none"
                ),
                "insert such rows where they belong and delete them where they are, in an SQL file",
            ));
        }
    }
    if session.checked_keys.tables.contains(&table.name) {
        return Ok(());
    }
    check(session, table)?;
    session.checked_keys.tables.insert(table.name.clone());
    Ok(())
}

fn check(session: &mut Session, table: &Table) -> Result<(), WriteError> {
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
    let found = session.connection.fetch(&Sql { text, parameters: vec![] })?.remove(0);
    let [absent, repeated, example] = <[Option<String>; 3]>::try_from(found).unwrap_or_default();
    let number = |text: Option<String>| text.and_then(|text| text.parse().ok()).unwrap_or(0);
    let key = format!("{}, its key by [keys],", table.key.join(", "));
    let help = "name columns that tell its rows apart, under [keys] in leora.toml";
    match (number(absent), number(repeated)) {
        (0, 0) => Ok(()),
        (0, repeated) => {
            let values = format_count(repeated, "value");
            let such = format!("such as {}", example.unwrap_or_default());
            Err(refusal(table, format!("{key} has {values} in more than one row, {such}"), help))
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
