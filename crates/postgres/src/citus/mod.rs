//! Tables that Citus keeps, whose rows are in shards on this server and on others.
//!
//! Citus decides for each statement where it runs: one about a single shard runs whole on a worker, with the functions in it,
//! and a worker has no history. So the rows that are journalled are first gathered into a temporary table here. An undo
//! compares and converts values in such tables too, since Citus sends no conversion to a shard that depends on settings.

mod gathered;
mod new_tables;
mod write_values;

use leora_report::DatabaseError;
use leora_rule::{CitusLayout, Placement, Strategy, Table};

use crate::Session;
use crate::journal::verify_written::find_trigger;

pub(crate) use gathered::Gathered;
pub(crate) use write_values::{GivenColumn, write_values};

/// Why a table that Citus keeps is not written with a strategy, if so.
pub(crate) fn reason_against(strategy: Strategy, table: &Table) -> Option<String> {
    let Placement::Citus(layout) = &table.placement else { return None };
    match (strategy, layout) {
        (Strategy::Update, _) => None,
        (Strategy::Batches, _) => Some(format!(
            "Citus keeps it ({layout}): it has no pages of its own to be written one by one"
        )),
        (Strategy::Rewrite, CitusLayout::Distributed { .. } | CitusLayout::SchemaBased) => None,
        (Strategy::Rewrite, CitusLayout::Reference | CitusLayout::InMetadata) => Some(format!(
            "Citus keeps it ({layout}), and does not rewrite such a table once it was read in the transaction"
        )),
    }
}

/// Refuses a table that Citus keeps and that has a trigger on updates: the server counts what a trigger changes by shard, if at
/// all, so whether it changes further rows can't be told.
pub(crate) fn check_triggers(session: &mut Session, table: &Table) -> Result<(), DatabaseError> {
    if !table.placement.is_citus() {
        return Ok(());
    }
    let Some(trigger) = find_trigger(session, table)? else { return Ok(()) };
    Err(DatabaseError::Inconsistent {
        message: format!(
            "{} has the trigger {trigger}, and Citus keeps the table: whether the trigger changes further rows can't be told",
            table.name
        ),
        help: "disable it for the run, or write what it does as a rule".into(),
    })
}

/// Refuses a column in a unique index of a table that Citus keeps: whether its values pass from row to row is found by a
/// recursive statement, which Citus does not take.
pub(crate) fn check_unique(table: &Table, column: &str, index: &str) -> Result<(), DatabaseError> {
    match table.placement.is_citus() {
        false => Ok(()),
        true => Err(DatabaseError::Inconsistent {
            message: format!(
                "{}.{column} is in {index}, and Citus keeps the table: whether its values pass from row to \
                 row can't be told",
                table.name
            ),
            help: format!("set {column} in an SQL file, which nothing can undo"),
        }),
    }
}
