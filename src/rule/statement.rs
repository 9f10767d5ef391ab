//! The statements that rules and reads become.

use jiff::civil::Date;

use super::typing::column;
use super::{Expr, Rule, RuleError, Sql, SqlBuilder, Table, Value, quote_identifier};

/// The statements of one rule on one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleStatements {
    /// What the rule would do: `state` (`left out`, `unmatched`, `same`, `changed`), `old`, `new` as
    /// text and the number of rows. It writes nothing.
    pub preview: Sql,
    /// The rows that change: the key columns under their own names, then `old_value` and `new_value`.
    pub changes: Sql,
    /// The UPDATE.
    pub update: Sql,
}

impl RuleStatements {
    /// Compiles a rule for a table.
    ///
    /// # Errors
    /// [`RuleError`] when the rule means nothing on this table, or may not be written to it.
    pub fn compile(rule: &Rule, table: &Table, as_of: Date) -> Result<Self, RuleError> {
        check_target(rule, table)?;
        Ok(Self {
            preview: preview(rule, table, as_of)?,
            changes: changes(rule, table, as_of)?,
            update: update(rule, table, as_of)?,
        })
    }
}

fn check_target(rule: &Rule, table: &Table) -> Result<(), RuleError> {
    let target = column(table, &rule.column)?;
    let unwritable = |reason: String, help: &str| {
        Err(RuleError::Unwritable { table: table.name.clone(), reason, help: help.into() })
    };
    if let Some(reason) = &table.unwritable {
        return unwritable(reason.clone(), "change the table that its rows come from");
    }
    if target.generated {
        let reason = format!("{} is a generated column", target.name);
        return unwritable(reason, "change the columns that it is computed from");
    }
    if table.key.is_empty() {
        return unwritable(
            "it has no primary key, so its old values could not be journalled".into(),
            "give it a primary key, or change it in an SQL file",
        );
    }
    if table.key.contains(&rule.column) {
        let reason = format!("{} is part of its primary key", target.name);
        return unwritable(reason, "change keys in an SQL file, which nothing can undo");
    }
    if rule.value_columns().contains(&rule.column) {
        return Err(RuleError::ReadsItself { column: rule.column.clone() });
    }
    Ok(())
}

fn preview(rule: &Rule, table: &Table, as_of: Date) -> Result<Sql, RuleError> {
    let mut sql = SqlBuilder::new(table, as_of);
    let taken = filter(&mut sql, rule.filter.as_ref())?;
    let (matched, outcome) = (sql.matched(rule)?, sql.outcome(rule)?);
    let target = quote_identifier(&rule.column);
    let text = format!(
        "SELECT state, old_value::text, new_value::text, count(*)::text FROM (\
           SELECT state, CASE state WHEN 'changed' THEN old_value END AS old_value, \
                  CASE state WHEN 'changed' THEN new_value END AS new_value FROM (\
             SELECT CASE WHEN ({taken}) IS NOT TRUE THEN 'left out' WHEN NOT {matched} THEN 'unmatched' \
                    WHEN {target} IS NOT DISTINCT FROM ({outcome}) THEN 'same' ELSE 'changed' END AS state, \
                    {target} AS old_value, {outcome} AS new_value FROM {table}) AS judged) AS counted \
         GROUP BY state, counted.old_value, counted.new_value \
         ORDER BY state, counted.old_value NULLS FIRST, counted.new_value NULLS FIRST",
        table = table.qualified(),
    );
    Ok(sql.finish(text))
}

fn changes(rule: &Rule, table: &Table, as_of: Date) -> Result<Sql, RuleError> {
    let mut sql = SqlBuilder::new(table, as_of);
    let taken = filter(&mut sql, rule.filter.as_ref())?;
    let outcome = sql.outcome(rule)?;
    let target = quote_identifier(&rule.column);
    let keys: Vec<String> = table.key.iter().map(|name| quote_identifier(name)).collect();
    let text = format!(
        "SELECT {}, {target} AS old_value, {outcome} AS new_value FROM {} \
         WHERE {taken} AND {target} IS DISTINCT FROM ({outcome})",
        keys.join(", "),
        table.qualified(),
    );
    Ok(sql.finish(text))
}

fn update(rule: &Rule, table: &Table, as_of: Date) -> Result<Sql, RuleError> {
    let mut sql = SqlBuilder::new(table, as_of);
    let taken = filter(&mut sql, rule.filter.as_ref())?;
    let outcome = sql.outcome(rule)?;
    let target = quote_identifier(&rule.column);
    let text = format!(
        "UPDATE {} SET {target} = {outcome} WHERE {taken} AND {target} IS DISTINCT FROM ({outcome})",
        table.qualified(),
    );
    Ok(sql.finish(text))
}

