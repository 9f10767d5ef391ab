//! A run in batches: gone on with where one has stopped, and what to do when it stops.

use std::collections::BTreeMap;

use jiff::civil::Date;
use leora_folder::ScriptFolder;
use leora_postgres::{History, RunRecord, Session, Transaction};
use leora_report::{DatabaseError, Entry, Failure, Outcome, Report};
use leora_rule::Strategy;

use crate::commands::context::Context;
use crate::commands::shared::run_record as history;
use crate::commands::shared::script_folder::addressed;

/// Begins the run, or goes on with the one that has stopped.
pub(crate) fn begin(
    session: &mut Session,
    record: RunRecord,
    report: &mut Report,
    context: &Context,
) -> Result<RunRecord, Failure> {
    let given: BTreeMap<_, _> = context.options.set.iter().cloned().collect();
    let mut record = RunRecord { settings: serde_json::json!(given).to_string(), ..record };
    let prepared = History::new(session).create_tables();
    prepared.map_err(|error| history::refused(session, error))?;
    let mut history = History::new(session);
    if let Some((run, as_of)) = history.find_resumable(&record)? {
        context.screen().note(&format!("going on with run {run}, as of {as_of}"));
        (report.run, report.as_of) = (run.clone(), as_of.clone());
        report.outcome = Outcome::Partial;
        (record.id, record.as_of) = (run, as_of);
    } else {
        if let Some(run) = history.find_unfinished(&record.folder)? {
            let undo = addressed(&[format!("leora-run undo {run}")], context).concat();
            context.screen().note(&format!(
                "run {run} of this folder stopped between batches, with other settings or scripts; what it committed \
                 stays, this is a new run, and {undo} takes that one back"
            ));
        }
        history.record_start(&record)?;
    }
    History::new(session).record_partial(&record.id, None)?;
    Ok(record)
}

/// Whether it is a run in batches that does not go on with another.
pub(crate) fn is_new(folder: &ScriptFolder, report: &Report) -> bool {
    folder.manifest.strategy == Strategy::Batches && report.outcome != Outcome::Partial
}

/// The context with the business date that the run began with.
pub(crate) fn on_its_day(context: &Context, report: &Report) -> Context {
    let mut same = context.clone();
    same.options.as_of = report.as_of.parse::<Date>().unwrap_or(context.options.as_of);
    same
}

/// Whether some of the run is committed, now or before it went on.
pub(crate) fn stays(session: &mut Session, report: &mut Report) -> bool {
    if session.has_committed_part() {
        report.outcome = Outcome::Partial;
    }
    report.outcome == Outcome::Partial
}

/// Rolls back what is not committed, and records that the run has stopped, and why. When that can't be recorded, it is a run that can go on all the same.
pub(crate) fn pause(session: &mut Session, report: &mut Report) {
    let message = report.error.as_ref().map(|failure| failure.message.clone());
    let mut write = || -> Result<(), DatabaseError> {
        session.ignore_interrupts();
        session.begin(Transaction::ReadWrite)?;
        report.committed = Some(History::new(session).count_journalled(&report.run)?);
        History::new(session).record_partial(&report.run, message.as_deref())?;
        session.commit()
    };
    let _ = write();
}

/// The failure of a run that can go on, with the commands to go on and to go back.
pub(crate) fn told_how_to_go_on(
    failure: Failure,
    report: &mut Report,
    context: &Context,
) -> Failure {
    if report.outcome != Outcome::Partial {
        return failure;
    }
    let set = context.options.set.iter().map(|(name, value)| format!(" --set {name}={value}"));
    let on =
        format!("leora-run {} --as-of {}{}", report.folder, report.as_of, set.collect::<String>());
    report.next = addressed(&[on], context);
    report.back = addressed(&[format!("leora-run undo {}", report.run)], context);
    let told =
        format!("go on with {}, or take back what is done with {}", report.next[0], report.back[0]);
    Failure {
        help: Some(failure.help.map_or(told.clone(), |help| format!("{help}; then {told}"))),
        ..failure
    }
}

/// After batches the old versions of the rows take up room, until they are cleared away.
pub(crate) fn advise_vacuum(report: &mut Report) {
    let entries = report.steps.iter().flat_map(|step| &step.entries);
    let mut advice: Vec<String> = entries
        .filter_map(|entry| match entry {
            Entry::Change { change, .. } if change.changed() > 0 => {
                let table = leora_rule::quote_identifier(&change.table);
                Some(format!("psql: VACUUM (ANALYZE) {table}; -- the old rows take up room"))
            }
            _ => None,
        })
        .collect();
    advice.dedup();
    report.next.splice(0..0, advice);
}
