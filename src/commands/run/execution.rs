//! Executing a run: begin with its locks, run the steps, commit or roll back, and retry what was only in the way.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use leora_execution::{Execute, Resumed, RunContext};
use leora_postgres::{HeldUntil, History, RunRecord, Server, Session};
use leora_report::{Failure, Observer, Outcome, Report};
use leora_rule::{Access, Strategy};
use leora_script::ScriptError;

use crate::commands::context::Context;
use crate::commands::run::vacuum::suggest_vacuum;
use crate::commands::run::{approval, batches, trigger_rights};
use crate::commands::shared::{
    COMMITTING, LoadedFolder, begin_run, dry_run, first_locks, lock_host, read_limits,
    record_failure, record_last_step, record_start, retry_pause, revise_changes, run_record,
    run_steps, set_outcome, take_back_host,
};
use crate::plan_file::PlanFile;

/// What the hosts of the run share, with what was approved.
fn run_context(
    loaded: &LoadedFolder,
    plan: Option<&PlanFile>,
    report: &Report,
    resumed: Option<Resumed>,
    context: &Context,
) -> Arc<RunContext> {
    let run = Arc::unwrap_or_clone(loaded.run_context(&report.run, context));
    let approval = plan.map(|plan| approval::approved_effects(plan, &loaded.folder, context));
    Arc::new(RunContext { approval, resumed, ..run })
}

pub(crate) struct Execution<'a> {
    loaded: &'a LoadedFolder,
    plan: Option<&'a PlanFile>,
    server: &'a Server,
    run: Arc<RunContext>,
    context: &'a Context,
}

impl<'a> Execution<'a> {
    pub(crate) fn new(
        loaded: &'a LoadedFolder,
        plan: Option<&'a PlanFile>,
        server: &'a Server,
        report: &Report,
        context: &'a Context,
    ) -> Self {
        let run = run_context(loaded, plan, report, None, context);
        Self { loaded, plan, server, run, context }
    }

    /// Runs it. When another transaction got in its way after the locks were taken, it begins again, with guards and
    /// approval.
    pub(crate) fn run(&self, report: &mut Report) -> Result<(), Failure> {
        let (manifest, options) = (&self.loaded.folder.manifest, &self.context.options);
        for tries in 0.. {
            let mut locks = |session: &mut Session| first_locks(session, manifest);
            let held = match self.strategy() {
                Strategy::Batches => HeldUntil::Done,
                Strategy::Update | Strategy::Rewrite => HeldUntil::Commit,
            };
            let session = begin_run(self.server, manifest.access, held, &mut locks, self.context)?;
            let last_try = tries >= options.lock_retries;
            let session = match tries {
                0 => trigger_rights::check(session, manifest, self.context)?,
                _ => session,
            };
            let (session, resumed) = self.check_approval(session, report)?;
            match self.transact(session, resumed, report, last_try) {
                Err(failure) if failure.is_transient() && !last_try => {
                    let rolled_back = match report.outcome {
                        Outcome::Partial => "",
                        _ => " rolled back,",
                    };
                    let note = format!("{};{rolled_back} trying again", failure.message);
                    self.context.screen().note(&note);
                    report.steps.clear();
                    report.next.clear();
                    report.back.clear();
                    report.committed = None;
                    self.server.pause(retry_pause(tries))?;
                }
                ended => return ended,
            }
        }
        Ok(())
    }

    /// What the run has written already counts towards the plan, where it goes on with one that stopped.
    fn check_approval(
        &self,
        mut session: Session,
        report: &Report,
    ) -> Result<(Session, Resumed), Failure> {
        let Some(plan) = self.plan else { return Ok((session, Resumed::Left)) };
        let written = match self.strategy() {
            Strategy::Batches => {
                let record = run_record(&self.loaded.folder, report, "");
                batches::written_so_far(&mut session, record, self.context)?
            }
            Strategy::Update | Strategy::Rewrite => vec![],
        };
        let run = &self.run;
        approval::check_server_and_effects(plan, session, run, self.loaded, written, self.context)
    }

    fn strategy(&self) -> Strategy {
        self.loaded.folder.manifest.strategy
    }

    /// Whether what it writes stays, and the run is recorded.
    fn commits(&self) -> bool {
        self.loaded.folder.manifest.access == Access::ReadWrite
    }

