//! What a folder's scripts do with which table, told by running them on a host that only takes notes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use leora_execution::{Supposed, Survey, Touch};
use leora_folder::ScriptFolder;
use leora_host::HostError;
use leora_postgres::Session;
use leora_script::{Program, RunEnvironment, ScriptErrorKind, Settings};

use crate::commands::context::Context;

/// What a folder does.
#[derive(Debug)]
pub(crate) struct Surveyed {
    /// What it touches, and in which steps.
    pub(crate) touches: BTreeMap<Touch, BTreeSet<String>>,
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
    folder: &ScriptFolder,
    program: &Program,
    settings: &Settings,
    context: &Context,
) -> (Session, Surveyed) {
    let host = Arc::new(Mutex::new(Survey::new(session)));
    let by = RunEnvironment {
        host: host.clone(),
        observer: context.unheard().screen.clone(),
        settings: settings.clone(),
        interrupt: context.interrupt.clone(),
    };
    let mut unseen = Vec::new();
    for (index, step) in folder.steps.iter().enumerate() {
        let ended = |supposed| {
            let mut survey = host.lock().unwrap_or_else(PoisonError::into_inner);
            survey.enter_step(&step.name, supposed);
            drop(survey);
            program.run_step(index, &by).failure
        };
        let (Some(empty), Some(filled)) = (ended(Supposed::Empty), ended(Supposed::Filled)) else {
            continue;
        };
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
    let survey = Arc::into_inner(host).expect("the engine of a step ends with the step");
    let (session, touches) =
        survey.into_inner().unwrap_or_else(PoisonError::into_inner).into_parts();
    (session, Surveyed { touches, unseen })
}
