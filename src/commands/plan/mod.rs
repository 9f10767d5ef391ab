//! `plan`: what a run would do; nothing is kept.

mod cost_estimate;

use std::path::Path;
use std::time::{Duration, Instant};

use leora_folder::ScriptFolder;
use leora_postgres::{Session, Timeouts, Transaction};
use leora_report::{Failure, FailureKind, Lock, Outcome, PlanReport, Report};
use leora_rule::Access;
use leora_script::{Program, Settings};
use uuid::Uuid;

use crate::commands::context::Context;
use crate::commands::shared::begin_run as opening;
use crate::commands::shared::preview::preview;
use crate::commands::shared::prisma_files::PrismaFiles;
use crate::commands::shared::report_page::Page;
use crate::commands::shared::script_folder::{addressed, explain_settings, introduce, open};
use crate::commands::shared::target;
use crate::plan_file::PlanFile;

/// How long a plan waits for the locks of a folder with SQL files: whoever queues behind it waits too.
const LOCK_PATIENCE: Duration = Duration::from_secs(1);

/// Shows what a run would do; returns the exit code that it would have.
pub(crate) fn plan(path: &Path, out: Option<&Path>, context: &Context) -> u8 {
    let mut report = Report {
        run: Uuid::now_v7().to_string(),
        folder: path.display().to_string(),
        as_of: context.options.as_of.to_string(),
        ..Report::default()
    };
    let page = Page::open("plan", context);
    let failure = match &page {
        Ok(_) => attempt(path, out, &mut report, context).err(),
        Err(failure) => Some(failure.clone()),
    };
    if let (None, Some(out)) = (&failure, out) {
        let run = format!("leora-run run {} --approved {}", report.folder, out.display());
        report.next = addressed(&[run], context);
    } else {
        report.next.clear();
    }
    // Nothing was done that could be taken back.
    report.back.clear();
    report.outcome = failure.as_ref().map_or(Outcome::Planned, |failure| failure.kind.outcome());
    report.error = failure;
    context.screen().show_report(&report);
    if let Ok(page) = &page {
        page.write(&report, context);
    }
    report.error.map_or(0, |failure| failure.kind.exit_code())
}

fn attempt(
    path: &Path,
    out: Option<&Path>,
    report: &mut Report,
    context: &Context,
) -> Result<(), Failure> {
    let folder = open(path, context)?;
    introduce(&folder, report, context);
    let program = Program::compile(&folder)?;
    explain_settings(&program, report);
    let settings = Settings::new(context.options.set.clone());
    settings.check_known(program.settings())?;
    let found = target::find(context)?;
    report.target = Some(target::told(&found.target));
    context.screen().show_as_planned();
    context.screen().show_title(report);
    let files = PrismaFiles::find(&folder, context)?;
    let server = context.server(found.target);
    let mut session = opening::connect(&server, timeouts(&folder, context), context)?;
    let locks = begin(&mut session, &folder, context)?;
    let run = context.run_context(&report.run, &folder);
    let started = Instant::now();
    let (session, ran) = preview(session, &run, &program, &settings, report, context);
    let held = (!folder.sql.is_empty()).then(|| started.elapsed());
    drop(session);
    let ways = cost_estimate::ways(report, folder.manifest.strategy);
    let about_ms =
        cost_estimate::reading_ms(report) + cost_estimate::of(&ways, folder.manifest.strategy);
    report.plan = Some(PlanReport { about_ms, locks, strategies: ways, held });
    ran?;
    files.foretell(report);
    out.map_or(Ok(()), |path| write(path, &folder, report))
}

pub(crate) fn timeouts(folder: &ScriptFolder, context: &Context) -> Timeouts {
    let given = context.timeouts();
    let lock = if folder.sql.is_empty() { given.lock } else { given.lock.min(LOCK_PATIENCE) };
    Timeouts { lock, ..given }
}

/// Begins the transaction of a plan: one that can't write, unless SQL files must run, and then with their locks.
/// Returns the locks that a run would take.
pub(crate) fn begin(
    session: &mut Session,
    folder: &ScriptFolder,
    context: &Context,
) -> Result<Vec<Lock>, Failure> {
    if folder.sql.is_empty() {
        session.begin(Transaction::ReadOnly)?;
    } else {
        session.begin(Transaction::ReadWrite)?;
    }
    let wanted = match folder.manifest.access {
        Access::ReadOnly => vec![],
        _ => opening::wanted(session, &folder.manifest)?,
    };
    if !folder.sql.is_empty() {
        opening::take(session, &wanted, context)?;
    }
    Ok(wanted)
}

fn write(path: &Path, folder: &ScriptFolder, report: &Report) -> Result<(), Failure> {
    PlanFile::of(folder, report).write(path).map_err(|error| {
        Failure::new(
            FailureKind::Usage,
            format!("the plan can't be written to {}: {error}", path.display()),
            Some("give --out a path that can be written".into()),
        )
    })
}
