//! A run in batches: resuming one that has stopped, and what to do when it stops.

use std::collections::BTreeMap;

use jiff::civil::Date;
use leora_folder::ScriptFolder;
use leora_postgres::{History, RunRecord, Session, Transaction};
use leora_report::{
    DatabaseError, Entry, Failure, Outcome, Report, shell_argument, shell_option, shell_path,
};
use leora_rule::{Strategy, printable_sql, quote_identifier};

use crate::commands::context::Context;
use crate::commands::shared::{explain_history_error, for_same_target};

pub(crate) fn start_or_resume(
    session: &mut Session,
    record: RunRecord,
    report: &mut Report,
    context: &Context,
) -> Result<RunRecord, Failure> {
    let given: BTreeMap<_, _> = context.options.set.iter().cloned().collect();
    let mut record = RunRecord { settings: serde_json::json!(given).to_string(), ..record };
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
        session.ignore_interrupts();
        session.begin(Transaction::ReadWrite)?;
        let mut history = History::new(session);
        report.committed = Some(history.count_journalled(&report.run)?);
        history.record_partial(&report.run, message.as_deref())?;
        session.commit()
    };
    let _ = record();
}

/// Adds the commands to resume and to undo to the failure of a run that is partly committed.
pub(crate) fn with_ways_on(failure: Failure, report: &mut Report, context: &Context) -> Failure {
    if report.outcome != Outcome::Partial {
        return failure;
    }
    let set = context.options.set.iter();
    let set =
        set.map(|(name, value)| format!(" {}", shell_option("--set", &format!("{name}={value}"))));
    let set: String = set.collect();
    let folder = shell_path(&report.folder);
    let resume = format!("leora-run {folder} --as-of {}{set}", report.as_of);
    report.next = for_same_target(&[resume], context);
    report.back = for_same_target(&[format!("leora-run undo {}", report.run)], context);
    let ways =
        format!("go on with {}, or take back what is done with {}", report.next[0], report.back[0]);
    let help = failure.help.as_ref().map_or(ways.clone(), |help| format!("{help}; then {ways}"));
    Failure { help: Some(help), ..failure }
}

/// Suggests VACUUM for each changed table: the old versions of the rows take up room.
pub(crate) fn suggest_vacuum(report: &mut Report) {
    let entries = report.steps.iter().flat_map(|step| &step.entries);
    let mut suggestions: Vec<String> = entries
        .filter_map(|entry| match entry {
            Entry::Change { change, .. } if change.changed() > 0 => {
                let table = printable_sql(&quote_identifier(&change.table));
                Some(format!("psql: VACUUM (ANALYZE) {table}; -- the old rows take up room"))
            }
            _ => None,
        })
        .collect();
    suggestions.dedup();
    report.next.splice(0..0, suggestions);
}
