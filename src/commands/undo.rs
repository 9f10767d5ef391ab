//! `undo`: put back what a run changed, where the row still holds what it wrote.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use leora_folder::LockMode;
use leora_postgres::{Catalog, History, Reader, RunRecord, Session, Undo};
use leora_report::{
    DatabaseError, Entry, Failure, FailureKind, Lock, Outcome, PastRule, PastRun, PutBack, Report,
    RuleStatistics, StepReport,
};
use leora_rule::{Access, Relation, compile_distribution};
use uuid::Uuid;

use crate::commands::context::Context;
use crate::commands::shared::begin_run as opening;
use crate::commands::shared::confirm;
use crate::commands::shared::report_archive as keepsake;
use crate::commands::shared::report_page::Page;
use crate::commands::shared::run_record as history;
use crate::commands::shared::steps;
use crate::commands::shared::target;

/// Puts back what a run changed; returns the exit code.
pub(crate) fn undo(run: Option<&str>, dry: bool, context: &Context) -> u8 {
    let mut report = Report {
        run: Uuid::now_v7().to_string(),
        folder: "undo".into(),
        title: "Undo".into(),
        as_of: context.options.as_of.to_string(),
        access: Some(if dry { Access::RolledBack } else { Access::ReadWrite }),
        ..Report::default()
    };
    let page = Page::open("undo", context);
    let failure = match &page {
        Ok(_) => attempt(run, dry, &mut report, context).err(),
        Err(failure) => Some(failure.clone()),
    };
    let fine = if dry { Outcome::Planned } else { Outcome::Done };
    report.outcome = failure.as_ref().map_or(fine, |failure| failure.kind.outcome());
    report.error = failure;
    context.screen().show_report(&report);
    keepsake::keep(&report, context);
    if let Ok(page) = &page {
        page.write(&report, context);
    }
    report.error.map_or(0, |failure| failure.kind.exit_code())
}

fn attempt(
    run: Option<&str>,
    dry: bool,
    report: &mut Report,
    context: &Context,
) -> Result<(), Failure> {
    let found = target::find(context)?;
    report.target = Some(target::told(&found.target));
    if dry {
        context.screen().show_as_planned();
    }
    if !dry && found.sandbox.is_none() {
        confirm::confirmed(&found.target, context)?;
    }
    let server = context.server(found.target);
    let mut chosen = None;
    let mut want = |session: &mut Session| {
        let runs = History::new(session).runs()?;
        let locks = match choose(&runs, run) {
            Ok(past) => locks(session, past)?,
            Err(_) => vec![],
        };
        chosen = Some(runs);
        Ok(locks)
    };
    let mut session = opening::open(&server, Access::ReadWrite, &mut want, context)?;
    let runs = chosen.unwrap_or_default();
    let past = choose(&runs, run)?;
    report.undoes = Some(past.id.clone());
    let record = record(past, report);
    let ended = transact(&mut session, past, &runs, &record, report, context, dry)
        .and_then(|()| end(&mut session, &report.run, dry, context));
    if let (Err(failure), false) = (&ended, dry) {
        let failed = Report {
            outcome: failure.kind.outcome(),
            error: Some(failure.clone()),
            ..report.clone()
        };
        history::record_failure(&mut session, &record, &failed);
    }
    ended
}

fn end(session: &mut Session, run: &str, dry: bool, context: &Context) -> Result<(), Failure> {
    if dry {
        return Ok(());
    }
    session.check_constraints()?;
    Ok(session.commit_run(run, context.options.commit_wait)?)
}

/// The run to undo: the one that was named, else the last with changes that is neither an undo nor undone.
fn choose<'r>(runs: &'r [PastRun], named: Option<&str>) -> Result<&'r PastRun, Failure> {
    let refused = |message: String| {
        let help = "leora-run status lists the runs, and tells which can be undone".to_owned();
        Failure::new(FailureKind::Usage, message, Some(help))
    };
    let Some(name) = named else {
        let undoable = |run: &&PastRun| run.can_be_undone() && run.undoes.is_none();
        return runs.iter().find(undoable).ok_or_else(|| nothing_to_undo(runs));
    };
    let matching: Vec<&PastRun> = runs.iter().filter(|run| run.id.starts_with(name)).collect();
    let [run] = matching.as_slice() else {
        let what = if matching.is_empty() { "no run" } else { "more than one run" };
        return Err(refused(format!("{what} has an id that starts with {name}")));
    };
    if run.can_be_undone() {
        return Ok(run);
    }
    Err(refused(match () {
        () if run.undone => format!("run {name} is undone already"),
        () if !run.has_committed() => {
            format!("run {name} ended as {}, so there is nothing to put back", run.outcome)
        }
        () if run.changed == 0 => format!("run {name} changed nothing"),
        () => {
            format!(
                "the journal of run {name} is not kept any more: keep_runs in leora.toml says how many are, 20 unless it is there"
            )
        }
    }))
}

