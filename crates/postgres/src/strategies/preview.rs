//! What a rule would change, counted by one GROUP BY over old and new value; nothing is written.

use leora_report::WriteError;
use leora_rule::{Change, RowState, Rule, Sql, Strategy, Table, Transition, UnchangedRows};

use crate::connection::{Cells, TextRow};
use crate::strategies::choice::{Purpose, choose_strategy};
use crate::{Session, declared_key};

/// Counts what a rule would change by the statement of its preview, and says how it would be written.
///
/// # Errors
/// [`WriteError`], also where the table's declared key does not identify its rows.
pub fn preview_change(
    session: &mut Session,
    rule: &Rule,
    table: &Table,
    preview: &Sql,
    strategy: Strategy,
) -> Result<Change, WriteError> {
    declared_key::check(session, table, &rule.column)?;
    let mut change = read_change(rule, session.connection.fetch(preview)?);
    choose_strategy(session, strategy, rule, table, Purpose::Preview, &mut change)?;
    Ok(change)
}

/// `rows` are those of a preview's statement.
pub(crate) fn read_change(rule: &Rule, rows: Vec<TextRow>) -> Change {
    let (mut transitions, mut unchanged) = (Vec::new(), UnchangedRows::default());
    for row in rows {
        let mut cells = Cells::new(row);
        let state = RowState::from_text(&cells.text()).unwrap_or(RowState::Changed);
        let (old, new, rows) = (cells.optional(), cells.optional(), cells.number());
        match state {
            RowState::LeftOut => unchanged.left_out += rows,
            RowState::Unmatched => unchanged.unmatched += rows,
            RowState::Same => unchanged.same += rows,
            RowState::Changed => {
                transitions.push(Transition { old, new, rows });
                continue;
            }
        }
        unchanged.with_value += cells.number();
    }
    Change { strategy: Strategy::Update, transitions, unchanged, ..Change::none(rule) }
}
