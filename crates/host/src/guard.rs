//! Guards of the manifest: changes that are refused before the first row is written.

use leora_folder::{Manifest, Transit};
use leora_rule::{Change, Transition, format_count, format_number};

use crate::HostError;

/// Refuses a change that a guard of the manifest forbids.
pub fn judge(manifest: &Manifest, change: &Change) -> Result<(), HostError> {
    let place = format!("{}.{}", change.table, change.column);
    let forbidden = change
        .transitions
        .iter()
        .find(|one| manifest.forbid.iter().any(|guard| names(guard, change, one)));
    if let Some(one) = forbidden {
        let told = format!(
            "{place} would go from {one} in {}, which {} forbids",
            one.describe_rows(),
            manifest.path
        );
        return Err(refused(told, change));
    }
    let Some(most) = manifest.max_changed else { return Ok(()) };
    let (changed, valued) = (change.reclassified(), change.valued());
    // Giving a value to a row that has none is not a reclassification.
    if changed as f64 * 100.0 <= most * valued as f64 {
        return Ok(());
    }
    let share = changed as f64 * 100.0 / valued as f64;
    let told = format!(
        "{} of the {} with a {place} would change, {share:.1}%; {} allows max_changed = \"{most}%\"",
        format_number(changed),
        format_count(valued, "row"),
        manifest.path
    );
    Err(refused(told, change))
}

fn names(guard: &Transit, change: &Change, one: &Transition) -> bool {
    guard.table == change.table
        && guard.column == change.column
        && guard.old == one.old
        && guard.new == one.new
}

fn refused(message: String, change: &Change) -> HostError {
    let matrix =
        change.transitions.iter().map(|one| format!("{one}: {}", one.describe_rows())).collect();
    HostError::Guarded { message, matrix }
}