/// Nothing is left to undo but, perhaps, an undo.
fn nothing_to_undo(runs: &[PastRun]) -> Failure {
    let undo = runs.iter().find(|run| run.can_be_undone());
    let help = undo.map_or_else(
        || "leora-run status lists the runs, and tells which can be undone".into(),
        |undo| format!("to take back the last undo: leora-run undo {}", undo.id),
    );
    Failure::new(FailureKind::Usage, "there is no run to undo", Some(help))
}

/// The tables of a run's journal that are still there, in name order.
fn locks(session: &mut Session, past: &PastRun) -> Result<Vec<Lock>, DatabaseError> {
    let rules = History::new(session).rules(&past.id)?;
    let names: BTreeSet<&str> = rules.iter().map(|rule| rule.table.as_str()).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let there = Catalog::new(session).lockable_tables(&names)?;
    let tables = names.into_iter().map(str::to_owned).filter(|table| there.contains(table));
    let schema = session.target().schema.clone();
    let mode = LockMode::NoWrites.sql().to_owned();
    Ok(tables.map(|table| Lock { schema: schema.clone(), table, mode: mode.clone() }).collect())
}

fn transact(
    session: &mut Session,
    past: &PastRun,
    runs: &[PastRun],
    record: &RunRecord,
    report: &mut Report,
    context: &Context,
    dry: bool,
) -> Result<(), Failure> {
    history::start(session, record)?;
    let newer: Vec<PastRun> = runs.iter().filter(|run| run.number > past.number).cloned().collect();
    let rules = History::new(session).rules(&past.id)?;
    report.title = format!("Undo of {}, run {}", past.title, past.id);
    context.screen().show_title(report);
    for (index, rule) in rules.iter().enumerate() {
        let title = format!("{}.{}", rule.table, rule.column);
        context.screen().show_step(index + 1, rules.len(), &title);
        let started = Instant::now();
        if context.options.report.is_some() {
            report.statistics.push(study(session, rule, context)?);
        }
        let mut undoing = Undo::new(session, past, &newer, &report.run);
        let put_back = undoing.put_back(&rules, index)?;
        report.steps.push(StepReport {
            name: title.clone(),
            title,
            outcome: Outcome::Done,
            elapsed: started.elapsed(),
            entries: vec![],
        });
        let put_back =
            if context.options.verbose { put_back } else { PutBack { left: vec![], ..put_back } };
        steps::tell(vec![Entry::PutBack(put_back)], report, context);
        if !dry {
            steps::record(session, report)?;
        }
    }
    Ok(History::new(session).record_end(record, Outcome::Done, None)?)
}

/// How many rows have each value before a rule is undone, while its column is there.
fn study(
    session: &mut Session,
    rule: &PastRule,
    context: &Context,
) -> Result<Option<RuleStatistics>, DatabaseError> {
    let Some(table) = Catalog::new(session).table(&rule.table)? else { return Ok(None) };
    let source = Relation::from_table(Arc::new(table));
    let as_of = context.options.as_of;
    let Ok(sql) = compile_distribution(&source, None, None, &rule.column, as_of) else {
        return Ok(None);
    };
    let before = Reader::new(session).shares(&sql)?;
    Ok(Some(RuleStatistics { statement: None, before, thresholds: None }))
}

fn record(past: &PastRun, report: &Report) -> RunRecord {
    RunRecord {
        id: report.run.clone(),
        folder: "undo".into(),
        title: format!("Undo of {}", past.title),
        checksums: "{}".into(),
        meanings: "{}".into(),
        settings: "{}".into(),
        as_of: report.as_of.clone(),
        undoes: Some(past.id.clone()),
        keep_runs: None,
        started_from: history::started_from(),
        started_at: Timestamp::now().to_string(),
    }
}
