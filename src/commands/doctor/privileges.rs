//! Whether a role has what a folder needs.

use leora_postgres::{Owner, Privilege, Role, Session};
use leora_report::{DatabaseError, DoctorCheck};

use crate::commands::doctor::needs::Need;

const NAME: &str = "privileges";

/// A line for each privilege that is missing, or one that says that none is.
pub(crate) fn check(
    session: &mut Session,
    role: &Role,
    needs: &[Need],
    folder: &str,
) -> Result<Vec<DoctorCheck>, DatabaseError> {
    let name = &role.name;
    if !role.exists {
        let remedy =
            format!("make it: leora-run doctor --grants {folder} --role {name} prints the SQL");
        return Ok(vec![DoctorCheck::fail(NAME, format!("there is no role {name}"), remedy)]);
    }
    if role.superuser {
        let message = format!("{name} is a superuser, and may do everything");
        let remedy = format!(
            "a role of its own needs less: leora-run doctor --grants {folder} --role leora_runner"
        );
        return Ok(vec![DoctorCheck::warn(NAME, message, remedy)]);
    }
    let no_history = needs.iter().any(|need| need.privilege == Privilege::History);
    let mut missing = Vec::new();
    for need in needs {
        // Whoever makes the history owns it.
        let of_history = no_history && in_history(&need.privilege);
        if !of_history && !session.has_privilege(name, &need.privilege)? {
            missing.push(told(session, name, need, folder));
        }
    }
    if missing.is_empty() {
        let message = format!("{name} has all that {folder} needs ({} privileges)", needs.len());
        return Ok(vec![DoctorCheck::ok(NAME, message)]);
    }
    Ok(missing)
}

fn in_history(privilege: &Privilege) -> bool {
    match privilege {
        Privilege::Usage { schema } | Privilege::Table { schema, .. } => schema == "leora_run",
        _ => false,
    }
}

/// A privilege that is missing.
fn told(session: &Session, role: &str, need: &Need, folder: &str) -> DoctorCheck {
    let lacks = match &need.privilege {
        Privilege::Connect => "may not connect".to_owned(),
        Privilege::Usage { schema } => format!("may not use the schema {schema}"),
        Privilege::Create { schema } => format!("may not create in the schema {schema}"),
        Privilege::Own { name, .. } => match &need.owner {
            Some(owner) if owner.superuser => {
                return of_superuser(session, role, need, owner, name);
            }
            owner => {
                let owner = owner.as_ref().map_or("somebody else", |owner| &owner.role);
                format!("does not own {name} ({owner} does)")
            }
        },
        Privilege::Table { name, verb, .. } => format!("has no {} on {name}", verb.sql()),
        Privilege::Lock { name, .. } => format!("may not lock {name}"),
        Privilege::Sequence { name, .. } => format!("may not use the sequence {name}"),
        Privilege::EveryRow { .. } => "may not see every row".to_owned(),
        Privilege::History => {
            let message = format!("{role} may not make the schema leora_run: {}", need.reason);
            let remedy = format!(
                "let the database's owner make it: leora-run doctor --grants {folder} prints the SQL"
            );
            return DoctorCheck::fail(NAME, message, remedy);
        }
    };
    let remedy = session.grant_statement(role, &need.privilege, need.owner.as_ref());
    DoctorCheck::fail(NAME, format!("{role} {lacks}: {}", need.reason), remedy)
}

/// A table that a superuser owns: nobody should be a member of that, and to take the table away is a step of its own.
fn of_superuser(
    session: &Session,
    role: &str,
    need: &Need,
    owner: &Owner,
    name: &str,
) -> DoctorCheck {
    let (owner, reason) = (&owner.role, &need.reason);
    let message = format!("{role} does not own {name} (the superuser {owner} does): {reason}");
    let taking = session.grant_statement(role, &need.privilege, need.owner.as_ref());
    let remedy = format!("run it as {owner}; or, to take {name} from {owner} for good:\n{taking}");
    DoctorCheck::fail(NAME, message, remedy)
}
