//! `doctor --grants`: what a role needs for a folder, as statements.

use std::collections::BTreeSet;
use std::path::Path;

use leora_postgres::{HISTORY_SCHEMA, Privilege, RelatedTablesOwner, Session, Transaction};
use leora_report::{DatabaseError, Failure, Grant, GrantList, UnseenStep};
use leora_script::{Program, Settings};

use crate::commands::context::Context;
use crate::commands::doctor::access_survey::survey;
use crate::commands::doctor::needs::{self, Need};
use crate::commands::doctor::ownership::{self, Expected};
use crate::commands::shared::script_folder::open;
use crate::commands::shared::target;

/// The role that is to run folders, where nobody names one and the connection's own may do everything.
const RUNNER: &str = "leora_runner";

/// Reads what a role needs for a folder.
pub(crate) fn grants(
    path: &Path,
    role: Option<&str>,
    context: &Context,
) -> Result<GrantList, Failure> {
    let folder = open(path, context)?;
    let program = Program::compile(&folder)?;
    let settings = Settings::new(context.options.set.clone());
    settings.check_known(program.settings())?;
    let found = target::find(context)?;
    let told = target::told(&found.target);
    let server = context.server(found.target);
    let mut session = Session::connect(&server, context.timeouts())?;
    session.begin(Transaction::ReadOnly)?;
    let (mut session, surveyed) =
        survey(session, &context.run_context("", &folder), &program, &settings, context);
    let own = session.current_role()?;
    let role = match role {
        Some(name) => session.role(name)?,
        None if own.superuser => session.role(RUNNER)?,
        None => own,
    };
    let needs = needs::of(&mut session, &folder.manifest, &surveyed, &role.name)?;
    let mut grants = needs
        .iter()
        .map(|need| statement(&mut session, &role.name, role.exists, need))
        .collect::<Result<Vec<_>, _>>()?;
    let taken = needs.iter().filter_map(taken_from).collect::<BTreeSet<_>>();
    let expected = ownership::expected(&mut session, &folder.manifest, &surveyed, &role)?;
    for one in &expected {
        grants.extend(handing_over(one, &role.name, &session.target().schema, &grants));
    }
    let opening = expected.into_iter().flat_map(|one| one.opening).collect();
    let unseen = surveyed.unseen.into_iter();
    let unseen = unseen.map(|one| UnseenStep { step: one.step, why: one.why }).collect();
    Ok(GrantList {
        folder: folder.path.clone(),
        target: told,
        role: role.name,
        role_exists: role.exists,
        superuser: role.superuser,
        grants,
        taken_from: taken.into_iter().collect(),
        after_run: opening,
        unseen,
    })
}

fn statement(
    session: &mut Session,
    role: &str,
    exists: bool,
    need: &Need,
) -> Result<Grant, DatabaseError> {
    let held = exists && session.has_privilege(role, &need.privilege)?;
    let sql = match need.privilege {
        Privilege::History => HISTORY_SCHEMA.trim_end().to_owned(),
        _ => session.grant_statement(role, &need.privilege, need.owner.as_ref()),
    };
    let reason = match taken_from(need) {
        Some(owner) => format!("{}; takes it from {owner}", need.reason),
        None => need.reason.clone(),
    };
    Ok(Grant { sql, reason, held })
}

/// The superuser who would no longer own what the role has to own.
fn taken_from(need: &Need) -> Option<String> {
    let of_superuser = need.owner.as_ref().filter(|owner| owner.superuser);
    of_superuser.map(|owner| owner.role.clone())
}

/// What lets the role give what a file makes to the owner of the tables around it, where the needs do not bring it.
fn handing_over(expected: &Expected, role: &str, schema: &str, listed: &[Grant]) -> Vec<Grant> {
    let RelatedTablesOwner::OtherRole(heir) = &expected.kin else { return vec![] };
    if heir.owner.superuser {
        return vec![];
    }
    let grants = heir.missing_grants(role, schema).into_iter();
    let missing = grants.filter(|sql| !listed.iter().any(|one| one.sql == *sql));
    let reason = format!("what {} makes goes to {}", expected.file, heir.owner.role);
    missing.map(|sql| Grant { sql, reason: reason.clone(), held: false }).collect()
}
