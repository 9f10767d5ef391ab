//! `doctor --grants`: what a role needs for a folder, as statements.

use std::collections::BTreeSet;
use std::path::Path;

use leora_postgres::{HISTORY_SCHEMA, Privilege, RelatedTablesOwner, Session};
use leora_report::{DatabaseError, Failure, Grant, GrantList, UnseenStep};

use crate::commands::context::Context;
use crate::commands::doctor::new_objects::{NewObjects, predict_new_objects};
use crate::commands::doctor::required_privileges::{RequiredPrivilege, required_privileges};
use crate::commands::doctor::script_access::{UnfinishedStep, probe_access};
use crate::commands::shared::connection::begin_read_only;
use crate::commands::shared::loaded_folder::LoadedFolder;
use crate::commands::shared::locks::needed_locks;
use crate::commands::shared::target::{open_target, target_report};

/// The role that is suggested for running folders, where none is named and the connection's own is a superuser.
const SUGGESTED_ROLE: &str = "leora_runner";

pub(crate) fn list_grants(
    path: &Path,
    role: Option<&str>,
    context: &Context,
) -> Result<GrantList, Failure> {
    let loaded = LoadedFolder::load(path, context)?;
    let manifest = &loaded.folder.manifest;
    let opened = open_target(context)?;
    let target = target_report(&opened.target);
    let session = begin_read_only(opened.target, context)?;
    let (mut session, access) = probe_access(session, &loaded, context);
    let own = session.current_role()?;
    let role = match role {
        Some(name) => session.role(name)?,
        None if own.superuser => session.role(SUGGESTED_ROLE)?,
        None => own,
    };
    let locks = needed_locks(&mut session, manifest)?;
    let required = required_privileges(&mut session, manifest, &access, &locks, &role.name)?;
    let mut grants = required
        .iter()
        .map(|required| grant(&mut session, &role.name, role.exists, required))
        .collect::<Result<Vec<_>, _>>()?;
    let taken_from: BTreeSet<String> = required.iter().filter_map(superuser_owner).collect();
    let new_objects = predict_new_objects(&mut session, manifest, &access, &role)?;
    for new in &new_objects {
        let schema = &session.target().schema;
        grants.extend(reassigning_grants(new, &role.name, schema, &grants));
    }
    let unseen = |step: UnfinishedStep| UnseenStep { step: step.step, why: step.reason };
    Ok(GrantList {
        folder: loaded.folder.path.clone(),
        target,
        role: role.name,
        role_exists: role.exists,
        superuser: role.superuser,
        grants,
        taken_from: taken_from.into_iter().collect(),
        after_run: new_objects.into_iter().flat_map(|new| new.grants).collect(),
        unseen: access.unfinished_steps.into_iter().map(unseen).collect(),
    })
}

fn grant(
    session: &mut Session,
    role: &str,
    exists: bool,
    required: &RequiredPrivilege,
) -> Result<Grant, DatabaseError> {
    let RequiredPrivilege { privilege, owner, reason } = required;
    let held = exists && session.has_privilege(role, privilege)?;
    let sql = match privilege {
        Privilege::History => HISTORY_SCHEMA.trim_end().to_owned(),
        _ => session.grant_statement(role, privilege, owner.as_ref()),
    };
    let reason = match superuser_owner(required) {
        Some(owner) => format!("{reason}; takes it from {owner}"),
        None => reason.clone(),
    };
    Ok(Grant { sql, reason, held })
}

/// The superuser who would no longer own what the role has to own.
fn superuser_owner(required: &RequiredPrivilege) -> Option<String> {
    let superuser = required.owner.as_ref().filter(|owner| owner.superuser);
    superuser.map(|owner| owner.role.clone())
}

/// What lets the role make the owner of the tables around it the owner of what a file creates, unless it is listed already.
fn reassigning_grants(new: &NewObjects, role: &str, schema: &str, listed: &[Grant]) -> Vec<Grant> {
    let RelatedTablesOwner::OtherRole(other) = &new.neighbors else { return vec![] };
    if other.owner.superuser {
        return vec![];
    }
    let grants = other.missing_grants(role, schema).into_iter();
    let missing = grants.filter(|sql| !listed.iter().any(|grant| grant.sql == *sql));
    let reason = format!("what {} creates goes to {}", new.file, other.owner.role);
    missing.map(|sql| Grant { sql, reason: reason.clone(), held: false }).collect()
}
