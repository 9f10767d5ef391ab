//! `run`: a folder's steps in order, in one transaction.

mod approval;
mod batches;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use leora_execution::{Execute, RunContext};
use leora_postgres::{History, RunRecord, Server, Session};
use leora_report::{Failure, Observer, Outcome, Report};
use leora_rule::{Access, Strategy};
use leora_script::{Program, Settings};
use uuid::Uuid;

use crate::commands::context::Context;
use crate::commands::shared::begin_run as opening;
use crate::commands::shared::confirm;
use crate::commands::shared::preview::dry_run;
use crate::commands::shared::prisma_files::PrismaFiles;
use crate::commands::shared::report_archive as keepsake;
use crate::commands::shared::report_page::Page;
use crate::commands::shared::run_record as history;
use crate::commands::shared::script_folder::{addressed, explain_settings, introduce, open};
use crate::commands::shared::steps;
use crate::commands::shared::target;
use crate::commands::shared::target::Sought;
use crate::plan_file::PlanFile;

/// Runs a folder and shows what happened; returns the exit code.
pub(crate) fn run(path: &Path, context: &Context) -> u8 {
    let mut report = Report {
        run: Uuid::now_v7().to_string(),
        folder: path.display().to_string(),
        as_of: context.options.as_of.to_string(),
        ..Report::default()
    };
    let page = Page::open("run", context);
    let failure = match &page {
        Ok(_) => attempt(path, &mut report, context).err(),
        Err(failure) => Some(failure.clone()),
    };
    conclude(&mut report, failure);
    offer_undo(&mut report, context);
    context.screen().show_report(&report);
    keepsake::keep(&report, context);
    if let Ok(page) = &page {
        page.write(&report, context);
    }
    report.exit_code()
}

/// A run that changed rows can be undone.
fn offer_undo(report: &mut Report, context: &Context) {
    let changed = report.steps.iter().any(|step| step.changed() > 0);
    if changed && report.access == Some(Access::ReadWrite) {
        let undo = addressed(&[format!("leora-run undo {}", report.run)], context);
        // A run that stopped between batches has told it with the way on.
        if !report.back.starts_with(&undo) {
            report.back.splice(0..0, undo);
        }
    }
}

/// How the run ended, for the report.
fn conclude(report: &mut Report, failure: Option<Failure>) {
    let partial = report.outcome == Outcome::Partial;
    let fallen =
        |failure: &Failure| if partial { Outcome::Partial } else { failure.kind.outcome() };
    report.outcome = failure.as_ref().map_or(Outcome::Done, fallen);
    report.error = failure;
}

fn attempt(path: &Path, report: &mut Report, given: &Context) -> Result<(), Failure> {
    let folder = open(path, given)?;
    let plan = given.options.approved.as_deref().map(approval::read).transpose()?;
    let context =
        &plan.as_ref().map_or_else(|| Ok(given.clone()), |plan| approval::adopt(plan, given))?;
    report.as_of = context.options.as_of.to_string();
    introduce(&folder, report, context);
    let sought = Sought::of(context);
    let ahead = opening::connect_ahead(&sought, folder.manifest.access, context);
    let program = Program::compile(&folder)?;
    explain_settings(&program, report);
    let settings = Settings::new(context.options.set.clone());
    if plan.is_none() {
        settings.check_known(program.settings())?;
    }
    // Kept to the end: the sandbox stops when it is dropped.
    let found = sought.find(context)?;
    report.target = Some(target::told(&found.target));
    context.screen().show_title(report);
    if let Some(plan) = &plan {
        approval::check_before(plan, &folder, &found.target)?;
        settings.check_known(program.settings())?;
    }
    if folder.manifest.access == Access::ReadWrite && found.sandbox.is_none() {
        confirm::confirmed(&found.target, context)?;
    }
    let files = PrismaFiles::prepare(&folder, &report.run, context)?;
    let server = ahead.unwrap_or_else(|| context.server(found.target));
    let job = Job {
        run: context.run_context(&report.run, &folder),
        program: &program,
        settings: &settings,
        plan: plan.as_ref(),
        server: &server,
    };
    job.start(report, context)?;
    files.place(report);
    Ok(())
}

/// A folder to be run on a server.
struct Job<'a> {
    run: Arc<RunContext>,
    program: &'a Program,
    settings: &'a Settings,
    plan: Option<&'a PlanFile>,
    server: &'a Server,
}

