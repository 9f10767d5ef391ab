//! The rows that change, one by one and by name: for the lists of `--rows`.

use jiff::civil::Date;

use crate::sql::own_names::operation;
use crate::sql::rule_statements::{ChangeParts, ONCE, key_columns, key_name};
use crate::sql::table::{AS_TEXT, column_list};
use crate::{Assignment, Relation, Rule, RuleError, Sql, SqlBuilder, Table, quote_identifier};

/// The place of the arm, or of the pair of a lookup, that gives a row its value, from 1.
const ARM: &str = "\"#arm\"";

/// Reads the rows that the rule would change, as text: the old and the new value, the place of the arm that gives it (from 1,
/// among [`Rule::arms`]), the key, then these columns.
///
/// # Errors
/// As [`compile_preview`](crate::compile_preview).
pub fn compile_listed_rows(
    rule: &Rule,
    source: &Relation,
    columns: &[String],
    as_of: Date,
) -> Result<Sql, RuleError> {
    let ChangeParts { mut sql, target, value, changes, rows, pairs, .. } =
        ChangeParts::on(rule, source, as_of)?;
    let arm = arm_place(&mut sql, rule)?;
    let key = &source.table.key;
    let fence = if pairs.is_some() { ONCE } else { "" };
    Ok(sql.finish(format!(
        "SELECT {} FROM (SELECT {target} AS \"#old\", {value} AS \"#new\", {arm} AS {ARM}, {}{} \
         FROM {rows} WHERE {changes}{fence}) AS listed",
        shown(key.len(), columns.len()),
        key_columns("", key, ", "),
        named_columns(columns),
    )))
}

/// The same of rows that were decided before: `changes` has their keys, old and new values as
/// [`compile_changes`](crate::compile_changes) gives them. The place and the columns are read now.
///
/// # Errors
/// As [`compile_preview`](crate::compile_preview).
pub fn compile_listed_changes(
    rule: &Rule,
    source: &Relation,
    changes: &str,
    columns: &[String],
    as_of: Date,
) -> Result<Sql, RuleError> {
    let mut sql = SqlBuilder::new(source, as_of);
    let arm = arm_place(&mut sql, rule)?;
    let pairs = sql.joined_pairs(rule)?;
    let key = &source.table.key;
    Ok(sql.finish(format!(
        "SELECT {} FROM (SELECT decided.\"#old\", decided.\"#new\", now.* FROM ({changes}) AS decided \
         JOIN (SELECT {arm} AS {ARM}, {}{} FROM {} AS rows{pairs}{ONCE}) AS now ON {}) AS listed",
        shown(key.len(), columns.len()),
        key_columns("", key, ", "),
        named_columns(columns),
        source.text(),
        same_key(&source.table),
    )))
}

/// The rows of a table with their key, and under the names of [`listed_column_name`] these columns as text.
pub fn compile_labelled_rows(source: &Relation, columns: &[String]) -> Sql {
    let key = column_list("", &source.table.key, "");
    let text =
        format!("SELECT {key}, {} FROM {} AS labelled", named_columns(columns), source.text());
    Sql { text, parameters: source.parameters().to_vec() }
}

/// What a listing selects, as text.
fn shown(keys: usize, columns: usize) -> String {
    let fixed = ["\"#old\"", "\"#new\"", ARM].map(str::to_owned);
    let keys = (1..=keys).map(key_name);
    let columns = (1..=columns).map(listed_column_name);
    let all = fixed.into_iter().chain(keys).chain(columns);
    all.map(|name| format!("listed.{name}{AS_TEXT} AS {name}")).collect::<Vec<_>>().join(", ")
}

/// The name, quoted, under which a statement gives a column of a list, by its place from 1.
pub fn listed_column_name(place: usize) -> String {
    format!("\"#column {place}\"")
}

/// Under names of their own, since a column may be called as another part of the statement is.
fn named_columns(columns: &[String]) -> String {
    let named =
        |(at, name)| format!("{} AS {}", quote_identifier(name), listed_column_name(at + 1));
    let all: Vec<String> = columns.iter().map(String::as_str).enumerate().map(named).collect();
    if all.is_empty() { "NULL AS \"#no column\"".into() } else { all.join(", ") }
}

fn same_key(table: &Table) -> String {
    let same = |(at, name): (usize, &String)| {
        let [now, decided] = ["now", "decided"].map(|of| format!("{of}.{}", key_name(at + 1)));
        match table.column(name) {
            Some(column) => column.data_type.operation(&now, "=", &decided),
            None => operation(&now, "=", &decided),
        }
    };
    table.key.iter().enumerate().map(same).collect::<Vec<_>>().join(" AND ")
}

/// The pairs of a lookup must be joined.
fn arm_place(sql: &mut SqlBuilder<'_>, rule: &Rule) -> Result<String, RuleError> {
    if let Assignment::Lookup { .. } = rule.assignment {
        return Ok(crate::sql::list::PLACE.to_owned());
    }
    let mut case = String::new();
    for (index, arm) in rule.arms().iter().enumerate() {
        let condition = sql.computed(|sql| sql.filter(arm.condition.as_ref()))?;
        case.push_str(&format!(" WHEN {condition} THEN {}", index + 1));
    }
    Ok(if case.is_empty() { "NULL".into() } else { format!("CASE{case} END") })
}