    /// A failure is recorded, unless it will be retried.
    fn transact(
        &self,
        mut session: Session,
        resumed: Resumed,
        report: &mut Report,
        last_try: bool,
    ) -> Result<(), Failure> {
        let record = self.start(&mut session, report)?;
        let context = &batches::with_business_date(self.context, report);
        let run = match report.outcome {
            // Batches that resume an earlier run have its id and its date.
            Outcome::Partial => run_context(self.loaded, self.plan, report, Some(resumed), context),
            _ => Arc::clone(&self.run),
        };
        // An approved plan was checked by a preview already.
        if self.plan.is_none() && batches::is_new(&self.loaded.folder, report) {
            session = self.preview_first(session, &run, &record, report, context, last_try)?;
        }
        let (mut session, ran) = self.execute_steps(session, Arc::clone(&run), report, context);
        let ran = ran.and_then(|()| approval::check_effects(&run, &report.effects));
        let settings = serde_json::json!(report.settings).to_string();
        let record = RunRecord { settings, ..record };
        let ended = ran.and_then(|()| self.end(&mut session, &record));
        match &ended {
            Ok(()) if self.commits() => suggest_vacuum(report, self.strategy()),
            Ok(()) => {}
            Err(failure) => self.record_end(&mut session, &record, failure, report, last_try),
        }
        ended.map_err(|failure| batches::with_ways_on(failure, report, context))
    }

    fn start(&self, session: &mut Session, report: &mut Report) -> Result<RunRecord, Failure> {
        let record = run_record(&self.loaded.folder, report, &Timestamp::now().to_string());
        if self.strategy() == Strategy::Batches {
            return batches::start_or_resume(session, record, report, self.context);
        }
        if self.commits() {
            record_start(session, &record)?;
        }
        Ok(record)
    }

    /// Previews a run in batches, so that a failure of a later step is reported before the first batch is committed.
    fn preview_first(
        &self,
        session: Session,
        run: &Arc<RunContext>,
        record: &RunRecord,
        report: &mut Report,
        context: &Context,
        last_try: bool,
    ) -> Result<Session, Failure> {
        context.screen().on_start("previewing it");
        let (mut session, _, ended) = dry_run(session, run, self.loaded, context);
        let Err(failure) = ended else { return Ok(session) };
        if last_try || !failure.is_transient() {
            set_outcome(report, Err(failure.clone()), Outcome::Done);
            record_failure(&mut session, record, report);
        }
        Err(failure)
    }

    fn execute_steps(
        &self,
        mut session: Session,
        run: Arc<RunContext>,
        report: &mut Report,
        context: &Context,
    ) -> (Session, Result<(), Failure>) {
        session.set_read_limits(read_limits(&run.folder.manifest.limits));
        let approved = Arc::clone(&run);
        let mut host = Execute::new(session, run);
        if context.options.report.is_some() {
            host.database.collect_statistics();
        }
        if let Some(rows) = &context.rows
            && let Err(error) = host.database.list_rows(rows)
        {
            return (host.database.into_session(), Err(error.into()));
        }
        let host = Arc::new(Mutex::new(host));
        let mut record_step = |report: &mut Report| match self.commits() {
            true => record_last_step(lock_host(&host).database.session(), report),
            false => Ok(()),
        };
        let ran = run_steps(self.loaded, host.clone(), report, context, &mut record_step);
        let mut host = take_back_host(host);
        // Refused before the first batch is committed, where all of them still wait.
        let ran = ran.and_then(|()| approval::check_effects(&approved, host.effects()));
        let waiting = host.waiting_columns().join(", ");
        if ran.is_ok() && !waiting.is_empty() {
            context.screen().on_start(&waiting);
        }
        let written = |()| host.write_waiting().map_err(|error| ScriptError::from(error).into());
        let ran = ran.and_then(written);
        revise_changes(host.take_revised(), report, context);
        report.statistics = host.database.take_statistics();
        report.effects = host.take_effects();
        (host.database.into_session(), ran)
    }

    /// Where the folder does not keep what the steps wrote, dropping the session rolls it back.
    fn end(&self, session: &mut Session, record: &RunRecord) -> Result<(), Failure> {
        if !self.commits() {
            return Ok(());
        }
        self.context.screen().on_start(COMMITTING);
        session.complete_writes()?;
        session.check_constraints()?;
        History::new(session).record_end(record, Outcome::Done, None)?;
        Ok(session.commit_run(&record.id)?)
    }

    fn record_end(
        &self,
        session: &mut Session,
        record: &RunRecord,
        failure: &Failure,
        report: &mut Report,
        last_try: bool,
    ) {
        if batches::is_part_committed(session, report) {
            report.outcome = Outcome::Partial;
            set_outcome(report, Err(failure.clone()), Outcome::Done);
            batches::record_stop(session, report);
        } else if self.commits() && (last_try || !failure.is_transient()) {
            set_outcome(report, Err(failure.clone()), Outcome::Done);
            record_failure(session, record, report);
        }
    }
}
