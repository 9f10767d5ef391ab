//! What a run does about triggers that would run with more rights than the owners of their functions have.

use std::collections::BTreeSet;

use leora_folder::{Manifest, TriggerRights};
use leora_postgres::Session;
use leora_report::{Failure, FailureKind};
use leora_rule::Access;

use crate::commands::context::Context;
use crate::commands::shared::{TRIGGER_RIGHTS_REMEDY, describe_lent_rights};

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
    let Some(message) = describe_lent_rights(&mut session, &tables)? else { return Ok(session) };
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
