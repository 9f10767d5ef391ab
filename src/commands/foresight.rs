//! Running a folder's steps on a host that foretells: for a plan, and to judge an approved one.

use std::sync::{Arc, Mutex};

use super::{Context, steps};
use crate::database::Session;
use crate::folder::ScriptFolder;
use crate::host::{Forecast, Foretelling, RunContext};
use crate::report::{Failure, Report};
use crate::script::{Entry, Program, Settings};

/// Runs the steps on a host that foretells, and gives the session back.
pub(super) fn foresee(
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
    session.limit_reading(steps::reading(&folder.manifest.limits));
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
    report.studies = steps::locked(&host).take_studies();
    (steps::reclaim(host).0, ran)
}
