//! Whether a role has the privileges that a folder needs, and who can use what its SQL files create.

use leora_postgres::{Owner, Privilege, RelatedTablesOwner};
use leora_report::{DoctorCheck, shell_option, shell_path};
use leora_rule::printable_sql;

use crate::commands::doctor::derive_privileges::RequiredPrivilege;
use crate::commands::doctor::examined::ExaminedFolder;
use crate::commands::doctor::new_objects::NewObjects;

const PRIVILEGES: &str = "privileges";
const OWNERSHIP: &str = "ownership";

/// A check for each privilege that is missing, or one if none is.
pub(crate) fn privileges(folder: &ExaminedFolder) -> Vec<DoctorCheck> {
    let (role, path) = (&folder.role.name, &folder.path);
    let print_grants = format!("leora-run doctor --grants {}", shell_path(path));
    if !folder.role.exists {
        let named = shell_option("--role", role);
        let remedy = format!("make it: {print_grants} {named} prints the SQL");
        return vec![DoctorCheck::fail(PRIVILEGES, format!("there is no role {role}"), remedy)];
    }
    if folder.role.superuser {
        let message = format!("{role} is a superuser, and may do everything");
        let remedy = format!("a role of its own needs less: {print_grants} --role leora_runner");
        return vec![DoctorCheck::warn(PRIVILEGES, message, remedy)];
    }
    if folder.missing.is_empty() {
        let count = folder.required;
        let message = format!("{role} has all that {path} needs ({count} privileges)");
        return vec![DoctorCheck::ok(PRIVILEGES, message)];
    }
    let check = |(privilege, grant): &(RequiredPrivilege, String)| {
        missing_privilege(privilege, grant, role, path)
    };
    folder.missing.iter().map(check).collect()
}

fn missing_privilege(
    required: &RequiredPrivilege,
    grant: &str,
    role: &str,
    path: &str,
) -> DoctorCheck {
    let reason = &required.reason;
    let lacks = match &required.privilege {
        Privilege::Connect => "may not connect".to_owned(),
        Privilege::Temporary => "may not create temporary tables".to_owned(),
        Privilege::Usage { schema } => format!("may not use the schema {schema}"),
        Privilege::Create { schema } => format!("may not create in the schema {schema}"),
        Privilege::Own { name, .. } => match &required.owner {
            Some(owner) if owner.superuser => {
                return owned_by_superuser(owner, name, reason, grant, role);
            }
            Some(owner) => format!("does not own {name} ({} does)", owner.role),
            None => format!("does not own {name} (somebody else does)"),
        },
        Privilege::Table { name, verb, .. } => format!("has no {} on {name}", verb.sql()),
        Privilege::HistoryFunctions { .. } => "may not call the functions of leora_run".to_owned(),
        Privilege::HistoryUpgrade => {
            let message = format!("{role} may not upgrade the schema leora_run: {reason}");
            let path = shell_path(path);
            let remedy = format!(
                "let its owner run a folder, or run what this prints: leora-run doctor --grants {path}"
            );
            return DoctorCheck::fail(PRIVILEGES, message, remedy);
        }
        Privilege::Lock { name, .. } => format!("may not lock {name}"),
        Privilege::Sequence { name, .. } => format!("may not use the sequence {name}"),
        Privilege::EveryRow { .. } => "may not see every row".to_owned(),
        Privilege::History => {
            let message = format!("{role} may not make the schema leora_run: {reason}");
            let path = shell_path(path);
            let remedy = format!(
                "let the database's owner make it: leora-run doctor --grants {path} prints the SQL"
            );
            return DoctorCheck::fail(PRIVILEGES, message, remedy);
        }
    };
    DoctorCheck::fail(PRIVILEGES, format!("{role} {lacks}: {reason}"), printable_sql(grant))
}

/// The role should not become a member of a superuser, and taking the table from it is a decision of its own.
fn owned_by_superuser(
    owner: &Owner,
    name: &str,
    reason: &str,
    grant: &str,
    role: &str,
) -> DoctorCheck {
    let owner = &owner.role;
    let message = format!("{role} does not own {name} (the superuser {owner} does): {reason}");
    let grant = printable_sql(grant);
    let remedy = format!("run it as {owner}; or, to take {name} from {owner} for good:\n{grant}");
    DoctorCheck::fail(PRIVILEGES, message, remedy)
}

/// For each SQL file that creates something: who owns that, and who could not use it.
pub(crate) fn ownership(folder: &ExaminedFolder) -> Vec<DoctorCheck> {
    let checks = |new: &NewObjects| [new_owner(new, folder), missing_grants(new)];
    folder.new_objects.iter().flat_map(checks).flatten().collect()
}

fn new_owner(new: &NewObjects, folder: &ExaminedFolder) -> Option<DoctorCheck> {
    let (file, role) = (&new.file, &folder.role.name);
    let check = match &new.neighbors {
        RelatedTablesOwner::NoTables => return None,
        RelatedTablesOwner::SameRole => {
            let message =
                format!("{role} will own what {file} creates, as it owns the tables around it");
            DoctorCheck::ok(OWNERSHIP, message)
        }
        // The privileges show that the role may not alter those tables.
        RelatedTablesOwner::OtherRole(other) if other.owner.superuser && !folder.role.superuser => {
            return None;
        }
        RelatedTablesOwner::OtherRole(other) => {
            let owner = &other.owner.role;
            let grants = other.missing_grants(role, &folder.schema.name);
            if grants.is_empty() {
                let message =
                    format!("what {file} creates goes to {owner}, who owns the tables around it");
                return Some(DoctorCheck::ok(OWNERSHIP, message));
            }
            let message = format!(
                "{role} would keep what {file} creates, and {owner}, who owns the tables around it, could not use it"
            );
            DoctorCheck::warn(OWNERSHIP, message, printable_sql(&grants.join("\n")))
        }
        RelatedTablesOwner::SeveralRoles(owners) => {
            let message = format!(
                "the tables around what {file} creates belong to {}: {role} keeps what it creates",
                owners.join(" and ")
            );
            let remedy = "give them one owner, with ALTER TABLE ... OWNER TO ..., or the new tables after the run";
            DoctorCheck::warn(OWNERSHIP, message, remedy)
        }
    };
    Some(check)
}

fn missing_grants(new: &NewObjects) -> Option<DoctorCheck> {
    if new.grants.is_empty() {
        return None;
    }
    let message =
        format!("some who use the tables around it could not use those that {} creates", new.file);
    let remedy = format!("after the run:\n{}", printable_sql(&new.grants.join("\n")));
    Some(DoctorCheck::warn(OWNERSHIP, message, remedy))
}
