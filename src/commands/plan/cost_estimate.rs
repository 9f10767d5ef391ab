//! What each way to write the changes of a plan would cost: what it cost in `benches/RESULTS.md`, for so many rows, and
//! more where the plan's own reading shows that this machine or these rows are slower.

use leora_report::{Entry, Report, StrategyEstimate};
use leora_rule::{Change, Strategy};

/// What the journal, the checks and the commit take of any change, in milliseconds: 5,394 rows.
const FIXED_MS: f64 = 40.0;
/// What a changed row takes by UPDATE, with seven indexes, in microseconds: 1,000,000 rows, ...
const UPDATE: f64 = 27.0;
/// ... a row of the table written anew, however many change, ...
const REWRITE: f64 = 7.0;
/// ... and a changed row in batches on two connections.
const BATCHES: f64 = 21.0;
/// What judging a row takes.
const READING: f64 = 0.35;
/// How much slower than there a machine may be taken for: a first reading may have come from a cold disk.
const SLOWEST: f64 = 4.0;
/// A shorter reading says nothing of how fast rows are read, in milliseconds.
const TELLING_MS: u64 = 100;

/// The ways to write what a plan foresees, and about how long each would take; none where there is nothing to write.
pub(crate) fn ways(report: &Report, chosen: Strategy) -> Vec<StrategyEstimate> {
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
    let way = |strategy| StrategyEstimate {
        strategy,
        about_ms: changes.iter().map(|change| writing_ms(change, strategy)).sum(),
        chosen: strategy == chosen,
        against: changes.iter().find_map(|change| against(change, strategy)),
    };
    [Strategy::Update, Strategy::Rewrite, Strategy::Batches].into_iter().map(way).collect()
}

/// About how long the writing would take in one of the ways.
pub(crate) fn of(ways: &[StrategyEstimate], strategy: Strategy) -> u64 {
    ways.iter().find(|way| way.strategy == strategy).map_or(0, |way| way.about_ms)
}

/// How long a plan has read.
pub(crate) fn reading_ms(report: &Report) -> u64 {
    let reading: u128 = report.steps.iter().map(|step| step.elapsed.as_millis()).sum();
    u64::try_from(reading).unwrap_or(u64::MAX)
}

fn against(change: &Change, strategy: Strategy) -> Option<String> {
    let preview = change.preview.as_ref()?;
    let because = match strategy {
        Strategy::Update => None,
        Strategy::Rewrite => preview.against_rewrite.as_ref(),
        Strategy::Batches => preview.against_batches.as_ref(),
    }?;
    Some(format!("{}.{}: {because}", change.table, change.column))
}

fn writing_ms(change: &Change, strategy: Strategy) -> u64 {
    let (changed, all) = (change.changed() as f64, change.table_rows() as f64);
    let rows_us = match strategy {
        Strategy::Rewrite if against(change, strategy).is_none() => all * REWRITE,
        Strategy::Batches if against(change, strategy).is_none() => changed * BATCHES,
        _ => changed * UPDATE,
    };
    (FIXED_MS + rows_us * slowness(change) / 1e3).round() as u64
}

/// How many times slower rows are read here than where the costs were measured, as far as that shows.
fn slowness(change: &Change) -> f64 {
    let reading = change.preview.as_ref().map_or(0, |preview| preview.reading_ms);
    if reading < TELLING_MS {
        return 1.0;
    }
    (reading as f64 * 1e3 / (change.table_rows().max(1) as f64 * READING)).clamp(1.0, SLOWEST)
}
