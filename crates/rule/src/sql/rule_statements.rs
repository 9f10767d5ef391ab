//! Compiles the statements of a rule. Callers compile only those that they need.

use std::fmt;

use jiff::civil::Date;

use crate::sql::own_names::operation;
use crate::sql::rule_set;
use crate::sql::table::{AS_TEXT, column_list};
use crate::{DataType, Kind, Relation, Rule, RuleError, Sql, SqlBuilder, quote_identifier};

pub(super) fn check_target(rule: &Rule, source: &Relation) -> Result<(), RuleError> {
    let table = &source.table;
    let target = table.require_column(&rule.column)?;
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
    if table.placement.is_decided_by(&rule.column) {
        let reason =
            format!("{} decides in which shard a row is, and Citus moves none", target.name);
        return unwritable(
            reason,
            "delete such rows and insert them anew, in an SQL file, which nothing can undo",
        );
    }
    if let Some(other) = &target.cascades_to {
        let reason = format!("a foreign key would change {other} together with {}", target.name);
        return unwritable(reason, "change such a column in an SQL file, which nothing can undo");
    }
    if rule.reads_itself(table) {
        return Err(RuleError::ReadsItself { column: rule.column.clone() });
    }
    Ok(())
}

/// What a rule makes of a row. Statements give its number, since every row is counted by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowState {
    /// `where` leaves it out.
    LeftOut = 0,
    /// No arm matches it.
    Unmatched = 1,
    /// It has the value already.
    Same = 2,
    /// It changes.
    Changed = 3,
}

impl RowState {
    /// The state of this number.
    pub fn from_text(number: &str) -> Option<Self> {
        let all = [Self::LeftOut, Self::Unmatched, Self::Same, Self::Changed];
        all.into_iter().find(|state| state.to_string() == number)
    }
}

impl fmt::Display for RowState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", *self as u8)
    }
}

/// Counts what the rule would do, by one GROUP BY: a row for each [`RowState`] (its number), and old and new value as
/// text where rows change; then the number of rows, and how many of them had a value. It writes nothing.
///
/// # Errors
/// [`RuleError`] when the rule means nothing on this table, or may not be written to it.
pub fn compile_preview(rule: &Rule, source: &Relation, as_of: Date) -> Result<Sql, RuleError> {
    let states = judged_rows(std::slice::from_ref(rule), source, &[], "", as_of)?;
    Ok(counted(states, &source.table.require_column(&rule.column)?.data_type))
}

/// Counts the rows of a statement by what a rule makes of them.
pub(super) fn counted(states: Sql, data_type: &DataType) -> Sql {
    let Sql { text, parameters } = states;
    let text = format!(
        "SELECT \"#state\"::pg_catalog.text, {old}, {new}, pg_catalog.count(*)::pg_catalog.text, \
         (pg_catalog.count(*) FILTER (WHERE \"#valued\"))::pg_catalog.text \
         FROM ({text}) AS counted GROUP BY \"#state\", {old_key}, {new_key} \
         ORDER BY 1, {old_key} NULLS FIRST, {new_key} NULLS FIRST",
        old_key = data_type.group_key("counted.\"#old\""),
        new_key = data_type.group_key("counted.\"#new\""),
        old = data_type.grouped_text("\"#old\""),
        new = data_type.grouped_text("\"#new\""),
    );
    Sql { text, parameters }
}

/// Reads every row: the key columns under the names of [`key_name`], then what [`compile_preview`] counts of it: `#state`
/// ([`RowState`]), `#valued`, `#old` and `#new`.
///
/// # Errors
/// As [`compile_preview`].
pub fn compile_row_states(rule: &Rule, source: &Relation, as_of: Date) -> Result<Sql, RuleError> {
    judged_rows(std::slice::from_ref(rule), source, &source.table.key, ONCE, as_of)
}

/// The name, quoted, under which a statement gives a column of the key, by its place from 1. Under its own name it could be
/// taken for another part of the statement.
pub fn key_name(place: usize) -> String {
    format!("\"#key {place}\"")
}

/// The columns of a key under the names of [`key_name`], each with a text before it and after it.
pub fn key_columns(before: &str, key: &[String], after: &str) -> String {
    let named =
        |(at, name)| format!("{before}{} AS {}{after}", quote_identifier(name), key_name(at + 1));
    key.iter().map(String::as_str).enumerate().map(named).collect()
}

/// Keeps the planner from computing the state of a row once for each column that depends on it. It also keeps an aggregate
/// of such rows from running on other servers.
pub(super) const ONCE: &str = " OFFSET 0";

