//! Running the steps of a folder, one after the other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::Context;
use crate::database::{History, Session, StepRecord};
use crate::folder::{Access, ScriptFolder};
use crate::host::Live;
use crate::report::{Failure, FailureKind, Outcome, Report, StepReport};
use crate::script::{Entry, Expectation, Program, Settings, Stagehand};

/// Runs the steps into the report; stops at the first that fails.
pub(super) fn perform(
    folder: &ScriptFolder,
    program: &Program,
    settings: &Settings,
    host: &Arc<Mutex<Live>>,
    report: &mut Report,
    context: &Context,
) -> Result<(), Failure> {
    let by = Stagehand {
        host: host.clone(),
        observer: context.screen.clone(),
        settings: settings.clone(),
        interrupt: context.interrupt.clone(),
    };
    for (index, step) in folder.steps.iter().enumerate() {
        context.screen().step_begins(index + 1, folder.steps.len(), &step.title);
        live(host).enter_step(index + 1);
        let started = Instant::now();
        let performed = program.perform(index, &by);
        report.settings.extend(performed.settings);
        let failure = performed
            .failure
            .map(Failure::from)
            .or_else(|| unmet(&performed.entries, context.options.strict));
        report.steps.push(StepReport {
            name: step.name.clone(),
            title: step.title.clone(),
            outcome: failure.as_ref().map_or(Outcome::Done, |failure| failure.kind.outcome()),
            elapsed: started.elapsed(),
            entries: performed.entries,
        });
        if let Some(failure) = failure {
            return Err(failure);
        }
        if folder.manifest.access == Access::ReadWrite {
            record(host, report)?;
        }
    }
    Ok(())
}

/// The session, when the scripts are done.
pub(super) fn reclaim(host: Arc<Mutex<Live>>) -> Session {
    let host = Arc::into_inner(host).expect("the engine of a step ends with the step");
    host.into_inner().unwrap_or_else(PoisonError::into_inner).into_parts().0
}

/// The live host; a panic of a script has been caught by then.
fn live(host: &Arc<Mutex<Live>>) -> MutexGuard<'_, Live> {
    host.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Records the last step, in the transaction of its writes.
fn record(host: &Arc<Mutex<Live>>, report: &Report) -> Result<(), Failure> {
    let Some(step) = report.steps.last() else { return Ok(()) };
    let record = StepRecord {
        number: report.steps.len(),
        name: step.name.clone(),
        title: step.title.clone(),
        ms: step.elapsed.as_millis(),
        changed: step.changed(),
    };
    Ok(History::of(live(host).session()).step(&report.run, &record)?)
}

/// The failure of a step whose expectations did not all hold.
fn unmet(entries: &[Entry], strict: bool) -> Option<Failure> {
    let expectation = |entry: &Entry| match entry {
        Entry::Expectation(one) if !one.held && (strict || !one.warning) => Some(one.clone()),
        _ => None,
    };
    let unmet: Vec<Expectation> = entries.iter().filter_map(expectation).collect();
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
