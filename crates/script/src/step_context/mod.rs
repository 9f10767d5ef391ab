//! What the calls of a running step share: the environment, the script, and what the step has done so far.

mod reporting;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use leora_folder::{Limits, Sheet};
use leora_host::{GivenAnswers, Host, HostError};
use leora_report::{Entry, Place, Setting};
use leora_rule::Period;
use rhai::Dynamic;

use crate::example::Example;
use crate::messages::wording::{Message, unfinished_update};
use crate::run_environment::RunEnvironment;
use crate::settings::check_declared;
use crate::syntax_tree::source_map::SourceMap;
use crate::{ScriptError, UnknownSetting};

/// Clones share it.
#[derive(Clone)]
pub(crate) struct StepContext(Arc<Shared>);

struct Shared {
    environment: RunEnvironment,
    script: RunningScript,
    state: Mutex<State>,
}

pub(crate) struct RunningScript {
    pub(crate) file: String,
    pub(crate) kind: ScriptKind,
    /// The settings that it may name: a step its own, a file of examples those of the folder.
    pub(crate) settings: Vec<Setting>,
    /// By file.
    pub(crate) source_maps: Arc<BTreeMap<String, SourceMap>>,
    pub(crate) limits: Limits,
    /// The data files of the folder, by name.
    pub(crate) sheets: Arc<BTreeMap<String, Arc<Sheet>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScriptKind {
    Step,
    Examples,
}

/// What a step did, and how it ended.
#[derive(Debug)]
pub struct StepResult {
    /// What it did and found, in order.
    pub entries: Vec<Entry>,
    /// The settings that it read, by name, with the values in force.
    pub settings: Vec<(String, String)>,
    /// Where the rules begin that it came to.
    pub(crate) rules: Vec<Place>,
    pub(crate) examples: Vec<Example>,
    /// The error that ended it.
    pub failure: Option<ScriptError>,
}

#[derive(Default)]
struct State {
    entries: Vec<Entry>,
    settings_read: Vec<(String, String)>,
    updates: Vec<StartedUpdate>,
    printed: u64,
    printed_bytes: u64,
    waited: Duration,
    failure: Option<ScriptError>,
    given: GivenAnswers,
    examples: Vec<Example>,
}

struct StartedUpdate {
    table: String,
    place: Option<Place>,
    finished: bool,
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic while it was locked has ended the step; its value is still what happened.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl StepContext {
    pub(crate) fn new(environment: RunEnvironment, script: RunningScript) -> Self {
        Self(Arc::new(Shared { environment, script, state: Mutex::default() }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.script.limits
    }

    pub(crate) fn sheets(&self) -> &BTreeMap<String, Arc<Sheet>> {
        &self.0.script.sheets
    }

    pub(crate) fn file(&self) -> &str {
        &self.0.script.file
    }

    pub(crate) fn kind(&self) -> ScriptKind {
        self.0.script.kind
    }

    pub(crate) fn source_map(&self, file: &str) -> Option<&SourceMap> {
        self.0.script.source_maps.get(file)
    }

    pub(crate) fn is_interrupted(&self) -> bool {
        self.0.environment.interrupt.is_raised()
    }

    /// Notes the error that ends the script; the first one counts.
    pub(crate) fn note_failure(&self, error: ScriptError) {
        self.state().failure.get_or_insert(error);
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.state().failure.is_some()
    }

    /// Waiting for the host is not script time.
    pub(crate) fn ask<T>(
        &self,
        question: impl FnOnce(&mut dyn Host) -> Result<T, HostError>,
    ) -> Result<T, HostError> {
        let started = Instant::now();
        let answer = question(&mut *lock(&self.0.environment.host));
        self.state().waited += started.elapsed();
        answer
    }

    pub(crate) fn waited(&self) -> Duration {
        self.state().waited
    }

    /// The value is kept for the report.
    pub(crate) fn setting(&self, name: &str, default: &Dynamic) -> Result<Dynamic, Message> {
        let value = self.0.environment.settings.value(name, default)?;
        // A period keeps the name of its setting: a report then knows which threshold the setting moves.
        let (value, text) = match value.clone().try_cast::<Period>() {
            Some(period) => (Dynamic::from(period.for_setting(name)), period.to_string()),
            None => (value.clone(), value.to_string()),
        };
        let mut state = self.state();
        // A setting that is read again, as in a loop, is reported once.
        if !state.settings_read.iter().any(|(known, value)| known == name && *value == text) {
            state.printed_bytes += (name.len() + text.len()) as u64;
            state.settings_read.push((name.to_owned(), text));
        }
        Ok(value)
    }

    /// The switches of this script that are off, with the comment beside each.
    pub(crate) fn switches_off(&self) -> Vec<(String, Option<String>)> {
        let read = &self.state().settings_read;
        let is_off = |setting: &&Setting| {
            setting.switch
                && read.iter().any(|(name, value)| *name == setting.name && value == "false")
        };
        let off = self.0.script.settings.iter().filter(is_off);
        off.map(|setting| (setting.name.clone(), setting.comment.clone())).collect()
    }

    /// Of use in examples alone.
    pub(crate) fn check_declared(&self, name: &str) -> Result<(), UnknownSetting> {
        check_declared(name, &self.0.script.settings)
    }

    pub(crate) fn start_update(&self, table: &str, place: Option<Place>) -> usize {
        let mut state = self.state();
        state.updates.push(StartedUpdate { table: table.to_owned(), place, finished: false });
        state.updates.len() - 1
    }

    /// Returns where the update began.
    pub(crate) fn finish_update(&self, number: usize) -> Option<Place> {
        let mut state = self.state();
        let update = state.updates.get_mut(number)?;
        update.finished = true;
        update.place.clone()
    }

    /// For the examples from here on.
    pub(crate) fn change_given(&self, change: impl FnOnce(&mut GivenAnswers)) {
        change(&mut self.state().given);
    }

    /// With the answers that are given so far.
    pub(crate) fn note_example(&self, example: Example) {
        let mut state = self.state();
        let given = state.given.clone();
        state.examples.push(Example { given, ..example });
    }

    /// An `update(...)` that never reached `set(...)` is a mistake of a script that ran to its end.
    pub(crate) fn finish(&self, ran_to_end: bool) -> StepResult {
        let mut state = std::mem::take(&mut *self.state());
        let unfinished = state.updates.iter().find(|update| ran_to_end && !update.finished);
        if let (None, Some(update)) = (&state.failure, unfinished) {
            let Message { text, help, .. } = unfinished_update(&update.table);
            state.failure = Some(ScriptError::mistake(text, help, update.place.clone()));
        }
        StepResult {
            entries: state.entries,
            settings: state.settings_read,
            rules: state.updates.into_iter().filter_map(|update| update.place).collect(),
            examples: state.examples,
            failure: state.failure,
        }
    }
}