/// The names, quoted, under which a statement gives what the rule of this place, from 0, makes of a row.
pub(super) struct JudgedNames {
    pub(super) state: String,
    pub(super) valued: String,
    pub(super) old: String,
    pub(super) new: String,
}

impl JudgedNames {
    pub(super) fn of_rule(place: usize) -> Self {
        let name = |of: &str| match place {
            0 => format!("\"#{of}\""),
            place => format!("\"#{of} {place}\""),
        };
        Self { state: name("state"), valued: name("valued"), old: name("old"), new: name("new") }
    }

    /// Whether the row changes.
    pub(super) fn is_changed(&self) -> String {
        operation(&self.state, "=", &RowState::Changed.to_string())
    }
}

/// What each of the rules makes of each row, as it is before any of them.
pub(super) fn judged_rows(
    rules: &[Rule],
    source: &Relation,
    shown: &[String],
    fence: &str,
    as_of: Date,
) -> Result<Sql, RuleError> {
    let mut sql = SqlBuilder::new(source, as_of);
    let (mut judged, mut named, mut all_pairs) = (Vec::new(), Vec::new(), String::new());
    for (place, rule) in rules.iter().enumerate() {
        check_target(rule, source)?;
        sql.rule = place;
        let taken = sql.computed(|sql| sql.rule_filter(rule))?;
        let (matched, value) = (sql.any_arm_matches(rule)?, sql.rule_value(rule)?);
        all_pairs.push_str(&sql.joined_pairs(rule)?);
        let data_type = &source.table.require_column(&rule.column)?.data_type;
        let target = quote_identifier(&rule.column);
        let names = JudgedNames::of_rule(place);
        let JudgedNames { state, valued, old, new } = &names;
        judged.push(format!(
            "CASE WHEN ({taken}) IS NOT TRUE THEN {left_out} WHEN NOT {matched} THEN {unmatched} \
                  WHEN {differ} THEN {changed} ELSE {same} END AS {state}, \
             {target} IS NOT NULL AS {valued}, {target} AS {old}, CASE WHEN {taken} THEN {value} END AS {new}",
            left_out = RowState::LeftOut,
            unmatched = RowState::Unmatched,
            same = RowState::Same,
            changed = RowState::Changed,
            differ = data_type.differ(&target, &value),
        ));
        let is_changed = names.is_changed();
        named.push(format!(
            "{state}, {valued}, CASE WHEN {is_changed} THEN {old} END AS {old}, \
             CASE WHEN {is_changed} THEN {new} END AS {new}"
        ));
    }
    let keys = key_columns("", shown, ", ");
    let shown: String = (1..=shown.len()).map(|place| format!("{}, ", key_name(place))).collect();
    let text = format!(
        "SELECT {shown}{named} FROM (SELECT {keys}{judged} FROM {source} AS rows{all_pairs}{fence}) AS judged",
        named = named.join(", "),
        judged = judged.join(", "),
        source = source.text(),
    );
    Ok(sql.finish(text))
}

/// A rule's parts in a statement that deals with the rows that change.
pub(super) struct ChangeParts<'s> {
    pub(super) sql: SqlBuilder<'s>,
    /// The column that is set, quoted.
    pub(super) target: String,
    pub(super) value: String,
    /// The rows that change.
    pub(super) changes: String,
    /// The rows to select from, under the name `rows`.
    pub(super) rows: String,
    /// The pairs of a lookup, which are among them.
    pub(super) pairs: Option<String>,
}

impl<'s> ChangeParts<'s> {
    pub(super) fn on(rule: &Rule, source: &'s Relation, as_of: Date) -> Result<Self, RuleError> {
        Self::compile(rule, source, SqlBuilder::new(source, as_of))
    }

    fn compile(
        rule: &Rule,
        source: &'s Relation,
        mut sql: SqlBuilder<'s>,
    ) -> Result<Self, RuleError> {
        check_target(rule, source)?;
        let taken = sql.prefilter(rule.filter.as_ref())?;
        let value = sql.rule_value(rule)?;
        let target = quote_identifier(&rule.column);
        let differ = source.table.require_column(&rule.column)?.data_type.differ(&target, &value);
        let changes = match &rule.filter {
            None => format!("{taken} AND {differ}"),
            // AND has no order: only CASE keeps the value from being computed on a row that `where` leaves out.
            Some(_) => {
                let guard = sql.computed(|sql| sql.rule_filter(rule))?;
                format!("{taken} AND CASE WHEN {guard} THEN {differ} ELSE false END")
            }
        };
        // Not by JOIN, under which a condition could not name `ctid` alone.
        let (pairs, changes) = match sql.pairs(rule)? {
            Some((pairs, test)) => (Some(pairs), format!("{test} AND {changes}")),
            None => (None, changes),
        };
        let rows = [Some(format!("{} AS rows", source.text())), pairs.clone()];
        let rows = rows.into_iter().flatten().collect::<Vec<_>>().join(", ");
        Ok(Self { sql, target, value, changes, rows, pairs })
    }
}

