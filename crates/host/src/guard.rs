//! The guards of the manifest, which refuse a change before its first row is written.

use leora_folder::{ForbiddenTransition, Manifest};
use leora_rule::{Change, Transition, format_count, format_number};

use crate::HostError;

/// Refuses a change that a guard of the manifest forbids.
///
/// # Errors
/// [`HostError::Guarded`], with every transition of the change.
pub fn check_change(manifest: &Manifest, change: &Change) -> Result<(), HostError> {
    let place = format!("{}.{}", change.table, change.column);
    let forbidden = |one: &&Transition| manifest.forbid.iter().any(|it| forbids(it, change, one));
    if let Some(transition) = change.transitions.iter().find(forbidden) {
        let message = format!(
            "{place} would go from {transition} in {}, which {} forbids",
            transition.describe_rows(),
            manifest.path
        );
        return Err(guarded(message, change));
    }
    let Some(max_percent) = manifest.max_changed else { return Ok(()) };
    // Giving a value to a row that has none is not a reclassification.
    let (changed, valued) = (change.reclassified(), change.valued());
    if changed as f64 * 100.0 <= max_percent * valued as f64 {
        return Ok(());
    }
    let percent = changed as f64 * 100.0 / valued as f64;
    let message = format!(
        "{} of the {} with a {place} would change, {percent:.1}%; {} allows max_changed = \"{max_percent}%\"",
        format_number(changed),
        format_count(valued, "row"),
        manifest.path
    );
    Err(guarded(message, change))
}

fn forbids(guard: &ForbiddenTransition, change: &Change, transition: &Transition) -> bool {
    guard.table == change.table
        && guard.column == change.column
        && guard.old == transition.old
        && guard.new == transition.new
}

fn guarded(message: String, change: &Change) -> HostError {
    let matrix =
        change.transitions.iter().map(|one| format!("{one}: {}", one.describe_rows())).collect();
    HostError::Guarded { message, matrix }
}
