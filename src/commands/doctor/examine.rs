//! Reads from the server what the checks look at.

use std::path::Path;
use std::time::Instant;

use leora_execution::ObjectAccess;
use leora_postgres::{
    History, Inspection, Privilege, RelatedTablesOwner, Role, Server, Session, Transaction,
};
use leora_report::{DatabaseError, DoctorCheck, DoctorReport, Failure, Lock, Observer};
use leora_rule::Access;

use crate::commands::context::Context;
use crate::commands::doctor::checks::{
    connection_failure, folder_checks, schema_checks, server_checks,
};
use crate::commands::doctor::derive_privileges::RequiredPrivilege;
use crate::commands::doctor::examined::{
    ExaminedFolder, ExaminedSchema, ExaminedServer, WrittenTables,
};
use crate::commands::doctor::new_objects::{new_tables, predict_new_objects};
use crate::commands::doctor::required_privileges::required_privileges;
use crate::commands::doctor::script_access::{ScriptAccess, probe_access};
use crate::commands::shared::{LoadedFolder, needed_locks, open_target, target_report};

/// Mistakes in the arguments or the folder are failures; what is wrong with the database is a check.
pub(crate) fn examine(
    path: Option<&Path>,
    role: Option<&str>,
    context: &Context,
) -> Result<DoctorReport, Failure> {
    let loaded = path.map(|path| LoadedFolder::load(path, context)).transpose()?;
    let mut report = DoctorReport {
        folder: loaded.as_ref().map(|loaded| loaded.folder.path.clone()),
        ..DoctorReport::default()
    };
    // The sandbox stops when this is dropped.
    let opened = match open_target(context) {
        Ok(opened) => opened,
        Err(failure) => {
            report.checks.push(connection_failure(&failure));
            return Ok(report);
        }
    };
    report.target = Some(target_report(&opened.target));
    let server = context.server(opened.target);
    match run_checks(&server, loaded.as_ref(), role, &mut report.checks, context) {
        Err(error @ DatabaseError::Interrupted) => return Err(error.into()),
        Err(error) => report.checks.push(connection_failure(&error.into())),
        Ok(()) => {}
    }
    Ok(report)
}

fn run_checks(
    server: &Server,
    loaded: Option<&LoadedFolder>,
    role: Option<&str>,
    checks: &mut Vec<DoctorCheck>,
    context: &Context,
) -> Result<(), DatabaseError> {
    context.screen().on_start("asking the server");
    let access = loaded.map(|loaded| loaded.folder.manifest.access);
    let (mut session, examined) = examine_server(server, access, role, context)?;
    checks.extend(server_checks(&examined));
    let role = role.map_or(Ok(examined.role), |name| session.role(name))?;
    if let Some(loaded) = loaded {
        checks.extend(folder_checks(&examine_folder(session, loaded, role, context)?));
        return Ok(());
    }
    let schema = examine_schema(&mut session, &[&role.name], vec![], vec![])?;
    let replication = Inspection::new(&mut session).replication(&schema.name, &[])?;
    checks.extend(schema_checks(&schema, &replication));
    Ok(())
}

fn examine_server(
    server: &Server,
    access: Option<Access>,
    role: Option<&str>,
    context: &Context,
) -> Result<(Session, ExaminedServer), DatabaseError> {
    // As whom the history is judged; the connection's own role when it is empty.
    let asked = role.unwrap_or_default();
    let started = Instant::now();
    let mut session = Session::connect(server, context.timeouts())?;
    let connect_time = started.elapsed();
    let pooler = match server.refuse_pooler().and_then(|()| session.refuse_pooler()) {
        Ok(()) => None,
        Err(pooler @ (DatabaseError::Pooler { .. } | DatabaseError::SharedSession { .. })) => {
            Some(pooler)
        }
        Err(error) => return Err(error),
    };
    session.begin(Transaction::ReadOnly)?;
    let (role, target, version) =
        (session.current_role()?, session.target().clone(), session.version());
    let history = match History::new(&mut session).state_for(asked) {
        Err(error) if !matches!(error, DatabaseError::Inconsistent { .. }) => return Err(error),
        judged => judged,
    };
    let no_second_connection = session.no_second_connection().map(str::to_owned);
    let mut inspection = Inspection::new(&mut session);
    let examined = ExaminedServer {
        target,
        role,
        connect_time,
        pooler,
        pooler_allowed: context.options.allow_pooler,
        no_second_connection,
        version,
        facts: inspection.server_facts()?,
        activity: inspection.activity()?,
        citus: inspection.citus()?,
        history,
        access,
        as_of: context.options.as_of,
    };
    Ok((session, examined))
}