/// Reads a few of the rows that the rule would change, by key: the old and new value, the key, then the other columns that
/// the rule reads, all as text.
///
/// # Errors
/// As [`compile_preview`].
pub fn compile_sample(
    rule: &Rule,
    source: &Relation,
    columns: &[String],
    limit: u64,
    as_of: Date,
) -> Result<Sql, RuleError> {
    let ChangeParts { sql, target, value, changes, rows, pairs, .. } =
        ChangeParts::on(rule, source, as_of)?;
    let key = &source.table.key;
    let shown = column_list("", key.iter().chain(columns), AS_TEXT);
    let own = column_list("", key.iter().chain(columns), "");
    let order = column_list("rows.", key, "");
    // For a few rows the server would search the pairs again for each row, also where it then finds none.
    let fence = if pairs.is_some() { ONCE } else { "" };
    Ok(sql.finish(format!(
        "SELECT \"#old\"{AS_TEXT}, \"#new\"{AS_TEXT}, {shown} FROM (\
           SELECT {own}, {target} AS \"#old\", {value} AS \"#new\" FROM {rows} WHERE {changes}{fence}) AS rows \
         ORDER BY {order} LIMIT {limit}",
    )))
}

/// Reads the rows that change: the key columns under the names of [`key_name`], then `#old` and `#new`.
///
/// # Errors
/// As [`compile_preview`].
pub fn compile_changes(rule: &Rule, source: &Relation, as_of: Date) -> Result<Sql, RuleError> {
    let ChangeParts { sql, target, value, changes, rows, .. } =
        ChangeParts::on(rule, source, as_of)?;
    Ok(sql.finish(format!(
        "SELECT {}{target} AS \"#old\", {value} AS \"#new\" FROM {rows} WHERE {changes}",
        key_columns("", &source.table.key, ", "),
    )))
}

/// The same for the rule of this place among rules that are written together, from 0: a later `.set` reads the rows as the
/// earlier ones leave them.
///
/// # Errors
/// As [`compile_preview`].
pub fn compile_changes_of(
    place: usize,
    rules: &[Rule],
    source: &Relation,
    as_of: Date,
) -> Result<Sql, RuleError> {
    let first_set = Rule::by_set(rules).next().map_or(0, <[Rule]>::len);
    match place < first_set {
        true => compile_changes(&rules[place], source, as_of),
        false => rule_set::changes_of_last(&rules[..=place], source, as_of),
    }
}

/// The rows that one of the rules changes that are written together, as `FROM table AS rows WHERE condition`: others can be added with AND.
///
/// # Errors
/// As [`compile_preview`].
pub fn compile_changed_rows(
    rules: &[Rule],
    source: &Relation,
    as_of: Date,
) -> Result<Sql, RuleError> {
    let [rule] = rules else { return rule_set::changed_rows(rules, source, as_of) };
    let ChangeParts { sql, changes, rows, .. } = ChangeParts::on(rule, source, as_of)?;
    Ok(sql.finish(format!("FROM {rows} WHERE {changes}")))
}

/// The UPDATE of rules that are written together. It ends in a condition, to which others can be added with AND. Rows with figures must
/// be those of [`Relation::row_by_row`].
///
/// # Errors
/// As [`compile_preview`].
pub fn compile_update(rules: &[Rule], source: &Relation, as_of: Date) -> Result<Sql, RuleError> {
    let [rule] = rules else { return rule_set::update(rules, source, as_of) };
    let ChangeParts { sql, target, value, changes, pairs, rows, .. } =
        ChangeParts::compile(rule, source, SqlBuilder::for_writing(source, as_of))?;
    let table = source.table.qualified();
    if source.has_figures() {
        let same = operation("updated.ctid", "=", "\"#at\"");
        return Ok(sql.finish_writing(format!(
            "UPDATE {table} AS updated SET {target} = \"#new\" FROM (\
               SELECT ctid AS \"#at\", {value} AS \"#new\" FROM {rows} WHERE {changes}) AS decided WHERE {same}"
        )));
    }
    let from = pairs.map(|pairs| format!(" FROM {pairs}")).unwrap_or_default();
    Ok(sql.finish_writing(format!("UPDATE {table} SET {target} = {value}{from} WHERE {changes}")))
}

