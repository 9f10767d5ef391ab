//! Has the database prepare every statement of a folder: what `check` does where a database is named.

use std::sync::{Arc, Mutex};

use leora_execution::{PLACEHOLDER, Probe, ProbeMode};
use leora_host::HostError;
use leora_postgres::Server;
use leora_report::{Failure, Finding, FindingKind, Observer, TableShapes};
use leora_script::{ScriptError, ScriptErrorKind};

use crate::commands::context::Context;
use crate::commands::shared::{
    LoadedFolder, begin_preview, lock_host, read_limits, read_table_shapes, take_back_host,
};

pub(crate) struct ProbeResult {
    /// How many statements were prepared.
    pub(crate) statements: usize,
    pub(crate) findings: Vec<Finding>,
    /// The tables as the steps leave them; `None` where the last of them could not be tried.
    pub(crate) tables: Option<TableShapes>,
}

/// Prepares the statements of every step, on the schema as the steps before would leave it.
pub(crate) fn probe_statements(
    loaded: &LoadedFolder,
    server: &Server,
    context: &Context,
) -> Result<ProbeResult, Failure> {
    let (mut session, _) = begin_preview(server, &loaded.folder, context)?;
    context.screen().on_start(&format!("preparing the statements of {}", loaded.folder.path));
    session.set_read_limits(read_limits(&loaded.folder.manifest.limits));
    let probe = Probe::new(session, loaded.run_context("", context), ProbeMode::PrepareStatements);
    let host = Arc::new(Mutex::new(probe));
    let environment = context.silent().run_environment(host.clone(), &loaded.settings);
    let mut findings = Vec::new();
    for index in 0..loaded.folder.steps.len() {
        let Some(error) = loaded.program.run_step(index, &environment).failure else { continue };
        if matches!(error.kind, ScriptErrorKind::Interrupted) {
            return Err(error.into());
        }
        let used_placeholder = lock_host(&host).used_placeholder();
        let last = leaves_schema_unknown(&error);
        findings.extend(finding(error, used_placeholder));
        if last {
            break;
        }
    }
    drop(environment);
    let probe = take_back_host(host);
    let statements = probe.statements();
    let tables = read_table_shapes(&mut probe.into_session()).ok();
    Ok(ProbeResult { statements, findings, tables })
}

/// Whether an SQL file failed, and its transaction with it, so that the schema for later steps is not known.
fn leaves_schema_unknown(error: &ScriptError) -> bool {
    matches!(&error.kind, ScriptErrorKind::Host(host) if matches!(**host, HostError::SqlFile { .. }))
}

/// Why a step failed, unless that may be due to a placeholder.
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
    let lines = details.into_iter().chain(help).collect::<Vec<_>>();
    let help = (!lines.is_empty()).then(|| lines.join("\n"));
    Some(Finding { kind: FindingKind::Database, message, help, place, fix: None })
}
