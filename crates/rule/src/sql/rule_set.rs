//! Statements for the rules of one `.set(#{...})`: each column gets its value from the row as it was, in one pass.

use jiff::civil::Date;

use crate::sql::own_names::operation;
use crate::sql::rule_statements::{check_target, has_one_spelling};
use crate::{Assignment, Relation, Rule, RuleError, Sql, SqlBuilder, quote_identifier};

/// The parts of a statement about several rules.
pub(super) struct SetParts<'s> {
    pub(super) sql: SqlBuilder<'s>,
    pub(super) columns: Vec<SetColumn>,
    /// The rows to select from, under the name `rows`, with the pairs of all lookups.
    pub(super) rows: String,
    /// The rows that one of the rules changes.
    pub(super) changes: String,
}

/// A column that is set.
pub(super) struct SetColumn {
    /// Its name, quoted.
    pub(super) target: String,
    /// Whether its rule changes the row; never NULL.
    pub(super) changes: String,
    /// What it has afterwards: its own value where its rule does not change the row.
    pub(super) value: String,
}

impl<'s> SetParts<'s> {
    pub(super) fn compile(
        rules: &[Rule],
        source: &'s Relation,
        as_of: Date,
    ) -> Result<Self, RuleError> {
        let mut sql = SqlBuilder::new(source, as_of);
        let filter = rules.first().and_then(|rule| rule.filter.as_ref());
        let taken = sql.filter(filter)?;
        let guard = sql.computed(|sql| sql.filter(filter))?;
        let (mut columns, mut rows) = (Vec::new(), format!("{} AS rows", source.text()));
        for (place, rule) in rules.iter().enumerate() {
            check_target(rule, source)?;
            sql.rule = place;
            let value = sql.rule_value(rule)?;
            rows.push_str(&sql.joined_pairs(rule)?);
            let target = quote_identifier(&rule.column);
            let data_type = &source.table.require_column(&rule.column)?.data_type;
            let differ = data_type.differ(&target, &value);
            let changes = format!("CASE WHEN {guard} THEN {differ} ELSE false END");
            let when = if has_one_spelling(data_type) { &guard } else { &changes };
            let value = format!("CASE WHEN {when} THEN {value} ELSE {target} END");
            columns.push(SetColumn { target, changes, value });
        }
        let any: Vec<&str> = columns.iter().map(|column| column.changes.as_str()).collect();
        let changes = format!("{taken} AND ({})", any.join(" OR "));
        Ok(Self { sql, columns, rows, changes })
    }
}

pub(super) fn changed_rows(
    rules: &[Rule],
    source: &Relation,
    as_of: Date,
) -> Result<Sql, RuleError> {
    let SetParts { sql, rows, changes, .. } = SetParts::compile(rules, source, as_of)?;
    Ok(sql.finish(format!("FROM {rows} WHERE {changes}")))
}

pub(super) fn update(rules: &[Rule], source: &Relation, as_of: Date) -> Result<Sql, RuleError> {
    let SetParts { sql, columns, rows, changes } = SetParts::compile(rules, source, as_of)?;
    let table = source.table.qualified();
    let looked_up = rules.iter().any(|rule| matches!(rule.assignment, Assignment::Lookup { .. }));
    if !source.has_figures() && !looked_up {
        let set: Vec<String> =
            columns.iter().map(|column| format!("{} = {}", column.target, column.value)).collect();
        let set = set.join(", ");
        return Ok(sql.finish(format!("UPDATE {table} SET {set} WHERE {changes}")));
    }
    // A row without a pair in one lookup may have one in another, and an UPDATE can't be joined from the outside.
    let set = |(place, column): (usize, &SetColumn)| {
        format!("{} = decided.\"#new {place}\"", column.target)
    };
    let set: Vec<String> = columns.iter().enumerate().map(set).collect();
    let new =
        |(place, column): (usize, &SetColumn)| format!("{} AS \"#new {place}\"", column.value);
    let new: Vec<String> = columns.iter().enumerate().map(new).collect();
    Ok(sql.finish(format!(
        "UPDATE {table} AS updated SET {} FROM (\
           SELECT rows.ctid AS \"#at\", {} FROM {rows} WHERE {changes}) AS decided WHERE {}",
        set.join(", "),
        new.join(", "),
        operation("updated.ctid", "=", "\"#at\""),
    )))
}
