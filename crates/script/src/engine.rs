//! The engine: Rhai as scripts have it, with the API and its limits.

use std::hash::{BuildHasher, RandomState};
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use leora_folder::Limits;
use leora_rule::parse_decimal;
use leora_system::memory;
use rhai::module_resolvers::DummyModuleResolver;
use rhai::packages::{Package, StandardPackage};
use rhai::{
    Array, Dynamic, Engine, EvalAltResult, LexError, Map, Module, OptimizationLevel, Position,
    Shared, Token,
};

use crate::step_context::StepContext;
use crate::{ScriptError, ScriptErrorKind, api};

/// The language: syntax, operators and limits, without the functions that need a host.
pub(crate) fn language(limits: &Limits) -> Engine {
    let mut engine = Engine::new_raw();
    engine.register_global_module(standard());
    // Lints and messages speak of the script as written, not as folded.
    engine.set_optimization_level(OptimizationLevel::None);
    engine.set_strict_variables(true);
    engine.set_fail_on_invalid_map_property(true);
    // With them, a comparison of values of two kinds is false without asking what is registered for it.
    engine.set_fast_operators(false);
    for (word, precedence) in [("or", 30), ("and", 60)] {
        engine.register_custom_operator(word, precedence).expect("Rhai leaves the word free");
    }
    api::register_otherwise(&mut engine);
    // They would run what no lint has seen, or double themselves past every limit.
    for word in ["eval", "curry"] {
        engine.disable_symbol(word);
    }
    limit(&mut engine, limits);
    engine
}

/// The language's own functions, more than a thousand, made once: every step has an engine of its own.
fn standard() -> Shared<Module> {
    static STANDARD: OnceLock<Shared<Module>> = OnceLock::new();
    STANDARD.get_or_init(|| StandardPackage::new().as_shared_module()).clone()
}

fn limit(engine: &mut Engine, limits: &Limits) {
    engine
        .set_max_call_levels(limits.call_depth as usize)
        .set_max_expr_depths(limits.expression_depth as usize, limits.expression_depth as usize / 2)
        .set_max_string_size(limits.text_bytes as usize)
        .set_max_array_size(limits.list_elements as usize)
        .set_max_map_size(limits.map_entries as usize)
        .set_max_variables(limits.variables as usize)
        .set_max_functions(limits.functions as usize)
        .set_max_modules(limits.modules as usize);
}

/// The engine that compiles: it stops when the scripts of a folder take too long to read.
pub(crate) fn compiling(limits: &Limits) -> Engine {
    let mut engine = language(limits);
    let until = Instant::now() + Duration::from_secs(limits.time);
    #[expect(deprecated, reason = "it is not deprecated; the engine so marks what may change")]
    engine.on_parse_token(move |token, _, _| match token {
        _ if Instant::now() >= until => {
            Token::LexError(LexError::Runtime(OUT_OF_TIME.into()).into())
        }
        Token::DecimalConstant(number) if parse_decimal(&number.1).is_none() => {
            Token::LexError(LexError::MalformedNumber(number.1.to_string()).into())
        }
        token => token,
    });
    engine
}

const OUT_OF_TIME: &str = "out of time";

/// The engine lets the parser say so in a text alone.
pub(crate) fn is_out_of_time(error: &LexError) -> bool {
    matches!(error, LexError::Runtime(why) if why == OUT_OF_TIME)
}

pub(crate) fn with_api(limits: &Limits) -> Engine {
    let mut engine = language(limits);
    api::register(&mut engine);
    engine
}

/// The functions of the API that the engine has, by name and number of arguments; an object before the dot counts as one.
pub fn registered_functions() -> Vec<(String, usize)> {
    let function =
        |info: rhai::FuncInfo<'_>| Some((info.metadata.name.to_string(), info.metadata.num_params));
    with_api(&Limits::default()).collect_fn_metadata(None, function, false)
}

/// An engine with the API, which runs one step.
pub(crate) struct StepEngine(Option<Engine>);

/// Engines that no step uses: to register the API takes longer than most steps do, and the examples of a folder run its
/// steps many times.
static UNUSED: Mutex<Vec<Engine>> = Mutex::new(vec![]);

/// The most engines that are kept.
const MOST_UNUSED: usize = 4;

impl StepEngine {
    /// Keeps it from running another step: what failed in it may have left it half changed.
    pub(crate) fn discard(mut self) {
        self.0 = None;
    }
}

impl Deref for StepEngine {
    type Target = Engine;

    fn deref(&self) -> &Engine {
        self.0.as_ref().expect("it is only taken at the end")
    }
}

impl DerefMut for StepEngine {
    fn deref_mut(&mut self) -> &mut Engine {
        self.0.as_mut().expect("it is only taken at the end")
    }
}

impl Drop for StepEngine {
    fn drop(&mut self) {
        let Some(mut engine) = self.0.take() else { return };
        leave_step(&mut engine);
        let Ok(mut unused) = UNUSED.lock() else { return };
        if unused.len() < MOST_UNUSED {
            unused.push(engine);
        }
    }
}

