//! What the database would refuse of a rule, counted before anything is written.

mod constraints;

use jiff::civil::Date;
use leora_report::{DatabaseError, WriteError};
use leora_rule::{
    Relation, Rule, compile_rows_after, compile_rows_changed_by, format_count, inline_parameters,
    quote_identifier,
};

use crate::Session;
use crate::connection::Cells;
use constraints::REQUIREMENTS;

/// Something that the database asks of a column.
struct Requirement {
    kind: String,
    name: String,
    other: String,
    sql: String,
}

/// Refuses rules of a `.set` that the database would refuse on rows that they change. Nothing is foreseen of a requirement that can't
/// be looked at by a read, as that of an exclusion constraint.
///
/// # Errors
/// [`DatabaseError::Foreseen`], with how many rows; of the rule, or of the server.
pub fn foresee(
    session: &mut Session,
    rules: &[Rule],
    relation: &Relation,
    as_of: Date,
) -> Result<(), WriteError> {
    (0..rules.len()).try_for_each(|place| foresee_rule(session, place, rules, relation, as_of))
}

fn foresee_rule(
    session: &mut Session,
    place: usize,
    rules: &[Rule],
    relation: &Relation,
    as_of: Date,
) -> Result<(), WriteError> {
    let rule = &rules[place];
    let found = requirements(session, rule, relation)?;
    if found.is_empty() {
        return Ok(());
    }
    let statement = statement(place, rules, relation, as_of, &found)?;
    // What a check of the application calls may fail otherwise here than in the run.
    let read = |session: &mut Session| session.connection.fetch_text(&statement);
    let rows = match session.read_only(read) {
        Ok(rows) => rows,
        Err(DatabaseError::Server(_)) => return Ok(()),
        Err(other) => return Err(other.into()),
    };
    let mut counts = Cells::of_first(rows);
    let mut refused: Vec<(String, Requirement)> = Vec::new();
    for requirement in found {
        let count = counts.number();
        if count > 0 {
            refused.push((describe(&requirement, rule, count), requirement));
        }
    }
    let Some((message, first)) = refused.first() else { return Ok(()) };
    Err(DatabaseError::Foreseen {
        code: code(first),
        message: message.clone(),
        details: refused[1..].iter().map(|(message, _)| message.clone()).collect(),
        help: help(first, rule),
    }
    .into())
}

fn requirements(
    session: &mut Session,
    rule: &Rule,
    relation: &Relation,
) -> Result<Vec<Requirement>, DatabaseError> {
    let about = [&relation.table.schema, &relation.table.name, &rule.column].map(String::as_str);
    let rows = session.connection.fetch_inlined(REQUIREMENTS, &about)?;
    let requirement = |row| {
        let mut cells = Cells::new(row);
        let (kind, name, other, sql) = (cells.text(), cells.text(), cells.text(), cells.text());
        Requirement { kind, name, other, sql }
    };
    Ok(rows.into_iter().map(requirement).collect())
}

/// Reads how many rows break each requirement, in one row. It is sent with PostgreSQL's own names in force, as the
/// expressions of the catalog are written for.
fn statement(
    place: usize,
    rules: &[Rule],
    relation: &Relation,
    as_of: Date,
    found: &[Requirement],
) -> Result<String, WriteError> {
    let changed = inline_parameters(&compile_rows_changed_by(place, rules, relation, as_of)?);
    let after = inline_parameters(&compile_rows_after(rules, relation, as_of)?);
    let count = |one: &Requirement| {
        let test = one.sql.replace("{after}", "\"#after\"");
        match one.kind.as_str() {
            "unique" => format!("({test})::text"),
            "publication" => "count(*)::text".into(),
            _ => format!("count(*) FILTER (WHERE {test})::text"),
        }
    };
    let counts: Vec<String> = found.iter().map(count).collect();
    Ok(format!(
        "WITH \"#after\" AS ({after}) SELECT {} FROM ({changed}) AS {}",
        counts.join(", "),
        quote_identifier(&relation.table.name),
    ))
}

fn describe(requirement: &Requirement, rule: &Rule, count: u64) -> String {
    let Requirement { kind, name, other, .. } = requirement;
    let (table, column, rows) = (&rule.table, &rule.column, format_count(count, "row"));
    let what = match kind.as_str() {
        "not_null" => "would have no value, and it is NOT NULL".into(),
        "length" => format!("would have a longer text than {name} takes"),
        "check" => format!("would violate the check {name}"),
        "unique" => format!("would have a value that another row has too, and {name} is unique"),
        "foreign_key" => format!("would refer to a row that {other} does not have ({name})"),
        "referenced" => format!("would change while {other} refers to them ({name})"),
        "partition" => format!("would have no partition of {table}"),
        _ => return format!("{table}: publication {name} refuses every UPDATE: {other}"),
    };
    format!("{table}.{column}: {rows} {what}")
}

/// The SQLSTATE that the server would answer with.
fn code(requirement: &Requirement) -> &'static str {
    match requirement.kind.as_str() {
        "not_null" => "23502",
        "length" => "22001",
        "unique" => "23505",
        "foreign_key" | "referenced" => "23503",
        "publication" => "55000",
        _ => "23514",
    }
}

fn help(requirement: &Requirement, rule: &Rule) -> String {
    let table = &rule.table;
    match requirement.kind.as_str() {
        "partition" => "make a partition for them first, or leave them out with .where(...)".into(),
        "publication" => format!(
            "give {table} a replica identity that the publication {} can use, or take the table out of it",
            requirement.name
        ),
        _ => "nothing was written; give them another value, or leave them out with .where(...)"
            .into(),
    }
}
