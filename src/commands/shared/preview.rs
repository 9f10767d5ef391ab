//! Running a folder's steps on a host that foretells: for a plan, to judge an approved one, and before batches.

use std::sync::{Arc, Mutex};

use leora_execution::{Forecast, Foretelling, RunContext};
use leora_folder::ScriptFolder;
use leora_postgres::Session;
use leora_report::{Entry, Failure, Report};
use leora_script::{Program, Settings};

use crate::commands::context::Context;
use crate::commands::shared::steps;

/// Runs the steps on a host that foretells, and gives the session back.
pub(crate) fn foresee(
    session: Session,
    folder: &ScriptFolder,
    program: &Program,
    settings: &Settings,
    report: &mut Report,
    context: &Context,
) -> (Session, Result<(), Failure>) {
    let about = RunContext {
        run: report.run.clone(),
        as_of: context.options.as_of,
        manifest: folder.manifest.clone(),
        sql: folder.sql.clone(),
        prisma: folder.prisma.clone(),
        allow_large_change: context.options.allow_large_change,
    };
    let mut session = session;
    session.set_read_limits(steps::reading(&folder.manifest.limits));
    let mut host = Forecast::new(session, context.options.as_of, Foretelling::new(about));
    if context.options.report.is_some() {
        host.study();
    }
    let host = Arc::new(Mutex::new(host));
    let mut mark = |host: &Arc<Mutex<Forecast>>, report: &mut Report| {
        let marks = steps::locked(host).effects().take_marks();
        steps::tell(marks.into_iter().map(Entry::Unpredicted).collect(), report, context);
        Ok(())
    };
    let ran = steps::perform(folder, program, settings, &host, report, context, &mut mark);
    report.statistics = steps::locked(&host).take_statistics();
    (steps::reclaim(host).0, ran)
}

/// Foretells a run in its own transaction, before its first write, and takes that back; nobody sees it.
pub(crate) fn dry_run(
    mut session: Session,
    folder: &ScriptFolder,
    program: &Program,
    settings: &Settings,
    context: &Context,
) -> (Session, Report, Result<(), Failure>) {
    let mut foretold = Report::default();
    if let Err(error) = session.mark() {
        return (session, foretold, Err(error.into()));
    }
    let quiet = context.unheard();
    let (mut session, ran) = foresee(session, folder, program, settings, &mut foretold, &quiet);
    let ended = match ran {
        Ok(()) => session.back_to_mark().map_err(Failure::from),
        Err(failure) => Err(with_findings(failure, &foretold)),
    };
    (session, foretold, ended)
}

/// A failure with what the expectations found, which nobody has seen.
fn with_findings(failure: Failure, foretold: &Report) -> Failure {
    let mut details = failure.details.clone();
    for entry in foretold.steps.iter().flat_map(|step| &step.entries) {
        if let Entry::Expectation(one) = entry
            && !one.held
        {
            details.push(one.label.clone());
            details.extend(one.findings.iter().cloned());
        }
    }
    Failure { details, ..failure }
}
