//! Triggers that would run with more rights than the owners of their functions have: a run by a superuser lends its rights to
//! whoever may change such a function.

use leora_postgres::{Inspection, Session, Trigger};
use leora_report::DatabaseError;

/// Names such triggers on these tables, if there are any.
pub(crate) fn describe_lent_rights(
    session: &mut Session,
    tables: &[String],
) -> Result<Option<String>, DatabaseError> {
    let triggers = Inspection::new(session).triggers_with_lent_rights(tables)?;
    let named: Vec<String> = triggers.iter().filter_map(Trigger::describe_lent_rights).collect();
    Ok((!named.is_empty()).then(|| {
        format!(
            "{}, with rights that its owner does not have: those of the role of this run",
            named.join(", ")
        )
    }))
}
