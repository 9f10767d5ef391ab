//! `doctor --grants`: what a role needs for a folder, as statements.

use std::path::Path;

use super::super::introduction::open;
use super::super::{Context, target};
use super::needs::{self, Need};
use super::survey::survey;
use crate::database::{DatabaseError, HISTORY_SCHEMA, Privilege, Session, Transaction};
use crate::report::{Failure, Grant, GrantList};
use crate::script::{Program, Settings};

/// The role that is to run folders, where nobody names one and the connection's own may do everything.
const RUNNER: &str = "leora_runner";

/// Reads what a role needs for a folder.
pub(super) fn grants(
    path: &Path,
    role: Option<&str>,
    context: &Context,
) -> Result<GrantList, Failure> {
    let folder = open(path, context)?;
    let program = Program::compile(&folder)?;
    let settings = Settings::new(context.options.set.clone());
    settings.check(program.settings())?;
    let found = target::find(context)?;
    let told = target::told(&found.target);
    let server = context.server(found.target);
    let mut session = Session::connect(&server, context.timeouts())?;
    session.begin(Transaction::ReadOnly)?;
    let (mut session, surveyed) = survey(session, &folder, &program, &settings, context);
    let listed = (|| {
        let own = session.current_role()?;
        let role = match role {
            Some(name) => session.role(name)?,
            None if own.superuser => session.role(RUNNER)?,
            None => own,
        };
        let needs = needs::of(&mut session, &folder.manifest, &surveyed, &role.name)?;
        let grants = needs
            .iter()
            .map(|need| statement(&mut session, &role.name, role.exists, need))
            .collect::<Result<_, _>>()?;
        Ok::<_, DatabaseError>((role, grants))
    })();
    session.roll_back();
    session.close();
    let (role, grants) = listed?;
    Ok(GrantList {
        folder: folder.path,
        target: told,
        role: role.name,
        role_exists: role.exists,
        superuser: role.superuser,
        grants,
        unseen: surveyed.unseen.into_iter().map(|one| (one.step, one.why)).collect(),
    })
}

fn statement(
    session: &mut Session,
    role: &str,
    exists: bool,
    need: &Need,
) -> Result<Grant, DatabaseError> {
    let held = exists && session.holds(role, &need.privilege)?;
    let sql = match need.privilege {
        Privilege::History => HISTORY_SCHEMA.trim_end().to_owned(),
        _ => session.granting(role, &need.privilege, need.owner.as_ref()),
    };
    Ok(Grant { sql, reason: need.reason.clone(), held })
}
