//! The privileges that a role needs to run a folder, without those that it will inherit.

use std::collections::BTreeSet;

use leora_folder::Manifest;
use leora_postgres::{History, HistoryState, Privilege, Session};
use leora_report::{DatabaseError, Lock};

use crate::commands::doctor::derive_privileges::{
    Basis, HISTORY_SCHEMA, RequiredPrivilege, derive_privileges,
};
use crate::commands::doctor::script_access::ScriptAccess;

pub(crate) fn required_privileges(
    session: &mut Session,
    manifest: &Manifest,
    access: &ScriptAccess,
    locks: &[Lock],
    role: &str,
) -> Result<Vec<RequiredPrivilege>, DatabaseError> {
    let schema = session.target().schema.clone();
    let ownership = session.ownership(&schema)?;
    let history_exists = session.ownership(HISTORY_SCHEMA)?.schema.is_some();
    let history_is_old = matches!(History::new(session).state(), Ok(HistoryState::Old { .. }));
    let (ownership, schema) = (&ownership, schema.as_str());
    let basis =
        Basis { manifest, access, locks, ownership, history_exists, history_is_old, schema, role };
    without_inherited(session, derive_privileges(&basis))
}

/// Without the privileges that the role will inherit from the owners that it becomes a member of.
fn without_inherited(
    session: &mut Session,
    required: Vec<RequiredPrivilege>,
) -> Result<Vec<RequiredPrivilege>, DatabaseError> {
    let owners = required.iter().filter_map(|it| it.owner.clone());
    let joined: BTreeSet<String> =
        owners.filter(|owner| !owner.superuser).map(|owner| owner.role).collect();
    let mut kept = Vec::new();
    for required in required {
        let mut inherited = false;
        if required.owner.is_none() && required.privilege != Privilege::History {
            for role in &joined {
                inherited = inherited || session.has_privilege(role, &required.privilege)?;
            }
        }
        if !inherited {
            kept.push(required);
        }
    }
    Ok(kept)
}