fn examine_schema(
    session: &mut Session,
    creators: &[&str],
    migrations: Vec<String>,
    new_tables: Vec<String>,
) -> Result<ExaminedSchema, DatabaseError> {
    let name = session.target().schema.clone();
    let mut inspection = Inspection::new(session);
    let (prisma, exposure) = (inspection.prisma(&name)?, inspection.exposure(&name, creators)?);
    Ok(ExaminedSchema { name, prisma, migrations, exposure, new_tables })
}

fn examine_folder(
    session: Session,
    loaded: &LoadedFolder,
    role: Role,
    context: &Context,
) -> Result<ExaminedFolder, DatabaseError> {
    let manifest = &loaded.folder.manifest;
    let (mut session, access) = probe_access(session, loaded, context);
    let session = &mut session;
    let locks = needed_locks(session, manifest)?;
    let lock_holders = Inspection::new(session).lock_holders(&locks)?;
    let required = required_privileges(session, manifest, &access, &locks, &role.name)?;
    let missing = missing_privileges(session, &required, &role)?;
    let new_objects = predict_new_objects(session, manifest, &access, &role)?;
    let migrations = recorded_migrations(&access);
    let written = match manifest.access {
        Access::ReadOnly => None,
        Access::RolledBack | Access::ReadWrite => {
            Some(examine_written_tables(session, &access, &locks, &role.name)?)
        }
    };
    let owners =
        new_objects.iter().filter_map(|new| RelatedTablesOwner::other_role(&new.neighbors));
    let owners = owners.map(|other| other.owner.role.as_str());
    let creators: Vec<&str> = owners.chain([role.name.as_str()]).collect();
    let schema = session.target().schema.clone();
    let new_tables = new_tables(manifest, &session.ownership(&schema)?);
    let schema = examine_schema(session, &creators, migrations, new_tables)?;
    Ok(ExaminedFolder {
        path: loaded.folder.path.clone(),
        locks,
        lock_holders,
        required: required.len(),
        missing,
        unfinished_steps: access.unfinished_steps,
        missing_indexes: access.missing_indexes,
        schema,
        written,
        role,
        new_objects,
    })
}

fn missing_privileges(
    session: &mut Session,
    required: &[RequiredPrivilege],
    role: &Role,
) -> Result<Vec<(RequiredPrivilege, String)>, DatabaseError> {
    let mut missing = Vec::new();
    if !role.exists || role.superuser {
        return Ok(missing);
    }
    let creates_history = required.iter().any(|it| it.privilege == Privilege::History);
    for required in required {
        // Whoever creates the history owns it.
        let comes_with_history = creates_history && required.is_on_history();
        if !comes_with_history && !session.has_privilege(&role.name, &required.privilege)? {
            let RequiredPrivilege { privilege, owner, .. } = required;
            let grant = session.grant_statement(&role.name, privilege, owner.as_ref());
            missing.push((required.clone(), grant));
        }
    }
    Ok(missing)
}

fn recorded_migrations(access: &ScriptAccess) -> Vec<String> {
    let recorded = |access: &ObjectAccess| match access {
        ObjectAccess::RecordMigration(name) | ObjectAccess::RecordRollback(name) => {
            Some(name.clone())
        }
        _ => None,
    };
    access.accesses.keys().filter_map(recorded).collect()
}

fn examine_written_tables(
    session: &mut Session,
    access: &ScriptAccess,
    locks: &[Lock],
    role: &str,
) -> Result<WrittenTables, DatabaseError> {
    let mut written: Vec<String> = locks.iter().map(|lock| lock.table.clone()).collect();
    let mut rule_counts: Vec<(String, u64)> = Vec::new();
    for (access, steps) in &access.accesses {
        match access {
            ObjectAccess::Set(table) => {
                rule_counts.push((table.clone(), steps.len() as u64));
                written.push(table.clone());
            }
            ObjectAccess::Insert(table) | ObjectAccess::Delete(table) => {
                written.push(table.clone());
            }
            _ => {}
        }
    }
    written.sort();
    written.dedup();
    let schema = session.target().schema.clone();
    let mut inspection = Inspection::new(session);
    let facts = inspection.table_facts(&schema, &written, role)?;
    let replication = inspection.replication(&schema, &written)?;
    let citus = inspection.citus_tables(&written)?;
    Ok(WrittenTables { facts, rule_counts, replication, citus })
}
