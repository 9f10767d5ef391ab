//! Compiles the reads of scripts, and the inserts and deletes of rolled-back folders.

use jiff::civil::Date;

use crate::sql::table::{AS_TEXT, column_list};
use crate::{Expr, Relation, RuleError, Sql, SqlBuilder, Value, quote_identifier};

/// Counts the rows that the filter takes.
///
/// # Errors
/// [`RuleError`] when the filter means nothing on this table.
pub fn compile_count(
    source: &Relation,
    taken: Option<&Expr>,
    as_of: Date,
) -> Result<Sql, RuleError> {
    let mut sql = SqlBuilder::new(source, as_of);
    let condition = sql.filter(taken)?;
    Ok(sql.finish(format!(
        "SELECT pg_catalog.count(*)::pg_catalog.text FROM {} AS rows WHERE {condition}",
        source.text()
    )))
}

/// The first of the values of a list that no row has in a column, as texts, each beside the number of all of these.
///
/// # Errors
/// [`RuleError`] when there is no such column.
pub fn compile_unmatched(
    source: &Relation,
    column: &str,
    values: &[&Value],
    limit: u64,
    as_of: Date,
) -> Result<Sql, RuleError> {
    let mut sql = SqlBuilder::new(source, as_of);
    let column = source.table.require_column(column)?;
    let cast = &column.data_type.base.cast;
    let keys = sql.bind_array(values.iter().map(|value| value.to_sql_text()), cast);
    let same = column.data_type.operation(&quote_identifier(&column.name), "=", "keys.key");
    Ok(sql.finish(format!(
        "SELECT keys.key{AS_TEXT}, (pg_catalog.count(*) OVER ()){AS_TEXT} \
         FROM pg_catalog.unnest({keys}) WITH ORDINALITY AS keys (key, place) \
         WHERE NOT EXISTS (SELECT FROM {} AS rows WHERE {same}) ORDER BY place LIMIT {limit}",
        source.text()
    )))
}

/// Counts the rows by the value of a column (`value`, `rows`), in the column's own order, NULL last;
/// with `group`, by that column first (`group`, `value`, `rows`).
///
/// # Errors
/// [`RuleError`] when a column or the filter means nothing on this table.
pub fn compile_distribution(
    source: &Relation,
    taken: Option<&Expr>,
    group: Option<&str>,
    by: &str,
    as_of: Date,
) -> Result<Sql, RuleError> {
    let mut sql = SqlBuilder::new(source, as_of);
    let condition = sql.filter(taken)?;
    let names: Vec<&str> = group.into_iter().chain([by]).collect();
    let (mut keys, mut texts) = (Vec::new(), Vec::new());
    for name in names {
        let found = source.table.require_column(name)?;
        let quoted = quote_identifier(&found.name);
        texts.push(found.data_type.grouped_text(&quoted));
        // Qualified, or it would name the text in the SELECT list, and sort enums by the alphabet.
        keys.push(found.data_type.group_key(&format!("counted.{quoted}")));
    }
    let order: Vec<String> = keys.iter().map(|key| format!("{key} NULLS LAST")).collect();
    let (source, keys) = (source.text(), keys.join(", "));
    Ok(sql.finish(format!(
        "SELECT {}, pg_catalog.count(*)::pg_catalog.text FROM {source} AS counted WHERE {condition} GROUP BY {keys} ORDER BY {}",
        texts.join(", "),
        order.join(", "),
    )))
}

/// Reads rows as text, ordered by the table's key.
///
/// # Errors
/// [`RuleError`] when a column or the filter means nothing on this table.
pub fn compile_rows(
    source: &Relation,
    taken: Option<&Expr>,
    columns: &[String],
    limit: u64,
    as_of: Date,
) -> Result<Sql, RuleError> {
    let mut sql = SqlBuilder::new(source, as_of);
    let condition = sql.filter(taken)?;
    for name in columns {
        source.table.require_column(name)?;
    }
    let shown = column_list("", columns, AS_TEXT);
    let order = match source.table.key.as_slice() {
        [] => String::new(),
        key => format!(" ORDER BY {}", column_list("shown.", key, "")),
    };
    let source = source.text();
    let text =
        format!("SELECT {shown} FROM {source} AS shown WHERE {condition}{order} LIMIT {limit}");
    Ok(sql.finish(text))
}

/// Inserts one row and returns its columns as text, in the table's order. Where Citus keeps the table, which converts nothing
/// there, they are returned as they are, and are texts only by a statement without parameters.
///
/// # Errors
/// [`RuleError`] when a column or a value means nothing on this table.
pub fn compile_insert(
    source: &Relation,
    values: &[(String, Value)],
    as_of: Date,
) -> Result<Sql, RuleError> {
    let mut sql = SqlBuilder::for_writing(source, as_of);
    let (mut names, mut places) = (Vec::new(), Vec::new());
    for (name, value) in values {
        let target = source.table.require_column(name)?;
        places.push(sql.assigned(&Expr::literal(value.clone()), target)?);
        names.push(quote_identifier(&target.name));
    }
    let cast = if source.table.placement.is_citus() { "" } else { AS_TEXT };
    let returned = column_list("", source.table.column_names(), cast);
    let columns = format!("({}) VALUES ({})", names.join(", "), places.join(", "));
    let row = if names.is_empty() { "DEFAULT VALUES".into() } else { columns };
    let table = source.table.qualified();
    Ok(sql.finish_writing(format!("INSERT INTO {table} {row} RETURNING {returned}")))
}

/// Deletes the rows that the filter takes.
///
/// # Errors
/// [`RuleError`] when the filter means nothing on this table.
pub fn compile_delete(source: &Relation, taken: &Expr, as_of: Date) -> Result<Sql, RuleError> {
    let mut sql = SqlBuilder::for_writing(source, as_of);
    let condition = sql.condition(taken)?;
    Ok(sql.finish_writing(format!("DELETE FROM {} WHERE {condition}", source.table.qualified())))
}
