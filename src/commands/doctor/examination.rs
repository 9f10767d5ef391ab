//! The examination: what is looked at, in the order in which it is read.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use leora_execution::ObjectAccess;
use leora_folder::ScriptFolder;
use leora_postgres::{Inspection, Role, Server, Session, Transaction};
use leora_report::{DatabaseError, DoctorCheck, DoctorReport, Failure, Lock};
use leora_rule::Access;
use leora_script::{Program, Settings};

use crate::commands::context::Context;
use crate::commands::doctor::access_survey::{End, Surveyed, Unseen, survey};
use crate::commands::doctor::ownership::Expected;
use crate::commands::doctor::{
    activity, connection, needs, outsiders, ownership, privileges, tables,
};
use crate::commands::shared::begin_run as opening;
use crate::commands::shared::script_folder::open;
use crate::commands::shared::target;

/// A folder, ready to be run.
struct Prepared {
    folder: Arc<ScriptFolder>,
    program: Program,
    settings: Settings,
}

/// Looks at everything. Mistakes of the command line and the folder are failures; the rest are checks.
pub(crate) fn examine(
    path: Option<&Path>,
    role: Option<&str>,
    context: &Context,
) -> Result<DoctorReport, Failure> {
    let prepared = path.map(|path| prepare(path, context)).transpose()?;
    let mut checkup = DoctorReport {
        folder: prepared.as_ref().map(|prepared| prepared.folder.path.clone()),
        ..DoctorReport::default()
    };
    // Kept to the end: the sandbox stops when it is dropped.
    let found = match target::find(context) {
        Ok(found) => found,
        Err(failure) => {
            checkup.checks.push(connection::failed(&failure));
            return Ok(checkup);
        }
    };
    checkup.target = Some(target::told(&found.target));
    let server = context.server(found.target);
    if let Err(error) = look(&server, prepared.as_ref(), role, &mut checkup.checks, context) {
        if matches!(error, DatabaseError::Interrupted) {
            return Err(error.into());
        }
        checkup.checks.push(connection::failed(&error.into()));
    }
    Ok(checkup)
}

fn prepare(path: &Path, context: &Context) -> Result<Prepared, Failure> {
    let folder = open(path, context)?;
    let program = Program::compile(&folder)?;
    let settings = Settings::new(context.options.set.clone());
    settings.check_known(program.settings())?;
    Ok(Prepared { folder, program, settings })
}

fn look(
    server: &Server,
    prepared: Option<&Prepared>,
    role: Option<&str>,
    checks: &mut Vec<DoctorCheck>,
    context: &Context,
) -> Result<(), DatabaseError> {
    let started = Instant::now();
    let mut session = Session::connect(server, context.timeouts())?;
    let took = started.elapsed();
    let pooler = connection::pooler(server, &mut session, context.options.allow_pooler)?;
    session.begin(Transaction::ReadOnly)?;
    let own = session.current_role()?;
    checks.push(connection::had(server.target(), &own, took));
    checks.push(pooler);
    of_server(&mut session, prepared, checks, context)?;
    let role = role.map_or(Ok(own), |name| session.role(name))?;
    if let Some(prepared) = prepared {
        return of_folder(session, prepared, &role, checks, context);
    }
    let schema = session.target().schema.clone();
    let mut inspection = Inspection::new(&mut session);
    checks.push(outsiders::prisma(&inspection.prisma(&schema)?, &[]));
    checks.extend(outsiders::exposure(&inspection.exposure(&schema, &[&role.name])?, &schema, &[]));
    checks.push(tables::replication(&inspection.replication(&schema, &[])?));
    Ok(())
}

fn of_server(
    session: &mut Session,
    prepared: Option<&Prepared>,
    checks: &mut Vec<DoctorCheck>,
    context: &Context,
) -> Result<(), DatabaseError> {
    let (target, version) = (session.target().clone(), session.version());
    let access = prepared.map(|prepared| prepared.folder.manifest.access);
    let mut inspection = Inspection::new(session);
    let machine = inspection.server_facts()?;
    checks.push(connection::server(&machine, version, access));
    checks.push(connection::encryption(&target, &machine));
    checks.push(connection::clock(&machine, context.options.as_of));
    checks.extend(activity::check(&inspection.activity()?));
    Ok(())
}

