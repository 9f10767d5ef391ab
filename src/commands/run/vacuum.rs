//! Suggesting VACUUM after a run that leaves its tables slower than it found them.

use leora_report::{Entry, Report};
use leora_rule::{Strategy, printable_sql, quote_identifier};

/// Suggests it for each table that was changed in batches, where the old versions of the rows take up room, and for each
/// that was rewritten: its visibility map is empty.
pub(crate) fn suggest_vacuum(report: &mut Report, requested: Strategy) {
    let entries = report.steps.iter().flat_map(|step| &step.entries);
    let mut suggestions: Vec<String> = entries
        .filter_map(|entry| match entry {
            Entry::Change { change, .. } if change.changed() > 0 => {
                let reason = match (change.strategy, requested) {
                    (Strategy::Rewrite, _) => "index-only scans are slow until then",
                    (_, Strategy::Batches) => "the old rows take up room",
                    _ => return None,
                };
                let table = printable_sql(&quote_identifier(&change.table));
                Some(format!("psql: VACUUM (ANALYZE) {table}; -- {reason}"))
            }
            _ => None,
        })
        .collect();
    suggestions.dedup();
    report.next.splice(0..0, suggestions);
}
