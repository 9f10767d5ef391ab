//! `undo`: puts back what a run changed, where the row still has the value that it wrote.

mod choose_run;
mod past_strategy;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use leora_execution::lock_rows;
use leora_folder::LockMode;
use leora_postgres::{
    Catalog, HeldUntil, History, Reader, RunRecord, Session, Undo, UndoListing, rewrite_obstacle,
    rules_put_back_together,
};
use leora_report::{
    DatabaseError, Entry, Failure, Lock, Observer, Outcome, PastRule, PastRun, PutBack, Report,
    RuleStatistics, StepReport,
};
use leora_rule::{Access, Relation, Strategy, compile_distribution};

use crate::commands::context::Context;
use crate::commands::shared::{
    COMMITTING, ReportPage, RowsFile, TRIGGER_RIGHTS_REMEDY, add_entries, archive_report,
    begin_run, confirm_target, describe_lent_rights, labels_of_past, locks_on_existing_tables,
    open_target, record_failure, record_last_step, record_start, set_outcome, target_report,
    user_and_machine,
};
use choose_run::choose_run;
use past_strategy::past_strategy;

pub(crate) fn undo(run: Option<&str>, dry_run: bool, context: &Context) -> u8 {
    let mut report = Report {
        title: "Undo".into(),
        access: Some(if dry_run { Access::RolledBack } else { Access::ReadWrite }),
        ..context.new_report(Path::new("undo"))
    };
    let page = ReportPage::begin("undo", context);
    let rows = match RowsFile::begin_with_page(context) {
        Ok(rows) => rows,
        Err(failure) => return context.fail(failure),
    };
    let listing = rows.context(context);
    let ended = page.run(|| undo_run(run, dry_run, &mut report, &listing));
    set_outcome(&mut report, ended, if dry_run { Outcome::Planned } else { Outcome::Done });
    let listed = rows.write_for(&mut report, &context.options);
    context.screen().show_report(&report);
    listed.iter().for_each(|remark| context.screen().remark(remark));
    archive_report(&report, context);
    page.write(&report, context);
    report.exit_code()
}

fn undo_run(
    given: Option<&str>,
    dry_run: bool,
    report: &mut Report,
    context: &Context,
) -> Result<(), Failure> {
    let opened = open_target(context)?;
    report.target = Some(target_report(&opened.target));
    if dry_run {
        context.screen().show_as_planned();
    } else if opened.sandbox.is_none() {
        confirm_target(&opened.target, context)?;
    }
    let server = context.server(opened.target);
    // Read again on each try, under the lock that keeps other runs away.
    let mut runs = Vec::new();
    let mut locks = |session: &mut Session| {
        History::new(session).upgrade()?;
        runs = History::new(session).runs()?;
        choose_run(&runs, given)
            .map_or_else(|_| Ok(vec![]), |past| journal_locks(session, past, dry_run))
    };
    let mut session =
        begin_run(&server, Access::ReadWrite, HeldUntil::Commit, &mut locks, context)?;
    let past = choose_run(&runs, given)?;
    report.undoes = Some(past.id.clone());
    let newer = runs.iter().filter(|run| run.number > past.number).cloned().collect();
    let labels = labels_of_past(past, context);
    let record = undo_record(past, report);
    let undoing = Undoing { past, newer, record, dry_run, labels, context };
    undoing.run(&mut session, report).inspect_err(|failure| {
        if !dry_run {
            let mut failed = report.clone();
            set_outcome(&mut failed, Err(failure.clone()), Outcome::Done);
            record_failure(&mut session, &undoing.record, &failed);
        }
    })
}

/// Refuses an undo that could look at no row, and so put nothing back: the run would count as undone.
fn refuse_nothing(report: &Report) -> Result<(), DatabaseError> {
    let all: Vec<&PutBack> = report
        .steps
        .iter()
        .flat_map(|step| &step.entries)
        .filter_map(|entry| match entry {
            Entry::PutBack(one) => Some(one),
            _ => None,
        })
        .collect();
    let reasons: Vec<&str> = all.iter().filter_map(|one| one.gone.as_deref()).collect();
    if reasons.is_empty() || reasons.len() < all.len() {
        return Ok(());
    }
    Err(DatabaseError::Inconsistent {
        message: format!("nothing can be put back: {}", reasons.join("; ")),
        help: "bring it back as it was then, and undo again; or put the values back by hand, from leora_run.transition".into(),
    })
}

