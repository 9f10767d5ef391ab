//! The statements that a rule becomes.

use jiff::civil::Date;

use crate::model::typing::column;
use crate::{Kind, Relation, Rule, RuleError, Sql, SqlBuilder, quote_identifier};

/// The statements of one rule on one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleStatements {
    /// What the rule would do, as [`preview`] tells it. It writes nothing.
    pub preview: Sql,
    /// Every row: the key columns under their own names, then what [`preview`] counts of it: `#state` ([`CHANGED`] and
    /// so on), `#valued`, `#old` and `#new`.
    pub judged: Sql,
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
    pub fn compile(rule: &Rule, source: &Relation, as_of: Date) -> Result<Self, RuleError> {
        Ok(Self {
            preview: preview(rule, source, as_of)?,
            judged: judged(rule, source, &source.table.key, ONCE, as_of)?,
            changes: changes(rule, source, as_of)?,
            places: places(rule, source, as_of)?,
            update: update(rule, source, as_of)?,
            value: value(rule, source, as_of)?,
        })
    }
}

fn check_target(rule: &Rule, source: &Relation) -> Result<(), RuleError> {
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

/// What becomes of a row, as statements tell it: `where` left it out, ...
pub const LEFT_OUT: u8 = 0;
/// ... no arm matched it, ...
pub const UNMATCHED: u8 = 1;
/// ... it had the value already, ...
pub const SAME: u8 = 2;
/// ... or it changes. Numbers, since every row is counted by them.
pub const CHANGED: u8 = 3;

/// What the rule would do, by one GROUP BY: what becomes of rows ([`CHANGED`] and so on), their old and new value as
/// text where they change, the number of rows, and how many of them had a value.
///
/// # Errors
/// [`RuleError`] when the rule means nothing on this table, or may not be written to it.
pub fn preview(rule: &Rule, source: &Relation, as_of: Date) -> Result<Sql, RuleError> {
    let Sql { text, parameters } = judged(rule, source, &[], "", as_of)?;
    let data_type = &column(&source.table, &rule.column)?.data_type;
    let text = format!(
        "SELECT \"#state\"::text, {old}, {new}, count(*)::text, (count(*) FILTER (WHERE \"#valued\"))::text \
         FROM ({text}) AS counted GROUP BY \"#state\", \"#old\", \"#new\" \
         ORDER BY 1, counted.\"#old\" NULLS FIRST, counted.\"#new\" NULLS FIRST",
        old = data_type.grouped_text("\"#old\""),
        new = data_type.grouped_text("\"#new\""),
    );
    Ok(Sql { text, parameters })
}

/// Keeps the planner from working out what becomes of a row once for each column that tells of it. An aggregate of such
/// rows can then not be left to another server.
const ONCE: &str = " OFFSET 0";

/// The rows with what becomes of them, and the columns `shown`.
fn judged(
    rule: &Rule,
    source: &Relation,
    shown: &[String],
    fence: &str,
    as_of: Date,
) -> Result<Sql, RuleError> {
    check_target(rule, source)?;
    let mut sql = SqlBuilder::over(source, as_of);
    let taken = sql.calculated(|sql| sql.filter(rule.filter.as_ref()))?;
    let (matched, outcome) = (sql.matched(rule)?, sql.outcome(rule)?);
    let target = quote_identifier(&rule.column);
    let shown: String = shown.iter().map(|name| format!("{}, ", quote_identifier(name))).collect();
    let text = format!(
        "SELECT {shown}\"#state\", \"#valued\", \
                CASE \"#state\" WHEN {CHANGED} THEN \"#old\" END AS \"#old\", \
                CASE \"#state\" WHEN {CHANGED} THEN \"#new\" END AS \"#new\" FROM (\
           SELECT {shown}CASE WHEN ({taken}) IS NOT TRUE THEN {LEFT_OUT} WHEN NOT {matched} THEN {UNMATCHED} \
                  WHEN {target} IS NOT DISTINCT FROM ({outcome}) THEN {SAME} ELSE {CHANGED} END AS \"#state\", \
                  {target} IS NOT NULL AS \"#valued\", {target} AS \"#old\", CASE WHEN {taken} THEN {outcome} END AS \"#new\" \
           FROM {source} AS rows{fence}) AS judged",
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
    source: &Relation,
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

fn changes(rule: &Rule, source: &Relation, as_of: Date) -> Result<Sql, RuleError> {
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

fn places(rule: &Rule, source: &Relation, as_of: Date) -> Result<Sql, RuleError> {
    let mut sql = SqlBuilder::over(source, as_of);
    let taken = sql.filter(rule.filter.as_ref())?;
    let outcome = sql.outcome(rule)?;
    let target = quote_identifier(&rule.column);
    Ok(sql.finish(format!(
        "SELECT rows.ctid::text FROM {} AS rows WHERE {taken} AND {target} IS DISTINCT FROM ({outcome})",
        source.text(),
    )))
}

fn update(rule: &Rule, source: &Relation, as_of: Date) -> Result<Sql, RuleError> {
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

fn value(rule: &Rule, source: &Relation, as_of: Date) -> Result<Sql, RuleError> {
    let mut sql = SqlBuilder::over(source, as_of).for_literals();
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