fn filter(sql: &mut SqlBuilder<'_>, filter: Option<&Expr>) -> Result<String, RuleError> {
    filter.map_or_else(|| Ok("true".into()), |expr| sql.condition(expr))
}

/// Counts the rows that the filter takes.
///
/// # Errors
/// [`RuleError`] when the filter means nothing on this table.
pub fn count(table: &Table, taken: Option<&Expr>, as_of: Date) -> Result<Sql, RuleError> {
    let mut sql = SqlBuilder::new(table, as_of);
    let condition = filter(&mut sql, taken)?;
    Ok(sql.finish(format!("SELECT count(*)::text FROM {} WHERE {condition}", table.qualified())))
}

/// Counts the rows by the value of a column (`value`, `rows`), in the column's own order, NULL last;
/// with `group`, by that column first (`group`, `value`, `rows`).
///
/// # Errors
/// [`RuleError`] when a column or the filter means nothing on this table.
pub fn distribution(
    table: &Table,
    taken: Option<&Expr>,
    group: Option<&str>,
    by: &str,
    as_of: Date,
) -> Result<Sql, RuleError> {
    let mut sql = SqlBuilder::new(table, as_of);
    let condition = filter(&mut sql, taken)?;
    let names: Vec<&str> = group.into_iter().chain([by]).collect();
    let mut columns = Vec::new();
    for name in names {
        columns.push(quote_identifier(&column(table, name)?.name));
    }
    let texts: Vec<String> = columns.iter().map(|name| format!("{name}::text")).collect();
    // Qualified, or it would mean the text beside it, and sort enums by the alphabet.
    let order: Vec<String> =
        columns.iter().map(|name| format!("counted.{name} NULLS LAST")).collect();
    let (source, columns) = (table.qualified(), columns.join(", "));
    Ok(sql.finish(format!(
        "SELECT {}, count(*)::text FROM {source} AS counted WHERE {condition} GROUP BY {columns} ORDER BY {}",
        texts.join(", "),
        order.join(", "),
    )))
}

/// Reads rows as text, ordered by the table's key.
///
/// # Errors
/// [`RuleError`] when a column or the filter means nothing on this table.
pub fn rows(
    table: &Table,
    taken: Option<&Expr>,
    columns: &[String],
    limit: u64,
    as_of: Date,
) -> Result<Sql, RuleError> {
    let mut sql = SqlBuilder::new(table, as_of);
    let condition = filter(&mut sql, taken)?;
    let mut shown = Vec::new();
    for name in columns {
        shown.push(format!("{}::text", quote_identifier(&column(table, name)?.name)));
    }
    let keys: Vec<String> =
        table.key.iter().map(|name| format!("shown.{}", quote_identifier(name))).collect();
    let order =
        if keys.is_empty() { String::new() } else { format!(" ORDER BY {}", keys.join(", ")) };
    Ok(sql.finish(format!(
        "SELECT {} FROM {} AS shown WHERE {condition}{order} LIMIT {limit}",
        shown.join(", "),
        table.qualified(),
    )))
}

/// Inserts one row and returns its columns as text, in the table's order.
///
/// # Errors
/// [`RuleError`] when a column or a value means nothing on this table.
pub fn insert(table: &Table, values: &[(String, Value)], as_of: Date) -> Result<Sql, RuleError> {
    let mut sql = SqlBuilder::new(table, as_of);
    let (mut names, mut places) = (Vec::new(), Vec::new());
    for (name, value) in values {
        let target = column(table, name)?;
        places.push(sql.assigned(&Expr::literal(value.clone()), target)?);
        names.push(quote_identifier(&target.name));
    }
    let returned: Vec<String> =
        table.column_names().map(|name| format!("{}::text", quote_identifier(name))).collect();
    let columns = format!("({}) VALUES ({})", names.join(", "), places.join(", "));
    let row = if names.is_empty() { "DEFAULT VALUES".into() } else { columns };
    let text = format!("INSERT INTO {} {row} RETURNING {}", table.qualified(), returned.join(", "));
    Ok(sql.finish(text))
}

/// Deletes the rows that the filter takes.
///
/// # Errors
/// [`RuleError`] when the filter means nothing on this table.
pub fn delete(table: &Table, taken: &Expr, as_of: Date) -> Result<Sql, RuleError> {
    let mut sql = SqlBuilder::new(table, as_of);
    let condition = sql.condition(taken)?;
    Ok(sql.finish(format!("DELETE FROM {} WHERE {condition}", table.qualified())))
}
