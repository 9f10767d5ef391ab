//! Running a folder's steps on the host that previews: for a plan, to check an approved one, and before batches.

use std::sync::{Arc, Mutex};

use leora_execution::{Preview, RunContext};
use leora_postgres::Session;
use leora_report::{Entry, Failure, Report};

use crate::commands::context::Context;
use crate::commands::shared::loaded_folder::LoadedFolder;
use crate::commands::shared::steps::{
    add_entries, lock_host, read_limits, run_steps, take_back_host,
};

pub(crate) fn preview(
    mut session: Session,
    run: &Arc<RunContext>,
    loaded: &LoadedFolder,
    report: &mut Report,
    context: &Context,
) -> (Session, Result<(), Failure>) {
    session.set_read_limits(read_limits(&loaded.folder.manifest.limits));
    let mut host = Preview::new(session, Arc::clone(run));
    if context.options.report.is_some() {
        host.database.collect_statistics();
    }
    if let Some(rows) = &context.rows
        && let Err(error) = host.database.list_rows(rows)
    {
        return (host.database.into_session(), Err(error.into()));
    }
    let host = Arc::new(Mutex::new(host));
    let mut report_notes = |report: &mut Report| {
        let notes = lock_host(&host).database.take_notes();
        add_entries(notes.into_iter().map(Entry::Unpredicted), report, context);
        Ok(())
    };
    let ran = run_steps(loaded, host.clone(), report, context, &mut report_notes);
    let mut host = take_back_host(host);
    report.statistics = host.database.take_statistics();
    report.effects = host.take_effects();
    (host.database.into_session(), ran)
}

/// Previews a run in its own transaction, before its first write, and rolls that back. The preview is not shown.
pub(crate) fn dry_run(
    mut session: Session,
    run: &Arc<RunContext>,
    loaded: &LoadedFolder,
    context: &Context,
) -> (Session, Report, Result<(), Failure>) {
    let mut predicted = Report::default();
    let savepoint = match session.set_savepoint() {
        Ok(savepoint) => savepoint,
        Err(error) => return (session, predicted, Err(error.into())),
    };
    let (mut session, ran) = preview(session, run, loaded, &mut predicted, &context.silent());
    let ended = match ran {
        Ok(()) => session.roll_back_to(savepoint).map_err(Failure::from),
        Err(failure) => Err(with_findings(failure, &predicted)),
    };
    (session, predicted, ended)
}

/// Adds the findings of unmet expectations, since the preview was not shown.
fn with_findings(mut failure: Failure, predicted: &Report) -> Failure {
    for entry in predicted.steps.iter().flat_map(|step| &step.entries) {
        if let Entry::Expectation(expectation) = entry
            && !expectation.held
        {
            failure.details.push(expectation.label.clone());
            failure.details.extend(expectation.findings.iter().cloned());
        }
    }
    failure
}