/// Locks on the tables of a run's journal that still exist.
fn journal_locks(
    session: &mut Session,
    past: &PastRun,
    dry_run: bool,
) -> Result<Vec<Lock>, DatabaseError> {
    let rules = History::new(session).rules(&past.id)?;
    let rewrites = !dry_run && past_strategy(past) == Some(Strategy::Rewrite);
    let mut modes: BTreeMap<&str, LockMode> = BTreeMap::new();
    for rule in &rules {
        // Readers need not wait for a rewrite that is not possible.
        let mode = match rewrites && rewrite_obstacle(session, &rule.table, &rule.column)?.is_none()
        {
            true => LockMode::Exclusive,
            false => LockMode::NoWrites,
        };
        let strongest = modes.entry(&rule.table).or_insert(mode);
        *strongest = mode.max(*strongest);
    }
    locks_on_existing_tables(session, modes)
}

fn undo_record(past: &PastRun, report: &Report) -> RunRecord {
    RunRecord {
        id: report.run.clone(),
        folder: report.folder.clone(),
        title: format!("Undo of {}", past.title),
        checksums: "{}".into(),
        meanings: "{}".into(),
        settings: "{}".into(),
        as_of: report.as_of.clone(),
        undoes: Some(past.id.clone()),
        keep_runs: None,
        started_from: user_and_machine(),
        started_at: Timestamp::now().to_string(),
        writes: "[]".into(),
    }
}

/// The undo of one run, in a transaction that has its locks.
struct Undoing<'a> {
    past: &'a PastRun,
    newer: Vec<PastRun>,
    record: RunRecord,
    dry_run: bool,
    /// The columns that name a row in its list, by table, where its folder says which.
    labels: BTreeMap<String, Vec<String>>,
    context: &'a Context,
}

impl Undoing<'_> {
    fn run(&self, session: &mut Session, report: &mut Report) -> Result<(), Failure> {
        record_start(session, &self.record)?;
        let rules = History::new(session).rules(&self.past.id)?;
        let tables: BTreeSet<String> = rules.iter().map(|rule| rule.table.clone()).collect();
        let tables: Vec<String> = tables.into_iter().collect();
        // There is no manifest here that could refuse it.
        if let Some(message) = describe_lent_rights(session, &tables)? {
            self.context.screen().note(&format!("{message}; {TRIGGER_RIGHTS_REMEDY}"));
        }
        report.title = format!("Undo of {}, run {}", self.past.title, self.past.id);
        self.context.screen().show_title(report);
        for places in rules_put_back_together(&rules) {
            self.put_back(session, &rules, places, report)?;
        }
        refuse_nothing(report)?;
        History::new(session).record_end(&self.record, Outcome::Done, None)?;
        if self.dry_run {
            return Ok(());
        }
        self.context.screen().on_start(COMMITTING);
        session.complete_writes()?;
        session.check_constraints()?;
        Ok(session.commit_run(&report.run)?)
    }

    fn put_back(
        &self,
        session: &mut Session,
        rules: &[PastRule],
        places: Range<usize>,
        report: &mut Report,
    ) -> Result<(), Failure> {
        let title = |rule: &PastRule| format!("{}.{}", rule.table, rule.column);
        let titles: Vec<String> = rules[places.clone()].iter().map(title).collect();
        self.context.screen().on_start(&titles.join(", "));
        let mut started = Instant::now();
        if self.context.options.report.is_some() {
            for rule in &rules[places.clone()] {
                report.statistics.push(self.read_statistics(session, rule)?);
            }
        }
        let mut rows = self.context.rows.as_ref().map(lock_rows);
        let mut listing =
            rows.as_deref_mut().map(|listing| UndoListing { listing, chosen: &self.labels });
        let put_back = Undo::new(session, self.past, &self.newer, &report.run).put_back(
            rules,
            places.clone(),
            listing.as_mut(),
        )?;
        drop(rows);
        for ((index, title), put_back) in places.zip(titles).zip(put_back) {
            self.context.screen().show_step(index + 1, rules.len(), &title);
            report.steps.push(StepReport {
                name: title.clone(),
                title,
                outcome: Outcome::Done,
                elapsed: started.elapsed(),
                entries: vec![],
            });
            // The time of all of them is shown with the first.
            started = Instant::now();
            let left = if self.context.options.verbose { put_back.left } else { vec![] };
            let entry = Entry::PutBack(PutBack { left, ..put_back });
            add_entries([entry], report, self.context);
            if !self.dry_run {
                record_last_step(session, report)?;
            }
        }
        Ok(())
    }

    /// How many rows have each value before a rule is undone, if its column still exists.
    fn read_statistics(
        &self,
        session: &mut Session,
        rule: &PastRule,
    ) -> Result<Option<RuleStatistics>, DatabaseError> {
        let Some(table) = Catalog::new(session).table(&rule.table)? else { return Ok(None) };
        let (relation, as_of) = (Relation::from_table(Arc::new(table)), self.context.options.as_of);
        let compiled = compile_distribution(&relation, None, None, &rule.column, as_of);
        let Ok(sql) = compiled else { return Ok(None) };
        let before = Reader::new(session).shares(&sql)?;
        Ok(Some(RuleStatistics { statement: None, before, thresholds: None }))
    }
}
