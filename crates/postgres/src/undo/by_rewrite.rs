//! Putting values back by rewriting the table, where each value that the run wrote goes back to one old value: then what a row had
//! is a function of what it has, which is all that ALTER TABLE can compute.

use leora_report::{DatabaseError, PastRule, PutBack};
use leora_rule::{
    Change, Column, DataType, Kind, Sql, Strategy, Table, Transition, UnchangedRows,
    quote_identifier,
};

use crate::Session;
use crate::connection::Cells;
use crate::strategies::{RewriteFacts, Rewritten, rewrite};

/// The most values that a column may have to go back from: each is a condition that is tried for every row.
const MAX_VALUES: usize = 50;

/// Rewrites the table, if this transaction has locked it for that, nothing stands in the way, and no row is in it that has a value
/// to go back from and did not get it from the run. Returns whether it did.
pub(super) fn put_back_by_rewrite(
    session: &mut Session,
    table: &Table,
    rules: &[(&PastRule, &PutBack)],
) -> Result<bool, DatabaseError> {
    // There a count of the table alone is none of its shards.
    if table.placement.is_citus() {
        return Ok(false);
    }
    let mut columns = vec![];
    for (rule, result) in rules {
        let column = table.column(&rule.column);
        match column.and_then(|column| ColumnBack::new(column, &result.transitions)) {
            Some(back) => columns.push(back),
            None => return Ok(false),
        }
    }
    let mut facts = vec![];
    for column in &columns {
        let of_column = RewriteFacts::read(session, table, &column.column.name)?;
        if !of_column.is_locked {
            return Ok(false);
        }
        facts.push(of_column);
    }
    let Some(rows) = count_rows(session, table, &columns)? else { return Ok(false) };
    let obstacle = |(column, facts): (&ColumnBack<'_>, RewriteFacts)| {
        facts.reason_against(session, &column.as_change(table, rows))
    };
    if columns.iter().zip(facts).find_map(obstacle).is_some() {
        return Ok(false);
    }
    let values: Vec<(String, Sql)> =
        columns.iter().map(|one| (one.column.name.clone(), one.old_value())).collect();
    Ok(matches!(rewrite::write(session, &values, table)?, Rewritten::Done))
}

/// The rows of the table; `None` where it has other rows with a value to go back from than those that are put back.
fn count_rows(
    session: &mut Session,
    table: &Table,
    columns: &[ColumnBack<'_>],
) -> Result<Option<u64>, DatabaseError> {
    let (mut counts, mut parameters, mut expected) = (String::new(), vec![], vec![]);
    for one in columns {
        for Transition { old, rows, .. } in one.transitions {
            parameters.push(old.clone());
            let cast = &one.column.data_type.cast;
            let is_value = one.has(old, &format!("${}::pg_catalog.text::{cast}", parameters.len()));
            counts.push_str(&format!(
                ", (pg_catalog.count(*) FILTER (WHERE {is_value}))::pg_catalog.text"
            ));
            expected.push(*rows);
        }
    }
    let name = table.qualified();
    let text = format!("SELECT pg_catalog.count(*)::pg_catalog.text{counts} FROM ONLY {name}");
    let mut cells = Cells::of_first(session.connection.fetch(&Sql { text, parameters })?);
    let all = cells.number();
    let are_those = expected.iter().all(|rows| cells.number() == *rows);
    Ok(are_those.then_some(all))
}

/// A column, and which value goes back to which.
struct ColumnBack<'t> {
    column: &'t Column,
    transitions: &'t [Transition],
}

impl<'t> ColumnBack<'t> {
    /// `None` where equal values can be spelt differently, or where one value goes back to several.
    fn new(column: &'t Column, transitions: &'t [Transition]) -> Option<Self> {
        let DataType { kind, operators, collation, .. } = &column.data_type;
        let has_one_spelling = matches!(
            kind,
            Kind::Enum { .. }
                | Kind::Bool
                | Kind::Integer { .. }
                | Kind::Uuid
                | Kind::Date
                | Kind::Text
        ) && operators.is_none()
            && collation.is_none();
        let goes_back_once = |place: usize| {
            !transitions[..place].iter().any(|other| other.old == transitions[place].old)
        };
        let is_function = (0..transitions.len()).all(goes_back_once);
        (has_one_spelling && is_function && transitions.len() <= MAX_VALUES)
            .then_some(Self { column, transitions })
    }

    fn has(&self, value: &Option<String>, compiled: &str) -> String {
        let name = quote_identifier(&self.column.name);
        match value {
            None => format!("{name} IS NULL"),
            Some(_) => self.column.data_type.operation(&name, "=", compiled),
        }
    }

    /// The old value of each row, as an expression for DDL.
    fn old_value(&self) -> Sql {
        let (name, cast) = (quote_identifier(&self.column.name), &self.column.data_type.cast);
        let (mut arms, mut parameters) = (String::new(), vec![]);
        for Transition { old, new, .. } in self.transitions {
            parameters.extend([old.clone(), new.clone()]);
            let place = parameters.len();
            let is_value = self.has(old, &format!("${}::{cast}", place - 1));
            arms.push_str(&format!(" WHEN {is_value} THEN ${place}::{cast}"));
        }
        let text = match arms.is_empty() {
            true => name,
            false => format!("CASE{arms} ELSE {name} END"),
        };
        Sql { text, parameters }
    }

    fn as_change(&self, table: &Table, rows: u64) -> Change {
        let changed: u64 = self.transitions.iter().map(|one| one.rows).sum();
        let unchanged =
            UnchangedRows { same: rows - changed.min(rows), ..UnchangedRows::default() };
        Change {
            table: table.name.clone(),
            column: self.column.name.clone(),
            strategy: Strategy::Rewrite,
            fallback: None,
            transitions: self.transitions.to_vec(),
            unchanged,
            left: 0,
            preview: None,
        }
    }
}
