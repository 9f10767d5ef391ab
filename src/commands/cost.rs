//! What each way to write the changes of a plan would cost, from what reading them took.

use crate::report::{Report, WayReport};
use crate::rule::{Change, Strategy};
use crate::script::Entry;

/// What writing costs against one reading of all rows, measured on a million customers with seven indexes: an UPDATE
/// of every row, ...
const UPDATE: u64 = 50;
/// ... and the table anew, however many rows change.
const REWRITE: u64 = 15;
/// ... and batches on two connections.
const BATCHES: u64 = 36;

/// The ways to write what a plan foresees, and about how long each would take; none where there is nothing to write.
pub(super) fn ways(report: &Report, chosen: Strategy) -> Vec<WayReport> {
    let entries = report.steps.iter().flat_map(|step| &step.entries);
    let changes: Vec<&Change> = entries
        .filter_map(|entry| match entry {
            Entry::Change { change, .. } if change.changed() > 0 => Some(change),
            _ => None,
        })
        .collect();
    if changes.is_empty() {
        return vec![];
    }
    let way = |strategy| WayReport {
        strategy,
        about_ms: changes.iter().map(|change| writing_ms(change, strategy)).sum(),
        chosen: strategy == chosen,
        against: changes.iter().find_map(|change| against(change, strategy)),
    };
    [Strategy::Update, Strategy::Rewrite, Strategy::Batches].into_iter().map(way).collect()
}

/// About how long the writing would take in one of the ways.
pub(super) fn of(ways: &[WayReport], strategy: Strategy) -> u64 {
    ways.iter().find(|way| way.strategy == strategy).map_or(0, |way| way.about_ms)
}

/// How long a plan has read.
pub(super) fn reading_ms(report: &Report) -> u64 {
    let reading: u128 = report.steps.iter().map(|step| step.elapsed.as_millis()).sum();
    u64::try_from(reading).unwrap_or(u64::MAX)
}

fn against(change: &Change, strategy: Strategy) -> Option<String> {
    let foreseen = change.foreseen.as_ref()?;
    let because = match strategy {
        Strategy::Update => None,
        Strategy::Rewrite => foreseen.against_rewrite.as_ref(),
        Strategy::Batches => foreseen.against_batches.as_ref(),
    }?;
    Some(format!("{}.{}: {because}", change.table, change.column))
}

fn writing_ms(change: &Change, strategy: Strategy) -> u64 {
    let reading = change.foreseen.as_ref().map_or(0, |foreseen| foreseen.reading_ms);
    match strategy {
        Strategy::Rewrite if against(change, strategy).is_none() => reading * REWRITE,
        Strategy::Batches if against(change, strategy).is_none() => {
            reading * BATCHES * change.changed() / change.all().max(1)
        }
        _ => reading * UPDATE * change.changed() / change.all().max(1),
    }
}
