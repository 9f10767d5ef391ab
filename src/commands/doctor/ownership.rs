//! Whose will be what a folder's SQL files make, and who can work with it then.

use leora_execution::ObjectAccess;
use leora_folder::Manifest;
use leora_postgres::{Ownership, RelatedTablesOwner, Role, Session};
use leora_report::{DatabaseError, DoctorCheck};

use crate::commands::doctor::access_survey::Surveyed;

const NAME: &str = "ownership";

/// Whose will be what an SQL file makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    /// The file.
    pub(crate) file: String,
    /// The owner of the tables around it.
    pub(crate) kin: RelatedTablesOwner,
    /// What others need to work with the new tables, after the run.
    pub(crate) opening: Vec<String>,
}

/// For each SQL file that makes something, in a run by this role.
pub(crate) fn expected(
    session: &mut Session,
    manifest: &Manifest,
    surveyed: &Surveyed,
    role: &Role,
) -> Result<Vec<Expected>, DatabaseError> {
    let schema = session.target().schema.clone();
    let new = new_tables(manifest, &session.ownership(&schema)?);
    let mut all = Vec::new();
    for access in surveyed.accesses.keys() {
        let ObjectAccess::RunSql(file) = access else { continue };
        if !manifest.sql_privileges(file).create {
            continue;
        }
        let around = manifest.neighbor_tables(file);
        let kin = session.related_tables_owner(&role.name, &around)?;
        let owner = match &kin {
            RelatedTablesOwner::OtherRole(heir) if !heir.owner.superuser || role.superuser => {
                &heir.owner.role
            }
            _ => &role.name,
        };
        let opening = session.grants_for_others(&new, &around, &role.name, owner)?;
        all.push(Expected { file: file.clone(), kin, opening });
    }
    Ok(all)
}

/// The tables that the folder locks once it has made them.
pub(crate) fn new_tables(manifest: &Manifest, there: &Ownership) -> Vec<String> {
    let locked = manifest.locks.keys();
    locked.filter(|name| !there.tables.contains_key(*name)).cloned().collect()
}

/// A line for each file, and one for those who could not work with what it makes.
pub(crate) fn checks(expected: &[Expected], role: &Role, schema: &str) -> Vec<DoctorCheck> {
    expected.iter().flat_map(|one| [belonging(one, role, schema), opening(one)]).flatten().collect()
}

fn belonging(expected: &Expected, role: &Role, schema: &str) -> Option<DoctorCheck> {
    let (file, name) = (&expected.file, &role.name);
    match &expected.kin {
        RelatedTablesOwner::NoTables => None,
        RelatedTablesOwner::SameRole => {
            let message = format!("what {file} makes is {name}'s, as the tables around it are");
            Some(DoctorCheck::ok(NAME, message))
        }
        // That it may not alter the tables is told with the privileges.
        RelatedTablesOwner::OtherRole(heir) if heir.owner.superuser && !role.superuser => None,
        RelatedTablesOwner::OtherRole(heir) => {
            let owner = &heir.owner.role;
            let grants = heir.missing_grants(name, schema);
            if grants.is_empty() {
                let message = format!("what {file} makes goes to {owner}, as the tables around it");
                return Some(DoctorCheck::ok(NAME, message));
            }
            let message = format!(
                "what {file} makes would stay {name}'s, and {owner}, who owns the tables around it, could not use it"
            );
            Some(DoctorCheck::warn(NAME, message, grants.join("\n")))
        }
        RelatedTablesOwner::SeveralRoles(owners) => {
            let message = format!(
                "the tables around what {file} makes belong to {}: what it makes stays {name}'s",
                owners.join(" and ")
            );
            let remedy = "give them one owner, with ALTER TABLE ... OWNER TO ..., or the new tables after the run";
            Some(DoctorCheck::warn(NAME, message, remedy))
        }
    }
}

fn opening(expected: &Expected) -> Option<DoctorCheck> {
    let Expected { file, opening, .. } = expected;
    if opening.is_empty() {
        return None;
    }
    let message =
        format!("some who work with the tables around it could not use those that {file} makes");
    Some(DoctorCheck::warn(NAME, message, format!("after the run:\n{}", opening.join("\n"))))
}
