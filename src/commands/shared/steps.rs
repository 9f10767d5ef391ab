//! Running the steps of a folder, one after the other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use leora_folder::{Limits, ScriptFolder};
use leora_host::{Host, HostError};
use leora_postgres::{History, ReadLimits, Session, StepRecord};
use leora_report::{
    Entry, Expectation, Failure, FailureKind, Observer, Outcome, Report, StepReport,
};
use leora_rule::Access;
use leora_script::{Program, RunEnvironment, ScriptError, ScriptErrorKind, Settings};

use crate::commands::context::Context;

/// What is done after each step.
pub(crate) type AfterStep<'a> = dyn FnMut(&mut Report) -> Result<(), Failure> + 'a;

/// Runs the steps into the report; stops at the first that fails. In a folder that only reads, a step whose
/// expectations do not hold keeps nobody from looking further: all of them are judged at the end.
pub(crate) fn perform(
    folder: &ScriptFolder,
    program: &Program,
    settings: &Settings,
    host: Arc<Mutex<dyn Host>>,
    report: &mut Report,
    context: &Context,
    after: &mut AfterStep<'_>,
) -> Result<(), Failure> {
    let by = RunEnvironment {
        host,
        observer: context.screen.clone(),
        settings: settings.clone(),
        interrupt: context.interrupt.clone(),
    };
    report.planned_steps = folder.steps.len();
    let goes_on = folder.manifest.access == Access::ReadOnly;
    let mut all_unmet: Vec<Expectation> = Vec::new();
    for (index, step) in folder.steps.iter().enumerate() {
        context.screen().show_step(index + 1, folder.steps.len(), &step.title);
        let started = Instant::now();
        let performed = program.run_step(index, &by);
        report.settings.extend(performed.settings);
        let (failure, unforeseen) = judged(performed.failure);
        let unmet = unmet(&performed.entries, context.options.strict);
        let failure = failure.or_else(|| failure_of(&unmet));
        report.steps.push(StepReport {
            name: step.name.clone(),
            title: step.title.clone(),
            outcome: failure.as_ref().map_or(Outcome::Done, |failure| failure.kind.outcome()),
            elapsed: started.elapsed(),
            entries: performed.entries,
        });
        tell(unforeseen.into_iter().collect(), report, context);
        match failure {
            Some(failure) if failure.kind == FailureKind::Expectation && goes_on => {
                all_unmet.extend(unmet);
            }
            Some(failure) => return Err(failure),
            None => after(report)?,
        }
    }
    failure_of(&all_unmet).map_or(Ok(()), Err)
}

/// How much the scripts of a folder may read at once.
pub(crate) fn reading(limits: &Limits) -> ReadLimits {
    ReadLimits {
        bytes: limits.read_bytes,
        query_rows: limits.query_rows,
        query_time: Duration::from_secs(limits.query_time),
    }
}

/// Why a step ended: a failure, or, in a plan, what nobody can foretell.
fn judged(ended: Option<ScriptError>) -> (Option<Failure>, Option<Entry>) {
    match ended {
        None => (None, None),
        Some(error) => match &error.kind {
            ScriptErrorKind::Host(host) if matches!(**host, HostError::Unpredictable { .. }) => {
                (None, Some(Entry::Unpredicted(error.message)))
            }
            _ => (Some(error.into()), None),
        },
    }
}

/// Adds entries to the last step, and shows them.
pub(crate) fn tell(entries: Vec<Entry>, report: &mut Report, context: &Context) {
    let Some(step) = report.steps.last_mut() else { return };
    for entry in entries {
        context.screen().on_entry(&entry);
        step.entries.push(entry);
    }
}

/// The host, when the scripts are done.
pub(crate) fn reclaim<H>(host: Arc<Mutex<H>>) -> H {
    let host = Arc::into_inner(host).expect("the engine of a step ends with the step");
    host.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// The host; a panic of a script has been caught by then.
pub(crate) fn locked<H>(host: &Mutex<H>) -> MutexGuard<'_, H> {
    host.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Records the last step, in the transaction of its writes.
pub(crate) fn record(session: &mut Session, report: &Report) -> Result<(), Failure> {
    let Some(step) = report.steps.last() else { return Ok(()) };
    let record = StepRecord {
        number: report.steps.len(),
        name: step.name.clone(),
        title: step.title.clone(),
        ms: step.elapsed.as_millis(),
        changed: step.changed(),
    };
    Ok(History::new(session).record_step(&report.run, &record)?)
}

/// The expectations that did not hold.
fn unmet(entries: &[Entry], strict: bool) -> Vec<Expectation> {
    let expectation = |entry: &Entry| match entry {
        Entry::Expectation(one) if !one.held && (strict || !one.warning) => Some(one.clone()),
        _ => None,
    };
    entries.iter().filter_map(expectation).collect()
}

/// The failure that expectations make which did not hold.
fn failure_of(unmet: &[Expectation]) -> Option<Failure> {
    let first = unmet.first()?;
    let message = match unmet.len() {
        1 => format!("an expectation did not hold: {}", first.label),
        more => format!("{more} expectations did not hold; the first: {}", first.label),
    };
    let warning =
        first.warning.then(|| "it is a warning, which --strict counts as a failure".to_owned());
    Some(Failure {
        place: first.place.clone(),
        ..Failure::new(FailureKind::Expectation, message, warning)
    })
}
