//! Who will own what a folder's SQL files create, and what others need to use it.

use leora_execution::ObjectAccess;
use leora_folder::Manifest;
use leora_postgres::{Ownership, RelatedTablesOwner, Role, Session};
use leora_report::DatabaseError;

use crate::commands::doctor::script_access::ScriptAccess;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewObjects {
    pub(crate) file: String,
    /// Who owns the tables beside which they are created.
    pub(crate) neighbors: RelatedTablesOwner,
    /// The statements that let others use the new tables, after the run.
    pub(crate) grants: Vec<String>,
}

pub(crate) fn predict_new_objects(
    session: &mut Session,
    manifest: &Manifest,
    access: &ScriptAccess,
    role: &Role,
) -> Result<Vec<NewObjects>, DatabaseError> {
    let schema = session.target().schema.clone();
    let new = new_tables(manifest, &session.ownership(&schema)?);
    let mut predicted = Vec::new();
    for access in access.accesses.keys() {
        let ObjectAccess::RunSql(file) = access else { continue };
        if !manifest.sql_privileges(file).create {
            continue;
        }
        let tables = manifest.neighbor_tables(file);
        let neighbors = session.related_tables_owner(&role.name, &tables)?;
        let owner = match &neighbors {
            RelatedTablesOwner::OtherRole(new) if !new.owner.superuser || role.superuser => {
                &new.owner.role
            }
            _ => &role.name,
        };
        let grants = session.grants_for_others(&new, &tables, &role.name, owner)?;
        predicted.push(NewObjects { file: file.clone(), neighbors, grants });
    }
    Ok(predicted)
}

/// The tables that the folder locks, and creates first.
pub(crate) fn new_tables(manifest: &Manifest, existing: &Ownership) -> Vec<String> {
    let locked = manifest.locks.keys();
    locked.filter(|name| !existing.tables.contains_key(*name)).cloned().collect()
}
