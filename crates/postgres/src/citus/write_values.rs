//! Writing values that are gathered in a temporary table into a table that Citus keeps.

use leora_report::DatabaseError;
use leora_rule::{
    CitusLayout, Placement, Sql, Table, inline_parameters, key_name, operation, quote_identifier,
    quote_literal, quote_qualified,
};

use crate::Session;
use crate::citus::Gathered;
use crate::connection::Cells;

/// How many rows of a reference table are written by one statement, which has their keys and values in it.
const ROWS_OF_A_STATEMENT: u64 = 20_000;

/// The table of values that are written to shards. It is dropped before the transaction ends.
const STAGED: &str = "leora_run values to write";

/// A column that is written.
pub(crate) struct GivenColumn<'t> {
    /// Its name, quoted.
    pub(crate) name: String,
    /// The type of its values.
    pub(crate) cast: &'t str,
}

/// Writes values into their rows; returns how many rows. `rows` is a statement that gives the key's columns under the names of [`key_name`] and in
/// their types, then for each column, by its place from 1, `#has N`, whether it is written, and `#value N`.
pub(crate) fn write_values(
    session: &mut Session,
    table: &Table,
    columns: &[GivenColumn<'_>],
    rows: &Sql,
) -> Result<u64, DatabaseError> {
    let gathered = Gathered::create(session, "values to write", rows)?;
    let written = match table.placement {
        Placement::Citus(CitusLayout::Reference) => {
            write_as_literals(session, table, columns, &gathered)?
        }
        _ => write_from(session, table, columns, &gathered.name)?,
    };
    gathered.drop(session)?;
    Ok(written)
}

/// Citus sends the rows of a temporary table to every shard, which picks its own. Of a table that is distributed as the target
/// is, each shard gets only what it needs.
fn write_from(
    session: &mut Session,
    table: &Table,
    columns: &[GivenColumn<'_>],
    gathered: &str,
) -> Result<u64, DatabaseError> {
    let Some(key) = distribution_key(session, table)? else {
        return session.connection.execute(&update(table, columns, gathered));
    };
    let staged = quote_qualified(&table.schema, STAGED);
    let [name, like] = [&staged, &table.qualified()].map(|name| quote_literal(name));
    for text in [
        format!("CREATE TABLE {staged} AS SELECT * FROM {gathered} WITH NO DATA"),
        format!(
            "SELECT pg_catalog.create_distributed_table({name}, {key}, colocate_with := {like})"
        ),
        format!("INSERT INTO {staged} SELECT * FROM {gathered}"),
    ] {
        session.connection.execute_text(&text)?;
    }
    let written = session.connection.execute(&update(table, columns, &staged))?;
    session.connection.execute_text(&format!("DROP TABLE {staged}"))?;
    Ok(written)
}

/// The column of the staged rows by which they can be distributed, as a literal; none where the key does not have it, or where
/// this role may create no table.
fn distribution_key(session: &mut Session, table: &Table) -> Result<Option<String>, DatabaseError> {
    let Placement::Citus(CitusLayout::Distributed { by }) = &table.placement else {
        return Ok(None);
    };
    let Some(at) = table.key.iter().position(|name| name == by) else { return Ok(None) };
    let text = "SELECT has_schema_privilege($1::text, 'CREATE')::text";
    let rows = session.connection.fetch_inlined(text, &[&table.schema])?;
    let key = key_name(at + 1);
    Ok(Cells::of_first(rows).flag().then(|| quote_literal(key.trim_matches('"'))))
}

fn update(table: &Table, columns: &[GivenColumn<'_>], from: &str) -> Sql {
    let set = |(at, GivenColumn { name, .. }): (usize, &GivenColumn<'_>)| {
        let place = at + 1;
        format!(
            "{name} = CASE WHEN was.\"#has {place}\" THEN was.\"#value {place}\" ELSE target.{name} END"
        )
    };
    let is_row = |(at, name): (usize, &String)| {
        let sides =
            (format!("target.{}", quote_identifier(name)), format!("was.{}", key_name(at + 1)));
        match table.column(name) {
            Some(column) => column.data_type.operation(&sides.0, "=", &sides.1),
            None => operation(&sides.0, "=", &sides.1),
        }
    };
    let set: Vec<String> = columns.iter().enumerate().map(set).collect();
    let is_row: Vec<String> = table.key.iter().enumerate().map(is_row).collect();
    let text = format!(
        "UPDATE {} AS target SET {} FROM {from} AS was WHERE {}",
        table.qualified(),
        set.join(", "),
        is_row.join(" AND ")
    );
    Sql { text, parameters: vec![] }
}

/// A reference table is joined with no table of this server alone, so the values stand in the statements.
fn write_as_literals(
    session: &mut Session,
    table: &Table,
    columns: &[GivenColumn<'_>],
    gathered: &Gathered,
) -> Result<u64, DatabaseError> {
    let mut names: Vec<(String, String)> = Vec::new();
    for (at, name) in table.key.iter().enumerate() {
        let cast = table.column(name).map_or("pg_catalog.text", |key| &key.data_type.cast);
        names.push((key_name(at + 1), cast.to_owned()));
    }
    for (at, GivenColumn { cast, .. }) in columns.iter().enumerate() {
        let place = at + 1;
        names.push((format!("\"#has {place}\""), "boolean".into()));
        names.push((format!("\"#value {place}\""), (*cast).to_owned()));
    }
    let arrays: Vec<String> = names
        .iter()
        .map(|(name, _)| format!("pg_catalog.array_agg({name})::pg_catalog.text"))
        .collect();
    let part = operation(
        &operation("pg_catalog.row_number() OVER ()", "-", "1"),
        "/",
        &ROWS_OF_A_STATEMENT.to_string(),
    );
    let text = format!(
        "SELECT {} FROM (SELECT *, {part} AS \"#part\" FROM {}) AS parts GROUP BY \"#part\"",
        arrays.join(", "),
        gathered.name
    );
    let mut written = 0;
    for row in session.connection.fetch(&Sql { text, parameters: vec![] })? {
        let mut cells = Cells::new(row);
        let (mut parameters, mut unnested) = (Vec::new(), Vec::new());
        for (place, (_, cast)) in names.iter().enumerate() {
            parameters.push(cells.optional());
            unnested.push(format!("pg_catalog.unnest(${}::{cast}[])", place + 1));
        }
        let shown: Vec<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
        let from = format!(
            "(SELECT * FROM ROWS FROM ({}) AS given ({}))",
            unnested.join(", "),
            shown.join(", ")
        );
        let sql = Sql { text: update(table, columns, &from).text, parameters };
        written += session
            .connection
            .execute(&Sql { text: inline_parameters(&sql), parameters: vec![] })?;
    }
    Ok(written)
}
