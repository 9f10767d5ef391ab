//! Runs a folder's steps on the host that previews: for a plan, to check an approved one, and before batches.

use std::sync::{Arc, Mutex};

use leora_execution::{Preview, RunContext};
use leora_postgres::Session;
use leora_report::{Entry, Failure, Report};
use leora_script::{Program, Settings};

use crate::commands::context::Context;
use crate::commands::shared::steps;

/// Runs the steps on the host that previews, and gives the session back.
pub(crate) fn preview(
    mut session: Session,
    run: &Arc<RunContext>,
    program: &Program,
    settings: &Settings,
    report: &mut Report,
    context: &Context,
) -> (Session, Result<(), Failure>) {
    session.set_read_limits(steps::reading(&run.folder.manifest.limits));
    let mut host = Preview::new(session, Arc::clone(run));
    if context.options.report.is_some() {
        host.database.collect_statistics();
    }
    let host = Arc::new(Mutex::new(host));
    let mut report_notes = |report: &mut Report| {
        let notes = steps::locked(&host).database.take_notes();
        steps::tell(notes.into_iter().map(Entry::Unpredicted).collect(), report, context);
        Ok(())
    };
    let (folder, after) = (&run.folder, &mut report_notes);
    let ran = steps::perform(folder, program, settings, host.clone(), report, context, after);
    let mut host = steps::reclaim(host);
    report.statistics = host.database.take_statistics();
    (host.database.into_session(), ran)
}

/// Previews a run in its own transaction, before its first write, and rolls that back; the preview is not shown.
pub(crate) fn dry_run(
    mut session: Session,
    run: &Arc<RunContext>,
    program: &Program,
    settings: &Settings,
    context: &Context,
) -> (Session, Report, Result<(), Failure>) {
    let mut predicted = Report::default();
    let savepoint = match session.set_savepoint() {
        Ok(savepoint) => savepoint,
        Err(error) => return (session, predicted, Err(error.into())),
    };
    let quiet = context.unheard();
    let (mut session, ran) = preview(session, run, program, settings, &mut predicted, &quiet);
    let ended = match ran {
        Ok(()) => session.roll_back_to(savepoint).map_err(Failure::from),
        Err(failure) => Err(with_findings(failure, &predicted)),
    };
    (session, predicted, ended)
}

/// A failure with what the expectations found, which nobody has seen.
fn with_findings(failure: Failure, predicted: &Report) -> Failure {
    let mut details = failure.details.clone();
    for entry in predicted.steps.iter().flat_map(|step| &step.entries) {
        if let Entry::Expectation(one) = entry
            && !one.held
        {
            details.push(one.label.clone());
            details.extend(one.findings.iter().cloned());
        }
    }
    Failure { details, ..failure }
}
