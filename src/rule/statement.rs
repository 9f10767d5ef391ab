//! The statements that a rule becomes.

use jiff::civil::Date;

use super::typing::column;
use super::{Kind, Rule, RuleError, Source, Sql, SqlBuilder, quote_identifier};

/// The statements of one rule on one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleStatements {
    /// What the rule would do, as [`preview`] tells it. It writes nothing.
    pub preview: Sql,
    /// The rows that change: the key columns under their own names, then `old_value` and `new_value`.
    pub changes: Sql,
    /// Where in the table the rows are that change, as text.
    pub places: Sql,
    /// The UPDATE.
    pub update: Sql,
    /// The value that each row of the table then has in the column, as an expression.
    pub value: Sql,
}

impl RuleStatements {
    /// Compiles a rule for a table as it is.
    ///
    /// # Errors
    /// [`RuleError`] when the rule means nothing on this table, or may not be written to it.
    pub fn compile(rule: &Rule, source: &Source, as_of: Date) -> Result<Self, RuleError> {
        Ok(Self {
            preview: preview(rule, source, as_of)?,
            changes: changes(rule, source, as_of)?,
            places: places(rule, source, as_of)?,
            update: update(rule, source, as_of)?,
            value: value(rule, source, as_of)?,
        })
    }
}

fn check_target(rule: &Rule, source: &Source) -> Result<(), RuleError> {
    let table = &source.table;
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
            "give it a primary key, or name its key under [keys] in leora.toml",
        );
    }
    if table.key.contains(&rule.column) {
        let reason = format!("{} is part of its key", target.name);
        return unwritable(reason, "change keys in an SQL file, which nothing can undo");
    }
    if let Some(other) = &target.carries {
        let reason = format!("a foreign key would change {other} together with {}", target.name);
        return unwritable(reason, "change such a column in an SQL file, which nothing can undo");
    }
    if rule.value_columns().contains(&rule.column) {
        return Err(RuleError::ReadsItself { column: rule.column.clone() });
    }
    Ok(())
}

/// What the rule would do, by one GROUP BY: `state` (`left out`, `unmatched`, `same`, `changed`), `old` and
/// `new` as text where it is `changed`, the number of rows, and how many of them had a value.
///
/// # Errors
/// [`RuleError`] when the rule means nothing on this table, or may not be written to it.
pub fn preview(rule: &Rule, source: &Source, as_of: Date) -> Result<Sql, RuleError> {
    check_target(rule, source)?;
    let data_type = &column(&source.table, &rule.column)?.data_type;
    let mut sql = SqlBuilder::over(source, as_of);
    let taken = sql.filter(rule.filter.as_ref())?;
    let (matched, outcome) = (sql.matched(rule)?, sql.outcome(rule)?);
    let target = quote_identifier(&rule.column);
    let told = |value: &str| data_type.grouped_text(value);
    let text = format!(
        "SELECT state, {old}, {new}, count(*)::text, (count(*) FILTER (WHERE valued))::text FROM (\
           SELECT state, valued, CASE state WHEN 'changed' THEN old_value END AS old_value, \
                  CASE state WHEN 'changed' THEN new_value END AS new_value FROM (\
             SELECT CASE WHEN ({taken}) IS NOT TRUE THEN 'left out' WHEN NOT {matched} THEN 'unmatched' \
                    WHEN {target} IS NOT DISTINCT FROM ({outcome}) THEN 'same' ELSE 'changed' END AS state, \
                    {target} IS NOT NULL AS valued, {target} AS old_value, {outcome} AS new_value \
             FROM {source} AS rows) AS judged) AS counted \
         GROUP BY state, counted.old_value, counted.new_value \
         ORDER BY state, counted.old_value NULLS FIRST, counted.new_value NULLS FIRST",
        old = told("old_value"),
        new = told("new_value"),
        source = source.text(),
    );
    Ok(sql.finish(text))
}

