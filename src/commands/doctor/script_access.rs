//! What a folder's scripts do with which table: found by running them on a host that only takes notes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use leora_execution::{AssumedRows, ObjectAccess, Probe, ProbeMode};
use leora_host::HostError;
use leora_postgres::Session;
use leora_report::DatabaseError;
use leora_script::{ScriptError, ScriptErrorKind};

use crate::commands::context::Context;
use crate::commands::shared::{LoadedFolder, lock_host, take_back_host};

#[derive(Debug)]
pub(crate) struct ScriptAccess {
    /// What the scripts access, and the names of the steps that do.
    pub(crate) accesses: BTreeMap<ObjectAccess, BTreeSet<String>>,
    pub(crate) unfinished_steps: Vec<UnfinishedStep>,
    /// The statements that create the indexes that rules miss.
    pub(crate) missing_indexes: BTreeSet<String>,
}

/// A step that did not come to its end, and may access more.
#[derive(Debug)]
pub(crate) struct UnfinishedStep {
    pub(crate) step: String,
    pub(crate) end: EarlyEnd,
    pub(crate) reason: String,
    pub(crate) help: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EarlyEnd {
    /// It refuses to go on, whatever rows there are.
    Refuses,
    /// One of its rules means nothing on its table, or the database would refuse it.
    Fails,
    /// It could not go on with placeholders; a run may.
    Unknown,
}

/// Runs every step twice, as if tables had no rows and as if they had: whether it goes on may depend on that.
pub(crate) fn probe_access(
    session: Session,
    loaded: &LoadedFolder,
    context: &Context,
) -> (Session, ScriptAccess) {
    let probe = Probe::new(session, loaded.run_context("", context), ProbeMode::NoteAccess);
    let host = Arc::new(Mutex::new(probe));
    let environment = context.silent().run_environment(host.clone(), &loaded.settings);
    let steps = &loaded.folder.steps;
    let mut unfinished_steps = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let run_with = |rows| {
            lock_host(&host).assume_rows(rows);
            loaded.program.run_step(index, &environment).failure
        };
        let (without_rows, with_rows) = (run_with(AssumedRows::Zero), run_with(AssumedRows::One));
        if let (Some(error), Some(other)) = (without_rows, with_rows) {
            let (step, end) = (step.name.clone(), early_end(&error, &other));
            let (reason, help) = (error.message, error.help);
            unfinished_steps.push(UnfinishedStep { step, end, reason, help });
        }
    }
    drop(environment);
    let probe = take_back_host(host);
    let name = |number: &usize| steps[number - 1].name.clone();
    let with_names = |(access, numbers): (&ObjectAccess, &BTreeSet<usize>)| {
        (access.clone(), numbers.iter().map(name).collect())
    };
    let accesses = probe.accesses().iter().map(with_names).collect();
    let missing_indexes = probe.missing_indexes().clone();
    (probe.into_session(), ScriptAccess { accesses, unfinished_steps, missing_indexes })
}

fn is_of_rule(error: &HostError) -> bool {
    matches!(error, HostError::Rule(_) | HostError::Database(DatabaseError::Foreseen { .. }))
}

fn early_end(without_rows: &ScriptError, with_rows: &ScriptError) -> EarlyEnd {
    // The same error either way depends on the catalog, not on the rows.
    let same = without_rows.message == with_rows.message;
    match &without_rows.kind {
        ScriptErrorKind::Refused if same => EarlyEnd::Refuses,
        ScriptErrorKind::Host(error) if same && is_of_rule(error) => EarlyEnd::Fails,
        _ => EarlyEnd::Unknown,
    }
}
