//! Which strategy a change is written with: the one that the folder asks for, or UPDATE where something speaks against it.

use leora_report::DatabaseError;
use leora_rule::{Change, Fallback, Rule, Strategy, Table};

use crate::Session;
use crate::citus;
use crate::strategies::rewrite_obstacle::{
    RewriteFacts, reason_against_batches, rule_against_rewrite,
};
use crate::unique_moves::UniqueMoves;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Write,
    Preview,
}

/// The columns of one `.set` are written together: where something speaks against the strategy for one of them, none is
/// written with it.
pub fn share_strategy(changes: &mut [Change]) {
    let Some(fallback) = changes.iter().find_map(|change| change.fallback.clone()) else { return };
    for change in changes.iter_mut().filter(|change| change.changed() > 0) {
        change.strategy = Strategy::Update;
        change.fallback.get_or_insert_with(|| fallback.clone());
    }
}

pub(crate) fn choose_strategy(
    session: &mut Session,
    requested: Strategy,
    rule: &Rule,
    table: &Table,
    purpose: Purpose,
    moves: Option<&UniqueMoves>,
    change: &mut Change,
) -> Result<(), DatabaseError> {
    change.strategy = requested;
    if change.changed() == 0 {
        return Ok(());
    }
    citus::check_triggers(session, table)?;
    let reason = match requested {
        Strategy::Update => None,
        _ if citus::reason_against(requested, table).is_some() => {
            citus::reason_against(requested, table)
        }
        Strategy::Batches => match moves {
            Some(_) => Some(UniqueMoves::reason_against_batches(&rule.column)),
            None => reason_against_batches(session, rule, table)?,
        },
        Strategy::Rewrite => {
            let facts = RewriteFacts::read(session, table, &change.column)?;
            // An obstacle that was there when the locks were taken may be gone since: then the table is not locked.
            let unlocked = purpose == Purpose::Write && !facts.is_locked;
            rule_against_rewrite(rule)
                .or_else(|| facts.reason_against(session, change))
                .or_else(|| unlocked.then(|| "the run had not locked it against readers".into()))
        }
    };
    if let Some(reason) = reason {
        change.strategy = Strategy::Update;
        change.fallback = Some(Fallback { requested, reason });
    }
    Ok(())
}