/// Takes from an engine all that belongs to its step, which would live on with it: the host has a connection.
fn leave_step(engine: &mut Engine) {
    engine.set_default_tag(Dynamic::UNIT);
    engine.on_print(|_| {});
    engine.on_debug(|_, _, _| {});
    engine.on_progress(|_| None);
    #[expect(deprecated, reason = "it is not deprecated; the engine so marks what may change")]
    engine.on_var(|_, _, _| Ok(None));
    engine.set_module_resolver(DummyModuleResolver::new());
}

fn unused_or_new(limits: &Limits) -> Engine {
    let unused = UNUSED.lock().ok().and_then(|mut unused| unused.pop());
    match unused {
        Some(mut engine) => {
            limit(&mut engine, limits);
            engine
        }
        None => with_api(limits),
    }
}

pub(crate) fn for_step(step: &StepContext) -> StepEngine {
    let mut engine = unused_or_new(step.limits());
    // The functions of the API find the step that calls them here.
    engine.set_default_tag(Dynamic::from(step.clone()));
    print_to_report(&mut engine, step);
    check_variables(&mut engine, step);
    let watch = Watch {
        step: step.clone(),
        started: Instant::now(),
        memory_before: memory::in_use(),
        operations: AtomicU64::new(0),
        operations_after_failure: AtomicU64::new(0),
    };
    // At every operation: a single one, such as comparing two long lists, may take seconds. A failed script ends one
    // operation later, since the engine does not know the place of an index.
    engine.on_progress(move |_| {
        if watch.step.has_failed() {
            let since = watch.operations_after_failure.fetch_add(1, Ordering::Relaxed);
            return (since > 0).then_some(Dynamic::UNIT);
        }
        if let Some(error) = watch.exceeded() {
            watch.step.note_failure(error);
        }
        None
    });
    StepEngine(Some(engine))
}

/// What the language itself turns into a text, such as `print(5)`.
fn print_to_report(engine: &mut Engine, step: &StepContext) {
    let (print, debug) = (step.clone(), step.clone());
    engine.on_print(move |text| print.note(text));
    engine.on_debug(move |text, _, _| debug.note(text));
}

/// One in so many uses of a variable checks the size of its value.
const CHECKED_USES: u64 = 64;

/// Checks the size of variables while they are used: an entry that is set by its index, as in `map[key] = value`, is
/// checked by no limit of the engine. Which uses are checked can't be predicted by a script, so nothing grows much beyond
/// its limit.
fn check_variables(engine: &mut Engine, step: &StepContext) {
    let step = step.clone();
    let uses = AtomicU64::new(0);
    let chance = RandomState::new();
    #[expect(deprecated, reason = "it is not deprecated; the engine so marks what may change")]
    engine.on_var(move |name, _, context| {
        if step.has_failed() {
            return Err(EvalAltResult::ErrorTerminated(Dynamic::UNIT, Position::NONE).into());
        }
        let value = context.scope().get(name).filter(|value| value.is_map() || value.is_array());
        let Some(value) = value else { return Ok(None) };
        // Of a long one fewer, so that filling it takes a time in proportion to its length.
        let length = value.read_lock::<Map>().map(|map| map.len());
        let length = length.or_else(|| value.read_lock::<Array>().map(|list| list.len()));
        let every = CHECKED_USES + length.unwrap_or(0) as u64 / CHECKED_USES;
        if chance.hash_one(uses.fetch_add(1, Ordering::Relaxed)).is_multiple_of(every) {
            context.engine().ensure_data_size_within_limits(value)?;
        }
        Ok(None)
    });
}

/// Compares what a step has used with its limits.
struct Watch {
    step: StepContext,
    started: Instant,
    memory_before: usize,
    /// Our own count: the engine's starts anew in each function that is handed to `map` and the like.
    operations: AtomicU64,
    operations_after_failure: AtomicU64,
}

impl Watch {
    /// The error that ends the step, if a limit is exceeded or the user asked to stop.
    fn exceeded(&self) -> Option<ScriptError> {
        let limits = self.step.limits();
        if self.operations.fetch_add(1, Ordering::Relaxed) >= limits.operations {
            return Some(ScriptError::limit("operations", limits.operations, None));
        }
        if memory::in_use().saturating_sub(self.memory_before) > limits.memory_bytes() {
            return Some(ScriptError::limit("memory", format!("{} MB", limits.memory), None));
        }
        if self.step.is_interrupted() {
            return Some(interrupted());
        }
        let time = Duration::from_secs(limits.time);
        (self.started.elapsed().saturating_sub(self.step.waited()) > time)
            .then(|| ScriptError::limit("time", format!("{} s", limits.time), None))
    }
}

fn interrupted() -> ScriptError {
    ScriptError {
        kind: ScriptErrorKind::Interrupted,
        message: "interrupted".into(),
        help: None,
        place: None,
        fix: None,
    }
}

#[cfg(test)]
mod tests {
    use super::UNUSED;
    use crate::testing::{notes, run};

    #[test]
    fn an_engine_is_used_again_and_keeps_nothing_of_a_step() {
        assert!(run("fn f() { throw 1 } f();").result.failure.is_some());
        assert_eq!(notes("const A = 1; fn f() { 2 } note(`${A + f()}`);"), ["3"]);
        assert_eq!(notes("note(\"b\"); print(\"c\");"), ["b", "c"]);
        let unused = UNUSED.lock().expect("no test fails while it holds it");
        assert!(!unused.is_empty());
        assert!(unused.iter().all(|engine| engine.default_tag().is_unit()));
    }
}
