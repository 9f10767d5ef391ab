//! Recording a run in the history: its start, its steps, and a failure after its rollback.

use leora_folder::ScriptFolder;
use leora_postgres::{History, RunRecord, Session, StepRecord, Transaction};
use leora_report::{DatabaseError, Failure, FailureKind, Report, shell_option, shell_path};
use nix::unistd::{User, getuid};

const INSUFFICIENT_PRIVILEGE: &str = "42501";

pub(crate) fn run_record(folder: &ScriptFolder, report: &Report, started_at: &str) -> RunRecord {
    RunRecord {
        id: report.run.clone(),
        folder: report.folder.clone(),
        title: report.title.clone(),
        checksums: serde_json::json!(folder.checksums()).to_string(),
        meanings: serde_json::json!(folder.normalized_checksums()).to_string(),
        undoes: None,
        keep_runs: Some(folder.manifest.keep_runs),
        settings: serde_json::json!(report.settings).to_string(),
        as_of: report.as_of.clone(),
        started_from: user_and_machine(),
        started_at: started_at.to_owned(),
        writes: serde_json::json!(
            folder
                .manifest
                .settable_columns()
                .map(|(table, column)| format!("{table}.{column}"))
                .collect::<Vec<_>>()
        )
        .to_string(),
    }
}

/// The operating system's user and machine, as `user@machine`.
pub(crate) fn user_and_machine() -> String {
    let uid = getuid();
    let user = User::from_uid(uid).ok().flatten();
    let user = user.map_or_else(|| uid.to_string(), |user| user.name);
    let machine = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
    format!("{user}@{}", machine.unwrap_or_else(|| "unknown".into()))
}

/// Records the start, in the run's transaction; the first run creates the history.
pub(crate) fn record_start(session: &mut Session, run: &RunRecord) -> Result<(), Failure> {
    let mut history = History::new(session);
    let started = history.prepare().and_then(|()| history.record_start(run));
    started.map_err(|error| explain_history_error(session, error, &run.folder))
}

/// Records the last step, in the transaction of its writes.
pub(crate) fn record_last_step(session: &mut Session, report: &Report) -> Result<(), Failure> {
    let Some(step) = report.steps.last() else { return Ok(()) };
    let record = StepRecord {
        number: report.steps.len(),
        name: step.name.clone(),
        title: step.title.clone(),
        ms: step.elapsed.as_millis(),
        changed: step.changed(),
    };
    Ok(History::new(session).record_step(&report.run, &record)?)
}

/// An error of the history, with the SQL that grants what the role lacks. The transaction has failed.
pub(crate) fn explain_history_error(
    session: &mut Session,
    error: DatabaseError,
    folder: &str,
) -> Failure {
    match &error {
        // With a hint, it is one of the functions of the history that refuses.
        DatabaseError::Server(told)
            if told.code == INSUFFICIENT_PRIVILEGE && told.hint.is_none() =>
        {
            missing_grants(session, folder).unwrap_or_else(Failure::from)
        }
        _ => error.into(),
    }
}

fn missing_grants(session: &mut Session, folder: &str) -> Result<Failure, DatabaseError> {
    session.begin(Transaction::ReadOnly)?;
    let role = session.current_role()?.name;
    let exists = session.ownership("leora_run")?.schema.is_some();
    let action = if exists { "write to" } else { "create" };
    let message = format!(
        "this role may not {action} the schema leora_run, where the history and the undo journal are kept"
    );
    let owner = if exists { "its owner" } else { "the database's owner" };
    let help = format!(
        "let {owner} run what this prints: leora-run doctor --grants {} {}",
        shell_path(folder),
        shell_option("--role", &role)
    );
    Ok(Failure {
        sqlstate: Some(INSUFFICIENT_PRIVILEGE.into()),
        ..Failure::new(FailureKind::Database, message, Some(help))
    })
}

/// Rolls back a failed run, and records it, with the lock that keeps other runs away. When that fails too, such as on a lost
/// connection, only the run's own failure is reported.
pub(crate) fn record_failure(session: &mut Session, run: &RunRecord, report: &Report) {
    let message = report.error.as_ref().map(|failure| failure.message.as_str());
    let mut record = || -> Result<(), DatabaseError> {
        session.begin_record()?;
        let mut history = History::new(session);
        history.prepare()?;
        history.record_start(run)?;
        history.record_end(run, report.outcome, message)?;
        session.commit()
    };
    let _ = record();
}
