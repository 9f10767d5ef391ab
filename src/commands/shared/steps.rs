//! Running the steps of a folder, one after the other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use leora_execution::RevisedRule;
use leora_folder::Limits;
use leora_host::{Host, HostError};
use leora_postgres::ReadLimits;
use leora_report::{
    Entry, Expectation, Failure, FailureKind, Observer, Outcome, Report, StepReport,
};
use leora_rule::Access;
use leora_script::{ScriptError, ScriptErrorKind};

use crate::commands::context::Context;
use crate::commands::shared::loaded_folder::LoadedFolder;

pub(crate) type AfterStep<'a> = dyn FnMut(&mut Report) -> Result<(), Failure> + 'a;

/// Runs the steps into the report, and stops at the first that fails. In a folder that only reads, a failed expectation
/// does not stop it: all of them are reported at the end.
pub(crate) fn run_steps(
    loaded: &LoadedFolder,
    host: Arc<Mutex<dyn Host>>,
    report: &mut Report,
    context: &Context,
    after_step: &mut AfterStep<'_>,
) -> Result<(), Failure> {
    let environment = context.run_environment(host, &loaded.settings);
    let folder = &loaded.folder;
    report.planned_steps = folder.steps.len();
    let collects = folder.manifest.access == Access::ReadOnly;
    let mut all_unmet: Vec<Expectation> = Vec::new();
    for (index, step) in folder.steps.iter().enumerate() {
        context.screen().show_step(index + 1, folder.steps.len(), &step.title);
        let started = Instant::now();
        let result = loaded.program.run_step(index, &environment);
        report.settings.extend(result.settings);
        let (failure, unpredicted) = split_unpredictable(result.failure);
        let unmet = unmet_expectations(&result.entries, context.options.strict);
        let failure = failure.or_else(|| unmet_failure(&unmet));
        report.steps.push(StepReport {
            name: step.name.clone(),
            title: step.title.clone(),
            outcome: failure.as_ref().map_or(Outcome::Done, |failure| failure.kind.outcome()),
            elapsed: started.elapsed(),
            entries: result.entries,
        });
        add_entries(unpredicted, report, context);
        match failure {
            Some(failure) if failure.kind == FailureKind::Expectation && collects => {
                all_unmet.extend(unmet);
            }
            Some(failure) => return Err(failure),
            None => after_step(report)?,
        }
    }
    unmet_failure(&all_unmet).map_or(Ok(()), Err)
}

/// Puts what rules have written in the place of what was reported of them, and shows it.
pub(crate) fn revise_changes(
    revised: impl IntoIterator<Item = RevisedRule>,
    report: &mut Report,
    context: &Context,
) {
    for RevisedRule { number, change: written, .. } in revised {
        let entries = report.steps.iter_mut().flat_map(|step| &mut step.entries);
        let mut changes = entries.filter(|entry| matches!(entry, Entry::Change { .. }));
        let Some(entry) = changes.nth(number.saturating_sub(1)) else { continue };
        if let Entry::Change { change, .. } = entry {
            *change = written;
        }
        context.screen().on_entry(entry);
    }
}

pub(crate) fn read_limits(limits: &Limits) -> ReadLimits {
    ReadLimits {
        bytes: limits.read_bytes,
        query_rows: limits.query_rows,
        query_time: Duration::from_secs(limits.query_time),
    }
}

/// Why a step ended: a failure, or, in a preview, that the rest can't be predicted.
fn split_unpredictable(error: Option<ScriptError>) -> (Option<Failure>, Option<Entry>) {
    let Some(error) = error else { return (None, None) };
    match &error.kind {
        ScriptErrorKind::Host(host) if matches!(**host, HostError::Unpredictable { .. }) => {
            (None, Some(Entry::Unpredicted(error.message)))
        }
        _ => (Some(error.into()), None),
    }
}

/// Adds entries to the last step, and shows them.
pub(crate) fn add_entries(
    entries: impl IntoIterator<Item = Entry>,
    report: &mut Report,
    context: &Context,
) {
    let Some(step) = report.steps.last_mut() else { return };
    for entry in entries {
        context.screen().on_entry(&entry);
        step.entries.push(entry);
    }
}

pub(crate) fn take_back_host<H>(host: Arc<Mutex<H>>) -> H {
    let host = Arc::into_inner(host).expect("the engine of a step ends with the step");
    host.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Locks a host; a panic of a script has been caught by then.
pub(crate) fn lock_host<H>(host: &Mutex<H>) -> MutexGuard<'_, H> {
    host.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unmet_expectations(entries: &[Entry], strict: bool) -> Vec<Expectation> {
    let unmet = |entry: &Entry| match entry {
        Entry::Expectation(one) if !one.held && (strict || !one.warning) => Some(one.clone()),
        _ => None,
    };
    entries.iter().filter_map(unmet).collect()
}

fn unmet_failure(unmet: &[Expectation]) -> Option<Failure> {
    let first = unmet.first()?;
    let message = match unmet.len() {
        1 => format!("an expectation did not hold: {}", first.label),
        count => format!("{count} expectations did not hold; the first: {}", first.label),
    };
    let strict =
        first.warning.then(|| "it is a warning, which --strict counts as a failure".to_owned());
    Some(Failure {
        place: first.place.clone(),
        ..Failure::new(FailureKind::Expectation, message, strict)
    })
}