/// A few of the rows that the rule would change, by key: the key, the old and new value, then the other
/// columns that the rule reads, all as text.
///
/// # Errors
/// [`RuleError`] when the rule means nothing on this table.
pub fn sample(
    rule: &Rule,
    source: &Source,
    columns: &[String],
    limit: u64,
    as_of: Date,
) -> Result<Sql, RuleError> {
    let mut sql = SqlBuilder::over(source, as_of);
    let taken = sql.filter(rule.filter.as_ref())?;
    let outcome = sql.outcome(rule)?;
    let target = quote_identifier(&rule.column);
    let keys: Vec<String> = source.table.key.iter().map(|name| quote_identifier(name)).collect();
    let shown = keys.iter().cloned().chain(columns.iter().map(|name| quote_identifier(name)));
    let shown: Vec<String> = shown.map(|name| format!("{name}::text")).collect();
    Ok(sql.finish(format!(
        "SELECT {target}::text, ({outcome})::text, {} FROM {} AS rows \
         WHERE {taken} AND {target} IS DISTINCT FROM ({outcome}) ORDER BY {} LIMIT {limit}",
        shown.join(", "),
        source.text(),
        keys.iter().map(|key| format!("rows.{key}")).collect::<Vec<_>>().join(", "),
    )))
}

fn changes(rule: &Rule, source: &Source, as_of: Date) -> Result<Sql, RuleError> {
    let mut sql = SqlBuilder::over(source, as_of);
    let taken = sql.filter(rule.filter.as_ref())?;
    let outcome = sql.outcome(rule)?;
    let target = quote_identifier(&rule.column);
    let keys: Vec<String> = source.table.key.iter().map(|name| quote_identifier(name)).collect();
    let text = format!(
        "SELECT {}, {target} AS old_value, {outcome} AS new_value FROM {} AS rows \
         WHERE {taken} AND {target} IS DISTINCT FROM ({outcome})",
        keys.join(", "),
        source.text(),
    );
    Ok(sql.finish(text))
}

fn places(rule: &Rule, source: &Source, as_of: Date) -> Result<Sql, RuleError> {
    let mut sql = SqlBuilder::over(source, as_of);
    let taken = sql.filter(rule.filter.as_ref())?;
    let outcome = sql.outcome(rule)?;
    let target = quote_identifier(&rule.column);
    Ok(sql.finish(format!(
        "SELECT rows.ctid::text FROM {} AS rows WHERE {taken} AND {target} IS DISTINCT FROM ({outcome})",
        source.text(),
    )))
}

fn update(rule: &Rule, source: &Source, as_of: Date) -> Result<Sql, RuleError> {
    let mut sql = SqlBuilder::over(source, as_of);
    let taken = sql.filter(rule.filter.as_ref())?;
    let outcome = sql.outcome(rule)?;
    let target = quote_identifier(&rule.column);
    let text = format!(
        "UPDATE {} SET {target} = {outcome} WHERE {taken} AND {target} IS DISTINCT FROM ({outcome})",
        source.table.qualified(),
    );
    Ok(sql.finish(text))
}

fn value(rule: &Rule, source: &Source, as_of: Date) -> Result<Sql, RuleError> {
    let mut sql = SqlBuilder::over(source, as_of);
    let taken = sql.filter(rule.filter.as_ref())?;
    let outcome = sql.outcome(rule)?;
    let target = quote_identifier(&rule.column);
    // A row that has an equal value keeps its own, such as 1.50 where the rule says 1.5.
    let changes = match column(&source.table, &rule.column)?.data_type.kind {
        Kind::Enum { .. } | Kind::Bool | Kind::Integer { .. } | Kind::Uuid | Kind::Date => taken,
        _ => format!("{taken} AND {target} IS DISTINCT FROM ({outcome})"),
    };
    Ok(sql.finish(format!("CASE WHEN {changes} THEN {outcome} ELSE {target} END")))
}
