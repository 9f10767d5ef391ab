//! Triggers that would run with more rights than the owners of their functions have: a run by a superuser lends its rights to
//! whoever may change such a function.

use std::collections::BTreeSet;

use leora_folder::{Manifest, TriggerRights};
use leora_postgres::{Inspection, Session, Trigger};
use leora_report::{Failure, FailureKind};
use leora_rule::Access;

use crate::commands::context::Context;
use crate::commands::shared::TRIGGER_RIGHTS_REMEDY;

/// Names such triggers on the tables that the folder may write, or refuses the run, as the manifest says.
pub(crate) fn check(
    mut session: Session,
    manifest: &Manifest,
    context: &Context,
) -> Result<Session, Failure> {
    if manifest.access == Access::ReadOnly {
        return Ok(session);
    }
    let table = |entry: &String| entry.split('.').next().unwrap_or(entry).to_owned();
    let tables: BTreeSet<String> = manifest.writes.iter().map(table).collect();
    let tables: Vec<String> = tables.into_iter().collect();
    let triggers = Inspection::new(&mut session).triggers_with_lent_rights(&tables)?;
    let named: Vec<String> = triggers.iter().filter_map(Trigger::describe_lent_rights).collect();
    if named.is_empty() {
        return Ok(session);
    }
    let message = format!(
        "{}, with rights that its owner does not have: those of the role of this run",
        named.join(", ")
    );
    match manifest.trigger_rights {
        TriggerRights::Warn => {
            context.screen().note(&format!("{message}; {TRIGGER_RIGHTS_REMEDY}"));
            Ok(session)
        }
        TriggerRights::Refuse => {
            let help = format!(
                "{TRIGGER_RIGHTS_REMEDY}; trigger_rights = \"refuse\" in {} refuses it",
                manifest.path
            );
            Err(Failure::new(FailureKind::Refused, message, Some(help)))
        }
    }
}
