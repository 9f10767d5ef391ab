//! The engine: the language as scripts have it, and its limits.

use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use leora_folder::Limits;
use leora_system::{Interrupt, memory};
use rhai::packages::{Package, StandardPackage};
use rhai::{
    Dynamic, Engine, EvalAltResult, LexError, Module, OptimizationLevel, Position, Shared, Token,
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
    for (word, precedence) in [("or", 30), ("and", 60)] {
        engine.register_custom_operator(word, precedence).expect("Rhai leaves the word free");
    }
    api::otherwise(&mut engine);
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
    engine.on_parse_token(move |token, _, _| match Instant::now() < until {
        true => token,
        false => Token::LexError(LexError::Runtime(OUT_OF_TIME.into()).into()),
    });
    engine
}

/// What the parser says when it was stopped.
pub(crate) const OUT_OF_TIME: &str = "out of time";

/// The engine that runs a step: the language and the functions, watched for time, memory and interrupts.
pub(crate) fn running(stage: &StepContext, interrupt: &Interrupt) -> Engine {
    let mut engine = language(stage.limits());
    api::register(&mut engine, stage);
    weigh_variables(&mut engine, stage);
    let watch = Watch {
        stage: stage.clone(),
        interrupt: interrupt.clone(),
        started: Instant::now(),
        memory_before: memory::in_use(),
        operations: AtomicU64::new(0),
        since: AtomicU64::new(0),
    };
    // At every operation: a single one, such as comparing two long lists, may take seconds. It ends a little later, since the
    // engine does not know the place of an index.
    engine.on_progress(move |_| {
        if watch.stage.has_failed() {
            return (watch.since.fetch_add(1, Ordering::Relaxed) > 0).then_some(Dynamic::UNIT);
        }
        if let Some(error) = watch.over() {
            watch.stage.note_failure(error);
        }
        None
    });
    engine
}

/// One in so many uses of a variable weighs what is in it.
const WEIGHED: u64 = 64;

/// Weighs variables while they are used: an entry that is set by its index, as in `map[key] = value`, is checked by no
/// limit of the engine. Which uses are weighed nobody can foresee, so nothing grows much beyond its limit.
fn weigh_variables(engine: &mut Engine, stage: &StepContext) {
    let stage = stage.clone();
    let uses = AtomicU64::new(0);
    let chance = RandomState::new();
    #[expect(deprecated, reason = "it is not deprecated; the engine so marks what may change")]
    engine.on_var(move |name, _, context| {
        if stage.has_failed() {
            return Err(EvalAltResult::ErrorTerminated(Dynamic::UNIT, Position::NONE).into());
        }
        let held = context.scope().get(name).filter(|held| held.is_map() || held.is_array());
        let Some(held) = held else { return Ok(None) };
        if chance.hash_one(uses.fetch_add(1, Ordering::Relaxed)).is_multiple_of(WEIGHED) {
            context.engine().ensure_data_size_within_limits(held)?;
        }
        Ok(None)
    });
}

/// Looks at what a step has used up.
struct Watch {
    stage: StepContext,
    interrupt: Interrupt,
    started: Instant,
    memory_before: usize,
    /// Our own count: the engine's starts anew in each function that is handed to `map` and the like.
    operations: AtomicU64,
    /// Operations since the step has failed.
    since: AtomicU64,
}

impl Watch {
    /// What ends the step, if anything does.
    fn over(&self) -> Option<ScriptError> {
        let limits = self.stage.limits();
        if self.operations.fetch_add(1, Ordering::Relaxed) >= limits.operations {
            return Some(ScriptError::limit("operations", limits.operations, None));
        }
        if memory::in_use().saturating_sub(self.memory_before) > limits.memory_bytes() {
            return Some(ScriptError::limit("memory", format!("{} MB", limits.memory), None));
        }
        if self.interrupt.is_raised() {
            return Some(interrupted());
        }
        let time = Duration::from_secs(limits.time);
        (self.started.elapsed().saturating_sub(self.stage.waited()) > time)
            .then(|| ScriptError::limit("time", format!("{} s", limits.time), None))
    }
}

fn interrupted() -> ScriptError {
    ScriptError {
        kind: ScriptErrorKind::Interrupted,
        message: "interrupted".into(),
        help: None,
        place: None,
    }
}
