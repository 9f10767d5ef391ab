//! Having the database prepare every statement of a folder: what `check` does where one is named.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use leora_execution::{MADE_UP, Prepare};
use leora_folder::ScriptFolder;
use leora_host::HostError;
use leora_postgres::{Server, Session};
use leora_report::{Failure, Finding, FindingKind};
use leora_script::{Program, RunEnvironment, ScriptError, ScriptErrorKind, Settings};

use crate::commands::context::Context;
use crate::commands::plan;
use crate::commands::shared::begin_run as opening;
use crate::commands::shared::collect_rules::run_context;

/// What became of it: how many statements were prepared, and what is wrong with them.
pub(crate) struct Prepared {
    pub(crate) statements: usize,
    pub(crate) findings: Vec<Finding>,
}

/// Prepares the statements of every step, on the schema as the steps before would leave it.
pub(crate) fn prepare(
    folder: &ScriptFolder,
    program: &Program,
    settings: &Settings,
    server: &Server,
    context: &Context,
) -> Result<Prepared, Failure> {
    let mut session = opening::connect(server, plan::timeouts(folder, context), context)?;
    let locked = plan::begin(&mut session, folder, context);
    let (mut session, prepared) = match locked {
        Ok(_) => steps(session, folder, program, settings, context),
        Err(failure) => {
            session.roll_back();
            session.close();
            return Err(failure);
        }
    };
    session.roll_back();
    session.close();
    prepared
}

fn steps(
    session: Session,
    folder: &ScriptFolder,
    program: &Program,
    settings: &Settings,
    context: &Context,
) -> (Session, Result<Prepared, Failure>) {
    let host = Arc::new(Mutex::new(Prepare::new(session, run_context(folder, context))));
    let by = RunEnvironment {
        host: host.clone(),
        observer: context.unheard().screen,
        settings: settings.clone(),
        interrupt: context.interrupt.clone(),
    };
    let (mut findings, mut broken) = (Vec::new(), None);
    for index in 0..folder.steps.len() {
        locked(&host).enter_step(index + 1);
        let Some(error) = program.run_step(index, &by).failure else { continue };
        if matches!(error.kind, ScriptErrorKind::Interrupted) {
            broken = Some(Failure::from(error));
            break;
        }
        let (made_up, last) = (locked(&host).made_up(), ends_all(&error));
        findings.extend(finding(error, made_up));
        if last {
            break;
        }
    }
    drop(by);
    let host = Arc::into_inner(host).expect("the engine of a step ends with the step");
    let (session, statements) =
        host.into_inner().unwrap_or_else(PoisonError::into_inner).into_parts();
    (session, broken.map_or_else(|| Ok(Prepared { statements, findings }), Err))
}

fn locked(host: &Arc<Mutex<Prepare>>) -> MutexGuard<'_, Prepare> {
    host.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the schema that later steps would find is not known: an SQL file failed, and its transaction with it.
fn ends_all(error: &ScriptError) -> bool {
    matches!(&error.kind, ScriptErrorKind::Host(host) if matches!(**host, HostError::SqlFile { .. }))
}

/// What a step failed with, unless what it was told may be to blame.
fn finding(error: ScriptError, made_up: bool) -> Option<Finding> {
    let of_a_statement = matches!(error.kind, ScriptErrorKind::Host(_));
    if matches!(error.kind, ScriptErrorKind::Refused)
        || made_up && !of_a_statement
        || error.message.contains(MADE_UP)
    {
        return None;
    }
    let Failure { message, help, place, details, .. } = Failure::from(error);
    let more = details.into_iter().chain(help).collect::<Vec<_>>();
    let help = (!more.is_empty()).then(|| more.join("\n"));
    Some(Finding { kind: FindingKind::Database, message, help, place })
}
