//! Statements for rules that are written together. The rules of one `.set(#{...})` read the row as it was before any of them;
//! those of a later `.set` read it as the earlier ones leave it.

use jiff::civil::Date;

use crate::sql::builder::ShortLookups;
use crate::sql::own_names::operation;
use crate::sql::rule_statements::{check_target, has_one_spelling};
use crate::{Relation, Rule, RuleError, Sql, SqlBuilder, key_columns, quote_identifier};

/// The parts of a statement about several rules.
pub(super) struct SetParts<'s> {
    pub(super) sql: SqlBuilder<'s>,
    /// For each rule.
    pub(super) columns: Vec<SetColumn>,
    /// The rows to select from, under the name `rows`, with the pairs of all lookups.
    pub(super) rows: String,
    /// The rows that one of the rules changes.
    pub(super) changes: String,
}

/// A column that a rule sets.
pub(super) struct SetColumn {
    /// Its name, quoted.
    pub(super) target: String,
    /// What it has before the rule.
    own: String,
    /// Whether the rule changes the row; never NULL.
    pub(super) changes: String,
    /// What it has afterwards: its own value where the rule does not change the row.
    pub(super) value: String,
}

impl<'s> SetParts<'s> {
    pub(super) fn compile(
        rules: &[Rule],
        source: &'s Relation,
        as_of: Date,
    ) -> Result<Self, RuleError> {
        Self::compile_with(rules, source, SqlBuilder::new(source, as_of))
    }

    fn compile_with(
        rules: &[Rule],
        source: &'s Relation,
        mut sql: SqlBuilder<'s>,
    ) -> Result<Self, RuleError> {
        sql.short_lookups = ShortLookups::Arms;
        let (mut columns, mut all_pairs) = (Vec::new(), String::new());
        let mut changed_by_sets = Vec::new();
        for set in Rule::by_set(rules) {
            let filter = set.first().and_then(|rule| rule.filter.as_ref());
            let taken = sql.prefilter(filter)?;
            let guard = sql.computed(|sql| sql.filter(filter))?;
            let first = columns.len();
            for rule in set {
                check_target(rule, source)?;
                sql.rule = columns.len();
                let value = sql.rule_value(rule)?;
                all_pairs.push_str(&sql.joined_pairs(rule)?);
                let (target, own) = (quote_identifier(&rule.column), sql.column(&rule.column));
                let data_type = &source.table.require_column(&rule.column)?.data_type;
                let differ = data_type.differ(&own, &value);
                let changes = format!("CASE WHEN {guard} THEN {differ} ELSE false END");
                let when = if has_one_spelling(data_type) { &guard } else { &changes };
                let value = format!("CASE WHEN {when} THEN {value} ELSE {own} END");
                columns.push(SetColumn { target, own, changes, value });
            }
            let of_set = &columns[first..];
            let any: Vec<&str> = of_set.iter().map(|column| column.changes.as_str()).collect();
            changed_by_sets.push(format!("{taken} AND ({})", any.join(" OR ")));
            let given = set.iter().zip(of_set);
            sql.given.extend(given.map(|(rule, one)| (rule.column.clone(), one.value.clone())));
        }
        let changes = match changed_by_sets.as_slice() {
            [one] => one.clone(),
            several => format!("(({}))", several.join(") OR (")),
        };
        let rows = match (all_pairs.as_str(), source.has_figures()) {
            ("", _) => format!("{} AS rows", source.text()),
            (pairs, true) => format!("{} AS rows{pairs}", source.text()),
            // Under a join, a condition could not name the place and the version of a row by themselves.
            (pairs, false) => format!(
                "(SELECT *, rows.ctid, rows.xmin FROM {} AS rows{pairs}) AS rows",
                source.text()
            ),
        };
        Ok(Self { sql, columns, rows, changes })
    }

    /// The columns, each once, as the last rule that sets it leaves it.
    fn last_of_each(&self) -> impl Iterator<Item = (usize, &SetColumn)> {
        self.columns.iter().enumerate().filter(|(place, column)| {
            !self.columns[place + 1..].iter().any(|later| later.target == column.target)
        })
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

/// The rows that the last of these rules changes, as [`compile_changes`](crate::compile_changes) gives them.
pub(super) fn changes_of_last(
    rules: &[Rule],
    source: &Relation,
    as_of: Date,
) -> Result<Sql, RuleError> {
    let SetParts { sql, columns, rows, .. } = SetParts::compile(rules, source, as_of)?;
    let Some(SetColumn { own, changes, value, .. }) = columns.last() else {
        return Ok(Sql::default());
    };
    let keys = key_columns("", &source.table.key, ", ");
    Ok(sql.finish(format!(
        "SELECT {keys}{own} AS \"#old\", {value} AS \"#new\" FROM {rows} WHERE {changes}"
    )))
}

/// The values that each row of the table then has, each with its column, as expressions for DDL: their parameters are to be written as
/// literals.
///
/// # Errors
/// As [`compile_preview`](crate::compile_preview).
pub fn compile_new_values(
    rules: &[Rule],
    source: &Relation,
    as_of: Date,
) -> Result<Vec<(String, Sql)>, RuleError> {
    let sql = SqlBuilder::new(source, as_of).for_literals();
    let parts = SetParts::compile_with(rules, source, sql)?;
    let parameters = parts.sql.parameters();
    let value = |(place, column): (usize, &SetColumn)| {
        let sql = Sql { text: column.value.clone(), parameters: parameters.to_vec() };
        (rules[place].column.clone(), sql)
    };
    Ok(parts.last_of_each().map(value).collect())
}

pub(super) fn update(rules: &[Rule], source: &Relation, as_of: Date) -> Result<Sql, RuleError> {
    let parts = SetParts::compile_with(rules, source, SqlBuilder::for_writing(source, as_of))?;
    let table = source.table.qualified();
    let looked_up = rules.iter().any(|rule| parts.sql.looked_up(rule).is_some());
    let columns: Vec<&SetColumn> = parts.last_of_each().map(|(_, column)| column).collect();
    if !source.has_figures() && !looked_up {
        let set: Vec<String> =
            columns.iter().map(|column| format!("{} = {}", column.target, column.value)).collect();
        let text = format!("UPDATE {table} SET {} WHERE {}", set.join(", "), parts.changes);
        return Ok(parts.sql.finish_writing(text));
    }
    // A row without a pair in one lookup may have one in another, and an UPDATE can't be joined from the outside.
    let set = |(place, column): (usize, &&SetColumn)| {
        format!("{} = decided.\"#new {place}\"", column.target)
    };
    let set: Vec<String> = columns.iter().enumerate().map(set).collect();
    let new =
        |(place, column): (usize, &&SetColumn)| format!("{} AS \"#new {place}\"", column.value);
    let new: Vec<String> = columns.iter().enumerate().map(new).collect();
    let text = format!(
        "UPDATE {table} AS updated SET {} FROM (\
           SELECT rows.ctid AS \"#at\", {} FROM {} WHERE {}) AS decided WHERE {}",
        set.join(", "),
        new.join(", "),
        parts.rows,
        parts.changes,
        operation("updated.ctid", "=", "\"#at\""),
    );
    Ok(parts.sql.finish_writing(text))
}
