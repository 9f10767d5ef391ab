//! The guards of the manifest, which refuse a change before its first row is written.

use leora_folder::{ForbiddenTransition, Manifest};
use leora_rule::{Change, Transition, format_count, format_number};

use crate::HostError;

/// Refuses a change that a guard of the manifest forbids. `is_equal` says whether a value of the column equals a value as the
/// manifest writes it.
///
/// # Errors
/// [`HostError::Guarded`], with every transition of the change.
pub fn check_change(
    manifest: &Manifest,
    change: &Change,
    is_equal: impl Fn(&str, &str) -> bool,
) -> Result<(), HostError> {
    let place = format!("{}.{}", change.table, change.column);
    let forbidden = |one: &&Transition| {
        manifest.forbid.iter().any(|guard| forbids(guard, change, one, &is_equal))
    };
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
    let (changed, valued) = (change.reclassified(), change.rows_with_value());
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

fn forbids(
    guard: &ForbiddenTransition,
    change: &Change,
    transition: &Transition,
    is_equal: impl Fn(&str, &str) -> bool,
) -> bool {
    let is_same = |value: &Option<String>, label: &Option<String>| match (value, label) {
        (Some(value), Some(label)) => is_equal(value, label),
        (value, label) => value == label,
    };
    guard.table == change.table
        && guard.column == change.column
        && is_same(&transition.old, &guard.old)
        && is_same(&transition.new, &guard.new)
}

fn guarded(message: String, change: &Change) -> HostError {
    let matrix =
        change.transitions.iter().map(|one| format!("{one}: {}", one.describe_rows())).collect();
    HostError::Guarded { message, matrix }
}

#[cfg(test)]
mod tests {
    use leora_rule::{Strategy, UnchangedRows};

    use super::*;
    use crate::test_manifest::manifest;

    /// Rows of 100 customers with a value that change it, and of further ones without that get one.
    fn change(reclassified: u64, first_values: u64) -> Change {
        let transition = |old: Option<&str>, rows| Transition {
            old: old.map(str::to_owned),
            new: Some("TARGET".into()),
            rows,
        };
        Change {
            table: "Customer".into(),
            column: "accountType".into(),
            strategy: Strategy::Update,
            fallback: None,
            transitions: vec![
                transition(Some("ACTIVE"), reclassified),
                transition(None, first_values),
            ],
            unchanged: UnchangedRows {
                same: 100 - reclassified,
                with_value: 100 - reclassified,
                ..UnchangedRows::default()
            },
            left: 0,
            preview: None,
        }
    }

    fn spelt_alike(value: &str, label: &str) -> bool {
        value == label
    }

    #[test]
    fn max_changed_counts_only_rows_that_had_a_value() {
        let manifest = manifest("read-write", "max_changed = \"10%\"");
        assert!(check_change(&manifest, &change(10, 5_000), spelt_alike).is_ok());
        let error =
            check_change(&manifest, &change(11, 0), spelt_alike).expect_err("it is too much");
        assert_eq!(
            error.to_string(),
            "11 of the 100 rows with a Customer.accountType would change, 11.0%; s/leora.toml allows max_changed = \"10%\""
        );
        let HostError::Guarded { matrix, .. } = error else { panic!("a guard refuses") };
        assert_eq!(matrix, ["ACTIVE -> TARGET: 11 rows", "(none) -> TARGET: 0 rows"]);
    }

    #[test]
    fn a_forbidden_transition_is_refused_also_for_one_row() {
        let forbid = "forbid = [\"Customer.accountType: ACTIVE -> TARGET\"]";
        let error = check_change(&manifest("read-write", forbid), &change(1, 0), spelt_alike)
            .expect_err("no");
        assert_eq!(
            error.to_string(),
            "Customer.accountType would go from ACTIVE -> TARGET in 1 row, which s/leora.toml forbids"
        );
        assert!(check_change(&manifest("read-write", ""), &change(1, 0), spelt_alike).is_ok());
    }
}
