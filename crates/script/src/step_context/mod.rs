//! What the calls of a running step share: the host, the settings, what was reported, what failed.

pub(crate) mod reporting;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use leora_folder::Limits;
use leora_host::{GivenAnswers, Host, HostError};
use leora_report::{DatabaseError, Entry, Observer, Place, Setting};
use leora_rule::Period;
use rhai::{Dynamic, EvalAltResult, NativeCallContext, Position};

use crate::example::Example;
use crate::messages::{runtime as explain, type_names as words};
use crate::settings::is_known;
use crate::source_map::SourceMap;
use crate::{ScriptError, Settings, UnknownSetting, size_limit as weight};

/// What an API function returns to the engine.
pub(crate) type Answer<T> = Result<T, Box<EvalAltResult>>;

/// Shared by the calls of one step. Clones share it.
#[derive(Clone)]
pub(crate) struct StepContext(Arc<Shared>);

struct Shared {
    host: Arc<Mutex<dyn Host>>,
    observer: Arc<Mutex<dyn Observer>>,
    settings: Settings,
    file: String,
    own_settings: Vec<Setting>,
    written: Arc<BTreeMap<String, SourceMap>>,
    limits: Limits,
    role: ScriptRole,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    entries: Vec<Entry>,
    asked: Vec<(String, String)>,
    open_rules: Vec<OpenRule>,
    printed: u64,
    printed_bytes: u64,
    waited: Duration,
    failure: Option<ScriptError>,
    given: GivenAnswers,
    examples: Vec<Example>,
}

/// What sort of script is running.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ScriptRole {
    /// A step.
    #[default]
    Step,
    /// A file of `examples/`.
    Examples,
}

/// An `update(...)` that has not reached `set(...)`.
struct OpenRule {
    id: usize,
    table: String,
    place: Option<Place>,
    closed: bool,
}

/// What a step leaves behind.
pub(crate) struct StageResult {
    pub(crate) entries: Vec<Entry>,
    pub(crate) asked: Vec<(String, String)>,
    pub(crate) failure: Option<ScriptError>,
    /// Where the rules began that it came to.
    pub(crate) updates: Vec<Place>,
    pub(crate) examples: Vec<Example>,
}