fn of_folder(
    session: Session,
    prepared: &Prepared,
    role: &Role,
    checks: &mut Vec<DoctorCheck>,
    context: &Context,
) -> Result<(), DatabaseError> {
    let Prepared { folder, program, settings } = prepared;
    let (mut session, surveyed) =
        survey(session, &context.run_context("", folder), program, settings, context);
    let wanted = match folder.manifest.access {
        Access::ReadOnly => vec![],
        _ => opening::wanted(&mut session, &folder.manifest)?,
    };
    checks.extend(activity::locks(&mut session, &wanted)?);
    let needs = needs::of(&mut session, &folder.manifest, &surveyed, &role.name)?;
    checks.extend(privileges::check(&mut session, role, &needs, &folder.path)?);
    let expected = ownership::expected(&mut session, &folder.manifest, &surveyed, role)?;
    checks.extend(ownership::checks(&expected, role, &session.target().schema));
    checks.extend(surveyed.unseen.iter().map(|unseen| unfinished(unseen, &folder.path)));
    let plan = Foreseen { surveyed: &surveyed, wanted: &wanted, expected: &expected };
    of_tables(&mut session, folder, &plan, role, checks)
}

/// A step that did not come to its end.
fn unfinished(unseen: &Unseen, folder: &str) -> DoctorCheck {
    let Unseen { step, end, why, help } = unseen;
    match end {
        End::Refuses => {
            let remedy = help.clone().unwrap_or_else(|| "see what the script asks for".into());
            DoctorCheck::fail("scripts", format!("{step} refuses: {why}"), remedy)
        }
        End::Fails => {
            let remedy = help.clone().unwrap_or_else(|| format!("see leora-run plan {folder}"));
            DoctorCheck::fail("scripts", format!("{step} fails: {why}"), remedy)
        }
        End::Stops => DoctorCheck::warn(
            "scripts",
            format!("{step} could not be looked at to its end: {why}"),
            format!("it may need more: see leora-run plan {folder}"),
        ),
    }
}

/// What a run is expected to do.
struct Foreseen<'a> {
    surveyed: &'a Surveyed,
    wanted: &'a [Lock],
    expected: &'a [Expected],
}

/// The tables that it writes, and who else works with them.
fn of_tables(
    session: &mut Session,
    folder: &ScriptFolder,
    foreseen: &Foreseen<'_>,
    role: &Role,
    checks: &mut Vec<DoctorCheck>,
) -> Result<(), DatabaseError> {
    let Foreseen { surveyed, wanted, expected } = foreseen;
    let schema = session.target().schema.clone();
    let mut written: Vec<String> = wanted.iter().map(|lock| lock.table.clone()).collect();
    let mut sets: Vec<(String, u64)> = Vec::new();
    let mut migrations = Vec::new();
    for (access, steps) in &surveyed.accesses {
        match access {
            ObjectAccess::Set(table) => {
                sets.push((table.clone(), steps.len() as u64));
                written.push(table.clone());
            }
            ObjectAccess::Insert(table) | ObjectAccess::Delete(table) => {
                written.push(table.clone())
            }
            ObjectAccess::RecordMigration(name) | ObjectAccess::RecordRollback(name) => {
                migrations.push(name.clone())
            }
            _ => {}
        }
    }
    written.sort();
    written.dedup();
    let mut inspection = Inspection::new(session);
    checks.push(outsiders::prisma(&inspection.prisma(&schema)?, &migrations));
    let around = inspection.table_facts(&schema, &written)?;
    if folder.manifest.access != Access::ReadOnly {
        checks.push(tables::disk(&around, &sets));
        checks.extend(tables::around(&around));
        checks.push(tables::replication(&inspection.replication(&schema, &written)?));
    }
    let owners =
        expected.iter().filter_map(|one| one.kin.other_role()).map(|heir| heir.owner.role.as_str());
    let makers: Vec<&str> = owners.chain([role.name.as_str()]).collect();
    let exposure = inspection.exposure(&schema, &makers)?;
    let there = session.ownership(&schema)?;
    let new = ownership::new_tables(&folder.manifest, &there);
    checks.extend(outsiders::exposure(&exposure, &schema, &new));
    Ok(())
}
