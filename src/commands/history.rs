//! What a run says about itself to the history.

use nix::unistd::{User, getuid};

use crate::database::{DatabaseError, History, RunRecord, Session, Transaction};
use crate::folder::ScriptFolder;
use crate::report::{Failure, FailureKind, Report};

/// The record of a run, from what its report knows.
pub(super) fn record(folder: &ScriptFolder, report: &Report, started_at: &str) -> RunRecord {
    RunRecord {
        id: report.run.clone(),
        folder: report.folder.clone(),
        title: report.title.clone(),
        checksums: serde_json::json!(folder.checksums()).to_string(),
        meanings: serde_json::json!(folder.meanings()).to_string(),
        undoes: None,
        keep_runs: Some(folder.manifest.keep_runs),
        settings: serde_json::json!(report.settings).to_string(),
        as_of: report.as_of.clone(),
        started_from: started_from(),
        started_at: started_at.to_owned(),
    }
}

/// The operating system's user and machine.
pub(super) fn started_from() -> String {
    let user = User::from_uid(getuid())
        .ok()
        .flatten()
        .map_or_else(|| getuid().to_string(), |user| user.name);
    let machine = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
    format!("{user}@{}", machine.unwrap_or_else(|| "unknown".into()))
}

/// Prepares the history and records the start, in the run's transaction.
pub(super) fn start(session: &mut Session, run: &RunRecord) -> Result<(), Failure> {
    let mut history = History::of(session);
    history.prepare().map_err(not_permitted)?;
    Ok(history.start(run)?)
}

pub(super) fn not_permitted(error: DatabaseError) -> Failure {
    if error.code() != Some("42501") {
        return error.into();
    }
    Failure {
        sqlstate: Some("42501".into()),
        ..Failure::new(
            FailureKind::Database,
            "this role may not create the schema leora_run, where the history and the undo journal are kept",
            Some("let the database's owner run sql/leora_run.sql once, then: GRANT USAGE ON SCHEMA leora_run TO the role; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA leora_run TO the role".into()),
        )
    }
}

/// Records a failed run, after its rollback. The failure itself is what matters: when it can't be recorded,
/// such as on a lost connection, nothing more is said.
pub(super) fn record_failure(session: &mut Session, run: &RunRecord, report: &Report) {
    let message = report.error.as_ref().map(|failure| failure.message.as_str());
    let mut write = || -> Result<(), DatabaseError> {
        session.ignore_interrupts();
        session.begin(Transaction::ReadWrite)?;
        let mut history = History::of(session);
        history.prepare()?;
        history.start(run)?;
        history.finish(run, report.outcome.word(), message)?;
        session.commit()
    };
    if write().is_err() {
        session.roll_back();
    }
}
