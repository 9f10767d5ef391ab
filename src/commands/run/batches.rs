//! A run in batches: resuming one that has stopped, and what to do when it stops.

use std::collections::BTreeMap;

use jiff::civil::Date;
use leora_folder::ScriptFolder;
use leora_postgres::{History, HistoryState, RunRecord, Session};
use leora_report::{
    DatabaseError, Failure, Outcome, PastRule, Report, shell_argument, shell_option, shell_path,
};
use leora_rule::Strategy;

use crate::cli::Options;
use crate::commands::context::Context;
use crate::commands::shared::{explain_history_error, for_same_target};

/// The settings are those that were given: the scripts have not said yet which there are.
fn with_given_settings(record: RunRecord, context: &Context) -> RunRecord {
    let given: BTreeMap<_, _> = context.options.set.iter().cloned().collect();
    RunRecord { settings: serde_json::json!(given).to_string(), ..record }
}

/// The rules that a run which this one would resume has written, in part or whole.
pub(crate) fn written_so_far(
    session: &mut Session,
    record: RunRecord,
    context: &Context,
) -> Result<Vec<PastRule>, Failure> {
    let record = with_given_settings(record, context);
    let mut history = History::new(session);
    if !matches!(history.state()?, HistoryState::Ready { readable: true }) {
        return Ok(vec![]);
    }
    match history.find_resumable(&record)? {
        Some((run, _)) => Ok(history.rules(&run)?),
        None => Ok(vec![]),
    }
}

pub(crate) fn start_or_resume(
    session: &mut Session,
    record: RunRecord,
    report: &mut Report,
    context: &Context,
) -> Result<RunRecord, Failure> {
    let mut record = with_given_settings(record, context);
    let prepared = History::new(session).prepare();
    prepared.map_err(|error| explain_history_error(session, error, &record.folder))?;
    let mut history = History::new(session);
    if let Some((run, as_of)) = history.find_resumable(&record)? {
        context.screen().note(&format!("going on with run {run}, as of {as_of}"));
        (report.run, report.as_of) = (run.clone(), as_of.clone());
        report.outcome = Outcome::Partial;
        (record.id, record.as_of) = (run, as_of);
    } else {
        if let Some(run) = history.find_unfinished(&record.folder)? {
            let undo = format!("leora-run undo {}", shell_argument(&run));
            let undo = for_same_target(&[undo], context).concat();
            context.screen().note(&format!(
                "run {run} of this folder stopped between batches, with other settings or scripts; what it committed \
                 stays, this is a new run, and {undo} takes that one back"
            ));
        }
        history.record_start(&record)?;
    }
    history.record_partial(&record.id, None)?;
    Ok(record)
}

/// Whether it is a run in batches that does not resume another.
pub(crate) fn is_new(folder: &ScriptFolder, report: &Report) -> bool {
    folder.manifest.strategy == Strategy::Batches && report.outcome != Outcome::Partial
}

/// The context with the business date that the run began with.
pub(crate) fn with_business_date(context: &Context, report: &Report) -> Context {
    let mut resumed = context.clone();
    resumed.options.as_of = report.as_of.parse::<Date>().unwrap_or(context.options.as_of);
    resumed
}

/// Whether a part of the run is committed, now or before it was resumed.
pub(crate) fn is_part_committed(session: &Session, report: &Report) -> bool {
    session.has_committed_part() || report.outcome == Outcome::Partial
}

/// Rolls back what is not committed, and records that the run has stopped, and why. It can be resumed even when that can't
/// be recorded.
pub(crate) fn record_stop(session: &mut Session, report: &mut Report) {
    let message = report.error.as_ref().map(|failure| failure.message.clone());
    let mut record = || -> Result<(), DatabaseError> {
        session.begin_record()?;
        let mut history = History::new(session);
        // Where the run's lock was lost, somebody may have taken it back.
        let undone = history.runs()?.iter().any(|run| run.id == report.run && run.undone);
        let journalled = history.count_journalled(&report.run)?;
        history.record_partial(&report.run, message.as_deref())?;
        session.commit()?;
        report.committed = (!undone).then_some(journalled);
        Ok(())
    };
    let _ = record();
}

/// Adds the commands to resume and to undo to the failure of a run that is partly committed.
pub(crate) fn with_ways_on(failure: Failure, report: &mut Report, context: &Context) -> Failure {
    if report.outcome != Outcome::Partial {
        return failure;
    }
    let resume = resume_command(report, &context.options);
    report.next = for_same_target(&[resume], context);
    report.back = for_same_target(&[format!("leora-run undo {}", report.run)], context);
    let ways =
        format!("go on with {}, or take back what is done with {}", report.next[0], report.back[0]);
    let help = failure.help.as_ref().map_or(ways.clone(), |help| format!("{help}; then {ways}"));
    Failure { help: Some(help), ..failure }
}

/// The command that goes on, with the options that the run depends on.
fn resume_command(report: &Report, options: &Options) -> String {
    let mut command = format!("leora-run {}", shell_path(&report.folder));
    let mut add = |option: &str, value: &str| {
        command += &format!(" {}", shell_option(option, value));
    };
    match &options.approved {
        // It has the settings and the business date.
        Some(plan) => {
            add("--approved", &plan.display().to_string());
            options.require_signature.iter().for_each(|key| add("--require-signature", key));
            add("--tolerance", &format!("{}%", options.tolerance));
        }
        None => {
            add("--as-of", &report.as_of);
            for (name, value) in &options.set {
                add("--set", &format!("{name}={value}"));
            }
        }
    }
    for (given, flag) in [
        (options.allow_large_change, " --allow-large-change"),
        (options.strict, " --strict"),
        (options.allow_pooler, " --allow-pooler"),
    ] {
        command += if given { flag } else { "" };
    }
    command
}
