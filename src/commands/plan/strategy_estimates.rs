//! Estimates how long each strategy would take to write the changes of a plan: from the figures in `benches/RESULTS.md`, scaled
//! by how fast the preview read rows here.

use leora_report::{Entry, Report, StrategyEstimate};
use leora_rule::{Change, Strategy};

/// Milliseconds for the journal, the checks and the commit of any change, measured on 5,394 rows.
const FIXED_MS: f64 = 40.0;
/// Microseconds for a row changed by UPDATE, measured on 1,000,000 rows with seven indexes.
const UPDATE_US: f64 = 27.0;
/// Microseconds for a row of a rewritten table, whether it changes or not.
const REWRITE_US: f64 = 7.0;
/// Microseconds for a row changed in batches, on two connections.
const BATCHES_US: f64 = 21.0;
/// Microseconds for a row that a preview reads.
const READ_US: f64 = 0.35;
/// The most that a machine is taken to be slower: the preview may have read from a cold disk.
const MAX_SLOWNESS: f64 = 4.0;
/// A preview that read for less says nothing about the speed, in milliseconds.
const MIN_READING_MS: u64 = 100;

/// Empty where there is nothing to write.
pub(crate) fn estimate_strategies(report: &Report, chosen: Strategy) -> Vec<StrategyEstimate> {
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
    let estimate = |strategy| StrategyEstimate {
        strategy,
        about_ms: changes.iter().map(|change| writing_ms(change, strategy)).sum(),
        chosen: strategy == chosen,
        against: changes.iter().find_map(|change| obstacle(change, strategy)),
    };
    [Strategy::Update, Strategy::Rewrite, Strategy::Batches].into_iter().map(estimate).collect()
}

/// The estimate for one strategy, in milliseconds; 0 without estimates.
pub(crate) fn estimated_ms(estimates: &[StrategyEstimate], strategy: Strategy) -> u64 {
    estimates.iter().find(|one| one.strategy == strategy).map_or(0, |one| one.about_ms)
}

/// How long the steps of a preview took, in milliseconds.
pub(crate) fn reading_ms(report: &Report) -> u64 {
    let reading: u128 = report.steps.iter().map(|step| step.elapsed.as_millis()).sum();
    u64::try_from(reading).unwrap_or(u64::MAX)
}

fn obstacle(change: &Change, strategy: Strategy) -> Option<String> {
    let preview = change.preview.as_ref()?;
    let reason = match strategy {
        Strategy::Update => None,
        Strategy::Rewrite => preview.against_rewrite.as_ref(),
        Strategy::Batches => preview.against_batches.as_ref(),
    }?;
    Some(format!("{}.{}: {reason}", change.table, change.column))
}

fn writing_ms(change: &Change, strategy: Strategy) -> u64 {
    let (changed, all) = (change.changed() as f64, change.table_rows() as f64);
    let rows_us = match strategy {
        Strategy::Rewrite if obstacle(change, strategy).is_none() => all * REWRITE_US,
        Strategy::Batches if obstacle(change, strategy).is_none() => changed * BATCHES_US,
        Strategy::Update | Strategy::Rewrite | Strategy::Batches => changed * UPDATE_US,
    };
    (FIXED_MS + rows_us * slowness(change) / 1e3).round() as u64
}

/// How many times slower rows are read here than where the figures were measured; 1 when that is not known.
fn slowness(change: &Change) -> f64 {
    let reading = change.preview.as_ref().map_or(0, |preview| preview.reading_ms);
    if reading < MIN_READING_MS {
        return 1.0;
    }
    (reading as f64 * 1e3 / (change.table_rows().max(1) as f64 * READ_US)).clamp(1.0, MAX_SLOWNESS)
}
