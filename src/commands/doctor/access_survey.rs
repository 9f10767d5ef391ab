//! What a folder's scripts do with which table, told by running them on a host that only takes notes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use leora_execution::{AssumedRows, ObjectAccess, Probe, ProbeMode, RunContext};
use leora_host::HostError;
use leora_postgres::Session;
use leora_script::{Program, RunEnvironment, ScriptErrorKind, Settings};

use crate::commands::context::Context;
use crate::commands::shared::steps;

/// What a folder does.
#[derive(Debug)]
pub(crate) struct Surveyed {
    /// What it accesses, and in which steps.
    pub(crate) accesses: BTreeMap<ObjectAccess, BTreeSet<String>>,
    /// The steps that did not come to their end.
    pub(crate) unseen: Vec<Unseen>,
}

/// A step that did not come to its end.
#[derive(Debug)]
pub(crate) struct Unseen {
    pub(crate) step: String,
    pub(crate) end: End,
    pub(crate) why: String,
    pub(crate) help: Option<String>,
}

/// How such a step ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It refuses to go on, whatever rows there are.
    Refuses,
    /// A rule of it means nothing on its table.
    Fails,
    /// It can't go on with what was made up.
    Stops,
}

/// Runs every step twice: as if tables had no rows to count, and as if they had. Whether it goes on may depend on it.
pub(crate) fn survey(
    session: Session,
    run: &Arc<RunContext>,
    program: &Program,
    settings: &Settings,
    context: &Context,
) -> (Session, Surveyed) {
    let host = Arc::new(Mutex::new(Probe::new(session, Arc::clone(run), ProbeMode::NoteAccess)));
    let by = RunEnvironment {
        host: host.clone(),
        observer: context.unheard().screen.clone(),
        settings: settings.clone(),
        interrupt: context.interrupt.clone(),
    };
    let mut unseen = Vec::new();
    for (index, step) in run.folder.steps.iter().enumerate() {
        let end_with = |rows| {
            steps::locked(&host).assume_rows(rows);
            program.run_step(index, &by).failure
        };
        let ends = (end_with(AssumedRows::Zero), end_with(AssumedRows::One));
        let (Some(empty), Some(filled)) = ends else { continue };
        // The same either way: it does not depend on the rows, but on the catalog.
        let same = empty.message == filled.message;
        let end = match &empty.kind {
            ScriptErrorKind::Refused if same => End::Refuses,
            ScriptErrorKind::Host(error) if same && matches!(**error, HostError::Rule(_)) => {
                End::Fails
            }
            _ => End::Stops,
        };
        unseen.push(Unseen { step: step.name.clone(), end, why: empty.message, help: empty.help });
    }
    drop(by);
    let probe = steps::reclaim(host);
    let name = |step: &usize| run.folder.steps[step - 1].name.clone();
    let named = |(access, steps): (&ObjectAccess, &BTreeSet<usize>)| {
        (access.clone(), steps.iter().map(name).collect())
    };
    let accesses = probe.accesses().iter().map(named).collect();
    (probe.into_session(), Surveyed { accesses, unseen })
}