impl Job<'_> {
    /// Runs it; from the start again, guards and approval too, when somebody else's transaction got in its way after
    /// the locks were had.
    fn start(&self, report: &mut Report, context: &Context) -> Result<(), Failure> {
        let manifest = &self.run.folder.manifest;
        for tries in 0.. {
            let mut want = |session: &mut Session| opening::wanted(session, manifest);
            let session = opening::open(self.server, manifest.access, &mut want, context)?;
            let last = tries >= context.options.lock_retries;
            let session = self.approved(session, context)?;
            match self.transact(session, report, context, last) {
                Err(failure) if failure.is_transient() && !last => {
                    context
                        .screen()
                        .note(&format!("{}; rolled back, trying again", failure.message));
                    report.steps.clear();
                    self.server.pause(opening::pause(tries))?;
                }
                ended => return ended,
            }
        }
        Ok(())
    }

    /// Judges the plan that was approved, if there is one.
    fn approved(&self, session: Session, context: &Context) -> Result<Session, Failure> {
        let Some(plan) = self.plan else { return Ok(session) };
        approval::check_rows(plan, session, &self.run, self.program, self.settings, context)
    }

    /// What a later step fails with is told, and recorded, before the first batch is committed.
    fn rehearsed(
        &self,
        session: Session,
        run: &Arc<RunContext>,
        record: &RunRecord,
        report: &mut Report,
        context: &Context,
        last: bool,
    ) -> Result<Session, Failure> {
        context.screen().on_start("foretelling it");
        let (mut session, _, ended) = dry_run(session, run, self.program, self.settings, context);
        let Err(failure) = ended else { return Ok(session) };
        if last || !failure.is_transient() {
            conclude(report, Some(failure.clone()));
            history::record_failure(&mut session, record, report);
        }
        Err(failure)
    }

    /// Runs the steps, and commits or rolls back. A failure is recorded, unless it will be tried again.
    fn transact(
        &self,
        mut session: Session,
        report: &mut Report,
        context: &Context,
        last: bool,
    ) -> Result<(), Failure> {
        let folder = &self.run.folder;
        let record = history::record(folder, report, &Timestamp::now().to_string());
        let keeps = folder.manifest.access == Access::ReadWrite;
        let record = match folder.manifest.strategy {
            Strategy::Batches => batches::begin(&mut session, record, report, context)?,
            _ if keeps => history::start(&mut session, &record).map(|()| record)?,
            _ => record,
        };
        let context = &batches::on_its_day(context, report);
        let run = match report.run == self.run.run {
            true => Arc::clone(&self.run),
            // Batches that go on with an earlier run have its id and its day.
            false => context.run_context(&report.run, folder),
        };
        // An approved plan was judged by foretelling the run already.
        let mut session = match self.plan.is_none() && batches::is_new(folder, report) {
            true => self.rehearsed(session, &run, &record, report, context, last)?,
            false => session,
        };
        session.set_read_limits(steps::reading(&folder.manifest.limits));
        let mut execute = Execute::new(session, run);
        if context.options.report.is_some() {
            execute.database.collect_statistics();
        }
        let host = Arc::new(Mutex::new(execute));
        let mut record_step = |report: &mut Report| match keeps {
            true => steps::record(steps::locked(&host).database.session(), report),
            false => Ok(()),
        };
        let ran = steps::perform(
            folder,
            self.program,
            self.settings,
            host.clone(),
            report,
            context,
            &mut record_step,
        );
        let mut execute = steps::reclaim(host);
        report.statistics = execute.database.take_statistics();
        let mut session = execute.database.into_session();
        let record =
            RunRecord { settings: serde_json::json!(report.settings).to_string(), ..record };
        let wait = context.options.commit_wait;
        let ended = ran.and_then(|()| end(&mut session, &record, keeps, wait));
        if let Err(failure) = &ended {
            if batches::stays(&mut session, report) {
                conclude(report, Some(failure.clone()));
                batches::pause(&mut session, report);
            } else if keeps && (last || !failure.is_transient()) {
                conclude(report, Some(failure.clone()));
                history::record_failure(&mut session, &record, report);
            }
        }
        if ended.is_ok() && folder.manifest.strategy == Strategy::Batches {
            batches::advise_vacuum(report);
        }
        ended.map_err(|failure| batches::told_how_to_go_on(failure, report, context))
    }
}

/// Ends a run whose steps are done: what it wrote is committed, or taken back where the folder says so.
fn end(
    session: &mut Session,
    record: &RunRecord,
    keeps: bool,
    wait: Duration,
) -> Result<(), Failure> {
    if !keeps {
        return Ok(());
    }
    session.complete_writes()?;
    session.check_constraints()?;
    History::new(session).record_end(record, Outcome::Done, None)?;
    Ok(session.commit_run(&record.id, wait)?)
}
