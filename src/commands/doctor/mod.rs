//! `doctor`: whether a run would work, and what is missing. It reads only, and creates nothing.

mod grants;
mod needs;
mod privileges;
mod survey;

use std::path::Path;

use super::introduction::open;
use super::{Context, target};
use crate::cli::DoctorRequest;
use crate::database::{DatabaseError, Session, Transaction};
use crate::folder::ScriptFolder;
use crate::report::{Check, Checkup, Failure, Report, Verdict};
use crate::script::{Limits, Program, Settings};

/// Looks, and shows what it found; returns the exit code.
pub(super) fn doctor(request: &DoctorRequest, context: &Context) -> u8 {
    let role = request.role.as_deref();
    let shown = match (&request.folder, request.grants) {
        (Some(folder), true) => grants::grants(folder, role, context).map(|list| {
            context.screen().grants(&list);
            0
        }),
        (folder, _) => examine(folder.as_deref(), role, context).map(|checkup| {
            context.screen().checkup(&checkup);
            u8::from(checkup.verdict() == Verdict::Fail)
        }),
    };
    shown.unwrap_or_else(|failure| {
        let (code, outcome) = (failure.kind.exit_code(), failure.kind.outcome());
        context.screen().end(&Report { error: Some(failure), outcome, ..Report::default() });
        code
    })
}

/// Looks at everything. Mistakes of the command line and the folder are failures; the rest is a check.
fn examine(path: Option<&Path>, role: Option<&str>, context: &Context) -> Result<Checkup, Failure> {
    let folder = path.map(|path| open(path, context)).transpose()?;
    let program =
        folder.as_ref().map(|folder| Program::compile(folder, Limits::default())).transpose()?;
    let settings = Settings::new(context.options.set.clone());
    if let Some(program) = &program {
        settings.check(program.settings())?;
    }
    let found = target::find(context)?;
    let mut checkup = Checkup {
        folder: folder.as_ref().map(|folder| folder.path.clone()),
        target: Some(target::told(&found.target)),
        checks: vec![],
    };
    let server = context.server(found.target);
    let mut session = match Session::connect(&server, context.timeouts()) {
        Ok(session) => session,
        Err(error) => {
            checkup.checks.push(not_connected(error));
            return Ok(checkup);
        }
    };
    session.begin(Transaction::ReadOnly)?;
    if let (Some(folder), Some(program)) = (&folder, &program) {
        session = of_folder(session, folder, program, &settings, role, &mut checkup, context)?;
    }
    session.roll_back();
    session.close();
    Ok(checkup)
}

fn not_connected(error: DatabaseError) -> Check {
    let failure = Failure::from(error);
    Check::fail("connection", failure.message, failure.help.unwrap_or_default())
}

fn of_folder(
    session: Session,
    folder: &ScriptFolder,
    program: &Program,
    settings: &Settings,
    role: Option<&str>,
    checkup: &mut Checkup,
    context: &Context,
) -> Result<Session, Failure> {
    let (mut session, surveyed) = survey::survey(session, folder, program, settings, context);
    let role = match role {
        Some(name) => session.role(name)?,
        None => session.current_role()?,
    };
    let needs = needs::of(&mut session, &folder.manifest, &surveyed, &role.name)?;
    checkup.checks.extend(privileges::check(&mut session, &role, &needs, &folder.path)?);
    for (step, why) in &surveyed.unseen {
        checkup.checks.push(Check::warn(
            "scripts",
            format!("{step} {why}"),
            format!("see what it says: leora-run plan {}", folder.path),
        ));
    }
    Ok(session)
}