/// What a stage is made of.
pub(crate) struct StepContextParts {
    pub(crate) host: Arc<Mutex<dyn Host>>,
    pub(crate) observer: Arc<Mutex<dyn Observer>>,
    pub(crate) settings: Settings,
    pub(crate) own_settings: Vec<Setting>,
    pub(crate) file: String,
    pub(crate) written: Arc<BTreeMap<String, SourceMap>>,
    pub(crate) limits: Limits,
    pub(crate) role: ScriptRole,
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic while it was held has ended the step; what is in it is still what happened.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl StepContext {
    pub(crate) fn new(made_of: StepContextParts) -> Self {
        let StepContextParts {
            host,
            observer,
            settings,
            own_settings,
            file,
            written,
            limits,
            role,
        } = made_of;
        let state = Mutex::default();
        Self(Arc::new(Shared {
            host,
            observer,
            settings,
            file,
            own_settings,
            written,
            limits,
            role,
            state,
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// The place of the call, where the engine knows it.
    pub(crate) fn place(&self, context: &NativeCallContext<'_>) -> Option<Place> {
        explain::at(context.call_position(), context.call_source().unwrap_or(&self.0.file))
    }

    /// Notes why the script ends; the first reason stands.
    pub(crate) fn note_failure(&self, error: ScriptError) {
        self.state().failure.get_or_insert(error);
    }

    /// Ends the script with an error that it can't catch.
    pub(crate) fn fail(&self, error: ScriptError) -> Box<EvalAltResult> {
        self.note_failure(error);
        Box::new(EvalAltResult::ErrorTerminated(Dynamic::UNIT, Position::NONE))
    }

    /// Ends the script with a mistake of its own.
    pub(crate) fn mistake(
        &self,
        context: &NativeCallContext<'_>,
        message: impl Into<String>,
        help: &str,
    ) -> Box<EvalAltResult> {
        let help = Some(help.to_owned()).filter(|help| !help.is_empty());
        self.fail(ScriptError::mistake(message, help, self.place(context)))
    }

    /// Asks the host; an answer that is an error ends the script. Waiting for it is not script time.
    pub(crate) fn ask<T>(
        &self,
        context: &NativeCallContext<'_>,
        question: impl FnOnce(&mut dyn Host) -> Result<T, HostError>,
    ) -> Answer<T> {
        let started = Instant::now();
        let answer = question(&mut *lock(&self.0.host));
        self.state().waited += started.elapsed();
        answer.map_err(|error| {
            let place = self.place(context);
            if let HostError::Database(DatabaseError::ReadLimitReached { limit, most }) = &error {
                return self.over_limit(place, limit, most);
            }
            self.fail(ScriptError { place, ..ScriptError::from(error) })
        })
    }

    /// Tells that something which may take long begins.
    pub(crate) fn working(&self, what: &str) {
        lock(&self.0.observer).on_start(what);
    }

    /// Ends the script because it used up a limit.
    pub(crate) fn over_limit(
        &self,
        place: Option<Place>,
        name: &str,
        value: impl std::fmt::Display,
    ) -> Box<EvalAltResult> {
        self.fail(ScriptError::limit(name, value, place))
    }

    /// Refuses a list of values with more text in it, or nested deeper, than a text may be.
    pub(crate) fn bearable(
        &self,
        context: &NativeCallContext<'_>,
        values: &[Dynamic],
    ) -> Answer<()> {
        weight::bearable(values, self.limits())
            .map_err(|error| self.fail(ScriptError { place: self.place(context), ..*error }))
    }

    /// The value of a setting, remembered for the report.
    pub(crate) fn setting(
        &self,
        name: &str,
        default: &Dynamic,
    ) -> Result<Dynamic, (String, String)> {
        let value = self.0.settings.value(name, default)?;
        // A period keeps the name of its setting: a report then knows which threshold the setting moves.
        let value = match value.clone().try_cast::<Period>() {
            Some(period) => Dynamic::from(period.for_setting(name)),
            None => value,
        };
        let shown = value.to_string();
        let shown = value.clone().try_cast::<Period>().map_or(shown, |period| period.to_string());
        let mut state = self.state();
        // Asked again, as in a loop, it is told once.
        if !state.asked.iter().any(|(known, value)| known == name && *value == shown) {
            state.printed_bytes += (name.len() + shown.len()) as u64;
            state.asked.push((name.to_owned(), shown));
        }
        Ok(value)
    }

    /// The settings of this step that are off, with the comment beside each.
    pub(crate) fn switches_off(&self) -> Vec<(String, Option<String>)> {
        let asked = &self.state().asked;
        let off = |setting: &&Setting| {
            setting.switch
                && asked.iter().any(|(name, value)| *name == setting.name && value == "false")
        };
        self.0
            .own_settings
            .iter()
            .filter(off)
            .map(|s| (s.name.clone(), s.comment.clone()))
            .collect()
    }

    /// Notes that an `update(...)` began, and gives it a number.
    pub(crate) fn open_rule(&self, context: &NativeCallContext<'_>, table: &str) -> usize {
        let place = self.place(context);
        let mut state = self.state();
        let id = state.open_rules.len();
        state.open_rules.push(OpenRule { id, table: table.to_owned(), place, closed: false });
        id
    }

    /// Notes that it reached `set(...)`; returns where it began.
    pub(crate) fn close_rule(&self, id: usize) -> Option<Place> {
        let mut state = self.state();
        let rule = state.open_rules.iter_mut().find(|rule| rule.id == id)?;
        rule.closed = true;
        rule.place.clone()
    }

    /// What the file of a call says of the parts of its rules, and the call's line and column.
    pub(crate) fn written(&self, call: &Place) -> Option<(&SourceMap, (usize, usize))> {
        Some((self.0.written.get(&call.file)?, (call.line, call.column)))
    }

    /// Whether some script of the folder asks for a setting of this name; of use in examples alone.
    pub(crate) fn asked_for(&self, name: &str) -> Result<(), UnknownSetting> {
        is_known(name, &self.0.own_settings)
    }

    /// What sort of script is running.
    pub(crate) fn role(&self) -> ScriptRole {
        self.0.role
    }

    /// Changes what the examples from here on are given.
    pub(crate) fn give(&self, change: impl FnOnce(&mut GivenAnswers)) {
        change(&mut self.state().given);
    }

    /// Notes an example, with what it is given.
    pub(crate) fn example(&self, example: Example) {
        let mut state = self.state();
        let given = state.given.clone();
        state.examples.push(Example { given, ..example });
    }

    /// How long the step has waited for the host.
    pub(crate) fn waited(&self) -> Duration {
        self.state().waited
    }

    /// Whether a call has failed.
    pub(crate) fn has_failed(&self) -> bool {
        self.state().failure.is_some()
    }

    /// Ends the stage: an `update(...)` that never reached `set(...)` is a mistake of a script that came to
    /// its end.
    pub(crate) fn close(&self, finished: bool) -> StageResult {
        let mut state = std::mem::take(&mut *self.state());
        let open = state.open_rules.iter().find(|rule| finished && !rule.closed);
        if let (None, Some(rule)) = (&state.failure, open) {
            let (message, help) = words::unfinished(&rule.table);
            state.failure =
                Some(ScriptError::mistake(message, Some(help.into()), rule.place.clone()));
        }
        let State { entries, asked, failure, open_rules, examples, .. } = state;
        let updates = open_rules.into_iter().filter_map(|rule| rule.place).collect();
        StageResult { entries, asked, failure, updates, examples }
    }
}
