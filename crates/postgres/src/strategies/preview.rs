//! What a rule would change, counted by one GROUP BY over old and new value; nothing is written.

use jiff::civil::Date;
use leora_report::WriteError;
use leora_rule::{
    Change, Relation, RowState, Rule, Sql, Strategy, Table, Transition, UnchangedRows,
    compile_changes, compile_preview,
};

use crate::connection::{Cells, TextRow};
use crate::strategies::choice::{Purpose, choose_strategy};
use crate::unique_moves::UniqueMoves;
use crate::{Session, declared_key};

/// Counts what a rule would change, and says how it would be written.
///
/// # Errors
/// [`WriteError`], also where the table's declared key does not identify its rows.
pub fn preview_change(
    session: &mut Session,
    rule: &Rule,
    relation: &Relation,
    as_of: Date,
    strategy: Strategy,
) -> Result<Change, WriteError> {
    let table = &*relation.table;
    let statement = compile_preview(rule, relation, as_of)?;
    declared_key::check(session, table, &rule.column)?;
    let moves = find_moves(session, rule, relation, as_of)?;
    let rows = match table.may_call() {
        true => session.read_only(|session| session.connection.fetch(&statement))?,
        false => session.connection.fetch(&statement)?,
    };
    let mut change = read_change(rule, rows);
    let purpose = Purpose::Preview;
    choose_strategy(session, strategy, rule, table, purpose, moves.as_ref(), &mut change)?;
    Ok(change)
}

/// The values of a unique column that the rule would pass from row to row.
///
/// # Errors
/// [`WriteError::Rule`] where they can be written in no way that an undo could take back.
pub(crate) fn find_moves(
    session: &mut Session,
    rule: &Rule,
    relation: &Relation,
    as_of: Date,
) -> Result<Option<UniqueMoves>, WriteError> {
    let changes = compile_changes(rule, relation, as_of)?;
    let table = &relation.table;
    match table.may_call() {
        true => session.read_only(|session| find_moves_of(session, rule, table, &changes)),
        false => find_moves_of(session, rule, table, &changes),
    }
}

/// The same for these changes.
pub(crate) fn find_moves_of(
    session: &mut Session,
    rule: &Rule,
    table: &Table,
    changes: &Sql,
) -> Result<Option<UniqueMoves>, WriteError> {
    let column = table.require_column(&rule.column)?;
    let moves = UniqueMoves::find(session, table, column, changes)?;
    if let Some(moves) = &moves {
        moves.check(table, column)?;
    }
    Ok(moves)
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
