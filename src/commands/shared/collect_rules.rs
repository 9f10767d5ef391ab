//! Collects the rules of a folder without applying them: for one row of `why`, or the many settings of `what-if`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use leora_execution::{CollectedRule, RuleCollector, RunContext};
use leora_host::HostError;
use leora_postgres::Session;
use leora_report::{Entry, Failure};
use leora_rule::{Relation, RuleError};
use leora_script::{Program, RunEnvironment, ScriptError, ScriptErrorKind, Settings, StepResult};

use crate::commands::context::Context;
use crate::commands::shared::steps;

/// Gathers the rules of one folder, in the transaction of one session.
pub(crate) struct Gatherer<'a> {
    run: Arc<RunContext>,
    program: &'a Program,
    context: &'a Context,
    host: Arc<Mutex<RuleCollector>>,
}

/// The rules under some settings.
pub(crate) struct Rules {
    /// The rules, in order.
    pub(crate) rules: Vec<CollectedRule>,
    /// For each of them the settings that are off, with the comments beside them.
    pub(crate) switches: Vec<Switches>,
    /// The tables that they set, as they are now.
    pub(crate) origins: BTreeMap<String, Relation>,
    /// The settings that the scripts asked for, with the values in force.
    pub(crate) settings: BTreeMap<String, String>,
    /// What could not be looked at, and what would end a run.
    pub(crate) notes: Vec<String>,
}

/// Settings that are off, with the comments beside them.
pub(crate) type Switches = Vec<(String, Option<String>)>;

/// What becomes of the steps after one that ended early.
enum Ending {
    GoOn,
    Stop,
}

impl<'a> Gatherer<'a> {
    pub(crate) fn new(
        session: Session,
        run: Arc<RunContext>,
        program: &'a Program,
        context: &'a Context,
    ) -> Self {
        let host = Arc::new(Mutex::new(RuleCollector::new(session, Arc::clone(&run))));
        Self { run, program, context, host }
    }

    /// Runs the steps as far as their last rule, with these settings.
    pub(crate) fn gather(&self, settings: &Settings) -> Result<Rules, Failure> {
        let by = RunEnvironment {
            host: self.host.clone(),
            observer: self.context.unheard().screen,
            settings: settings.clone(),
            interrupt: self.context.interrupt.clone(),
        };
        let (mut asked, mut notes) = (BTreeMap::new(), Vec::new());
        let mut switches = Vec::new();
        for (index, step) in self.run.folder.steps.iter().enumerate() {
            let performed = self.program.run_to_last_rule(index, &by);
            let mut host = steps::locked(&self.host);
            notes.extend(host.database.take_notes());
            let mut ending = Ending::GoOn;
            if let Some(performed) = performed {
                let StepResult { entries, settings, failure, .. } = performed;
                asked.extend(settings);
                notes.extend(unmet(&entries, &step.source.path));
                switches.extend(entries.into_iter().filter_map(switches_of));
                if let Some(error) = failure {
                    ending = judged(error, &step.source.path, host.skipped_sql(), &mut notes)?;
                }
            }
            host.skip_sql(self.program.sql_files(index));
            if matches!(ending, Ending::Stop) {
                break;
            }
        }
        let (rules, origins) = steps::locked(&self.host).take_rules();
        Ok(Rules { rules, switches, origins, settings: asked, notes })
    }

    /// Works in the session, between two gatherings.
    pub(crate) fn session<T>(&self, work: impl FnOnce(&mut Session) -> T) -> T {
        work(steps::locked(&self.host).database.session())
    }
}

fn switches_of(entry: Entry) -> Option<Switches> {
    match entry {
        Entry::Change { switches, .. } => Some(switches),
        _ => None,
    }
}

/// The expectations that do not hold: a run would end at them, and this goes on.
fn unmet(entries: &[Entry], file: &str) -> Vec<String> {
    let told = |entry: &Entry| match entry {
        Entry::Expectation(one) if !one.held && !one.warning => {
            Some(format!("a run would end in {file}: it expects that {}", one.label))
        }
        _ => None,
    };
    entries.iter().filter_map(told).collect()
}

/// A step that ended early: what is not known for that, or the mistake that it is.
fn judged(
    error: ScriptError,
    file: &str,
    skipped: &[String],
    notes: &mut Vec<String>,
) -> Result<Ending, Failure> {
    let place = error.place.as_ref();
    let at =
        place.map_or_else(|| file.to_owned(), |place| format!("{}:{}", place.file, place.line));
    match &error.kind {
        ScriptErrorKind::Refused => {
            notes.push(format!("a run would end at {at}, which refuses: {}", error.message));
            return Ok(Ending::Stop);
        }
        ScriptErrorKind::Host(host) => match host.as_ref() {
            HostError::Unpredictable { reason } => {
                notes.push(format!(
                    "{file} is not looked at from line {} on: {reason}",
                    place.map_or(1, |place| place.line)
                ));
                return Ok(Ending::GoOn);
            }
            HostError::NoTable { .. }
            | HostError::Rule(RuleError::UnknownColumn { .. } | RuleError::NotALabel { .. })
                if !skipped.is_empty() =>
            {
                let files = skipped.join(", ");
                notes.push(format!(
                    "{at} can't be looked at before {files} has run: {}",
                    error.message
                ));
                return Ok(Ending::GoOn);
            }
            _ => {}
        },
        _ => {}
    }
    Err(error.into())
}
