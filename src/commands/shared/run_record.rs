//! What a run says about itself to the history.

use leora_folder::ScriptFolder;
use leora_postgres::{
    History, RunRecord, Session, Transaction, history_grants, history_schema_statements,
};
use leora_report::{DatabaseError, Failure, FailureKind, Report};
use nix::unistd::{User, getuid};

/// The record of a run, from what its report knows.
pub(crate) fn record(folder: &ScriptFolder, report: &Report, started_at: &str) -> RunRecord {
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
        started_from: started_from(),
        started_at: started_at.to_owned(),
    }
}

/// The operating system's user and machine.
pub(crate) fn started_from() -> String {
    let user = User::from_uid(getuid())
        .ok()
        .flatten()
        .map_or_else(|| getuid().to_string(), |user| user.name);
    let machine = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
    format!("{user}@{}", machine.unwrap_or_else(|| "unknown".into()))
}

/// Prepares the history and records the start, in the run's transaction.
pub(crate) fn start(session: &mut Session, run: &RunRecord) -> Result<(), Failure> {
    let mut history = History::new(session);
    let started = history.create_tables().and_then(|()| history.record_start(run));
    started.map_err(|error| refused(session, error))
}

/// An error of the history; where the role may not write it, with the SQL that lets it. The transaction is at its end.
pub(crate) fn refused(session: &mut Session, error: DatabaseError) -> Failure {
    match error.code() {
        Some("42501") => not_permitted(session).unwrap_or_else(Failure::from),
        _ => error.into(),
    }
}

/// What the role may not do with the history, and the SQL that lets it.
fn not_permitted(session: &mut Session) -> Result<Failure, DatabaseError> {
    session.begin(Transaction::ReadOnly)?;
    let role = session.current_role()?.name;
    let exists = session.ownership("leora_run")?.schema.is_some();
    let granted = history_grants(&role);
    let (message, told) = if exists {
        let message = "this role may not write to the schema leora_run, where the history and the undo journal are kept";
        (
            message,
            ["let its owner run this once:".to_owned()]
                .into_iter()
                .chain(granted)
                .collect::<Vec<_>>(),
        )
    } else {
        let message = "this role may not create the schema leora_run, where the history and the undo journal are kept";
        let first = "let the database's owner run this once:".to_owned();
        (message, [first].into_iter().chain(history_schema_statements()).chain(granted).collect())
    };
    Ok(Failure {
        sqlstate: Some("42501".into()),
        ..Failure::new(FailureKind::Database, message, Some(told.join("\n")))
    })
}

/// Rolls back a failed run, and records it. The failure itself is what matters: when it can't be recorded,
/// such as on a lost connection, nothing more is said.
pub(crate) fn record_failure(session: &mut Session, run: &RunRecord, report: &Report) {
    let message = report.error.as_ref().map(|failure| failure.message.as_str());
    let mut write = || -> Result<(), DatabaseError> {
        session.ignore_interrupts();
        session.begin(Transaction::ReadWrite)?;
        let mut history = History::new(session);
        history.create_tables()?;
        history.record_start(run)?;
        history.record_end(run, report.outcome, message)?;
        session.commit()
    };
    let _ = write();
}