/// Whether equal values are the same.
pub(super) fn has_one_spelling(data_type: &DataType) -> bool {
    match data_type.kind {
        Kind::Enum { .. } | Kind::Bool | Kind::Integer { .. } | Kind::Uuid | Kind::Date => true,
        Kind::Decimal
        | Kind::Float
        | Kind::Text
        | Kind::Timestamp
        | Kind::TimestampTz
        | Kind::Other => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{AS_OF, col, customers, priority, set, table};
    use crate::{Assignment, Table, compile_new_values};

    fn rule() -> Rule {
        let many = Some(col("orders").greater(5));
        priority([(many, "HIGH")]).with_filter(col("seen").within("6mo"))
    }

    #[test]
    fn an_update_writes_the_rows_that_really_change() {
        let sql = compile_update(&[rule()], &customers(), AS_OF).expect("a rule");
        let value = "(CASE WHEN (\"orders\" OPERATOR(pg_catalog.>) (SELECT $2::pg_catalog.text::bigint)) THEN \
                     (SELECT $3::pg_catalog.text::\"Priority\") ELSE \"priority\" END)";
        assert_eq!(
            sql.text,
            format!(
                "UPDATE \"public\".\"Customer\" SET \"priority\" = {value} \
                 WHERE (\"seen\" OPERATOR(pg_catalog.>=) $1::pg_catalog.text::timestamp) AND \
                 CASE WHEN (\"seen\" OPERATOR(pg_catalog.>=) (SELECT $4::pg_catalog.text::timestamp)) THEN \
                 ((\"priority\" OPERATOR(pg_catalog.=) {value}) IS NOT TRUE AND (\"priority\" IS NOT NULL OR {value} IS NOT NULL)) \
                 ELSE false END"
            )
        );
        let since = "2025-04-25 00:00:00";
        let parameters = [since, "5", "HIGH", since].map(|text| Some(text.to_owned()));
        assert_eq!(sql.parameters, parameters);
    }

    #[test]
    fn ddl_takes_a_value_without_parameters_or_casts_of_text() {
        let values = compile_new_values(&[rule()], &customers(), AS_OF).expect("a rule");
        let [(column, sql)] = values.as_slice() else { panic!("one column") };
        assert_eq!(column, "priority");
        assert_eq!(
            sql.text,
            "CASE WHEN (\"seen\" OPERATOR(pg_catalog.>=) $2::timestamp) THEN (CASE WHEN (\"orders\" OPERATOR(pg_catalog.>) $3::bigint) \
             THEN $4::\"Priority\" ELSE \"priority\" END) ELSE \"priority\" END"
        );
    }

    #[test]
    fn changes_and_changed_rows_have_the_condition_of_the_update() {
        let (rules, rows) = ([rule()], customers());
        let compiled = [
            compile_update(&rules, &rows, AS_OF),
            compile_changes(&rules[0], &rows, AS_OF),
            compile_changed_rows(&rules, &rows, AS_OF),
        ]
        .map(|compiled| compiled.expect("a rule"));
        let [update, others @ ..] = compiled.map(|sql| (sql.text, sql.parameters));
        let condition = update.0.split_once(" WHERE ").expect("a condition").1;
        for (text, parameters) in others {
            assert!(text.ends_with(&format!(" AS rows WHERE {condition}")), "{text}");
            assert_eq!(parameters, update.1);
        }
    }

    #[test]
    fn a_row_state_is_read_as_it_was_written() {
        for state in [RowState::LeftOut, RowState::Unmatched, RowState::Same, RowState::Changed] {
            assert_eq!(RowState::from_text(&state.to_string()), Some(state));
        }
        assert_eq!(RowState::from_text("4"), None);
    }

    #[test]
    fn what_can_not_be_journalled_or_repeated_is_refused() {
        let refused = |rule: &Rule, table: Table| {
            let source = Relation::from_table(std::sync::Arc::new(table));
            compile_update(std::slice::from_ref(rule), &source, AS_OF)
                .expect_err("refused")
                .to_string()
        };
        let without_key = Table { key: vec![], ..table() };
        let view = Table { unwritable: Some("it is a view".into()), ..table() };
        let own = set("orders", Assignment::Value(col("orders")));
        let key = set("id", Assignment::Value(col("id")));
        let cases = [
            (
                rule(),
                without_key,
                "Customer can't be changed by a rule: it has no primary key, so its old values could not be journalled",
            ),
            (rule(), view, "Customer can't be changed by a rule: it is a view"),
            (key, table(), "Customer can't be changed by a rule: id is part of its key"),
            (
                own,
                table(),
                "the value set for orders reads orders itself, so a second run would change it again",
            ),
        ];
        for (rule, table, expected) in cases {
            assert_eq!(refused(&rule, table), expected);
        }
    }
}
