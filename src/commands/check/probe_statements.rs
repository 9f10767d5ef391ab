//! Has the database prepare every statement of a folder: what `check` does where a database is named.

use std::sync::{Arc, Mutex};

use leora_execution::{PLACEHOLDER, Probe, ProbeMode, RunContext};
use leora_host::HostError;
use leora_postgres::Server;
use leora_report::{Failure, Finding, FindingKind};
use leora_script::{Program, RunEnvironment, ScriptError, ScriptErrorKind, Settings};

use crate::commands::context::Context;
use crate::commands::plan;
use crate::commands::shared::begin_run as opening;
use crate::commands::shared::steps;

/// What became of it: how many statements were prepared, and what is wrong with them.
pub(crate) struct Prepared {
    pub(crate) statements: usize,
    pub(crate) findings: Vec<Finding>,
}

/// Prepares the statements of every step, on the schema as the steps before would leave it.
pub(crate) fn prepare(
    run: &Arc<RunContext>,
    program: &Program,
    settings: &Settings,
    server: &Server,
    context: &Context,
) -> Result<Prepared, Failure> {
    let mut session = opening::connect(server, plan::timeouts(&run.folder, context), context)?;
    plan::begin(&mut session, &run.folder, context)?;
    let probe = Probe::new(session, Arc::clone(run), ProbeMode::PrepareStatements);
    let host = Arc::new(Mutex::new(probe));
    let by = RunEnvironment {
        host: host.clone(),
        observer: context.unheard().screen,
        settings: settings.clone(),
        interrupt: context.interrupt.clone(),
    };
    let mut findings = Vec::new();
    for index in 0..run.folder.steps.len() {
        let Some(error) = program.run_step(index, &by).failure else { continue };
        if matches!(error.kind, ScriptErrorKind::Interrupted) {
            return Err(error.into());
        }
        let (used_placeholder, last) = (steps::locked(&host).used_placeholder(), ends_all(&error));
        findings.extend(finding(error, used_placeholder));
        if last {
            break;
        }
    }
    drop(by);
    let statements = steps::reclaim(host).statements();
    Ok(Prepared { statements, findings })
}

/// Whether the schema that later steps would find is not known: an SQL file failed, and its transaction with it.
fn ends_all(error: &ScriptError) -> bool {
    matches!(&error.kind, ScriptErrorKind::Host(host) if matches!(**host, HostError::SqlFile { .. }))
}

/// What a step failed with, unless a placeholder that it was answered with may be to blame.
fn finding(error: ScriptError, used_placeholder: bool) -> Option<Finding> {
    let names_placeholder =
        |host: &HostError| host.wrong_name().is_some_and(|name| name.contains(PLACEHOLDER));
    let excused = match &error.kind {
        ScriptErrorKind::Refused => true,
        ScriptErrorKind::Host(host) => names_placeholder(host),
        _ => used_placeholder,
    };
    if excused {
        return None;
    }
    let Failure { message, help, place, details, .. } = Failure::from(error);
    let more = details.into_iter().chain(help).collect::<Vec<_>>();
    let help = (!more.is_empty()).then(|| more.join("\n"));
    Some(Finding { kind: FindingKind::Database, message, help, place })
}
