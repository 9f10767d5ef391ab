//! The engine: the language as scripts have it, and its limits.

use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use rhai::packages::{Package, StandardPackage};
use rhai::{Dynamic, Engine, OptimizationLevel};

use super::stage::Stage;
use super::{Limits, ScriptError, ScriptErrorKind, api};
use crate::database::Interrupt;

/// The language: syntax, operators and limits, without the functions that need a host.
pub(super) fn language(limits: &Limits) -> Engine {
    let mut engine = Engine::new_raw();
    engine.register_global_module(StandardPackage::new().as_shared_module());
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

fn limit(engine: &mut Engine, limits: &Limits) {
    engine
        .set_max_operations(limits.operations)
        .set_max_call_levels(limits.call_depth)
        .set_max_expr_depths(limits.expression_depth, limits.expression_depth / 2)
        .set_max_string_size(limits.text_bytes)
        .set_max_array_size(limits.list_elements)
        .set_max_map_size(limits.map_entries)
        .set_max_variables(limits.variables)
        .set_max_functions(limits.functions)
        .set_max_modules(limits.modules);
}

/// The engine that runs a step: the language and the functions, watched for time and interrupts.
pub(super) fn running(stage: &Stage, interrupt: &Interrupt) -> Engine {
    let mut engine = language(stage.limits());
    api::register(&mut engine, stage);
    let (stage, interrupt, started) = (stage.clone(), interrupt.clone(), Instant::now());
    let memory_before = memory();
    // At every operation: a single one, such as comparing two long lists, may take seconds.
    engine.on_progress(move |operations| {
        if operations % MEMORY_CHECK == 0
            && memory().saturating_sub(memory_before) > stage.limits().memory
        {
            let size = format!("{} MB", stage.limits().memory >> 20);
            stage.note_failure(ScriptError::limit("memory", size, None));
            return Some(Dynamic::UNIT);
        }
        if interrupt.is_raised() {
            stage.note_failure(interrupted());
            return Some(Dynamic::UNIT);
        }
        if started.elapsed().saturating_sub(stage.waited()) > stage.limits().time {
            let seconds = format!("{} s", stage.limits().time.as_secs());
            stage.note_failure(ScriptError::limit("time", seconds, None));
            return Some(Dynamic::UNIT);
        }
        stage.has_failed().then_some(Dynamic::UNIT)
    });
    engine
}

/// How many operations lie between two looks at the memory.
const MEMORY_CHECK: u64 = 256;

/// The most memory that this process has had, in bytes; 0 where the system does not tell.
fn memory() -> u64 {
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    let usage = getrusage(UsageWho::RUSAGE_SELF);
    usage.map_or(0, |usage| u64::try_from(usage.max_rss()).unwrap_or(0) * unit)
}

fn interrupted() -> ScriptError {
    ScriptError {
        kind: ScriptErrorKind::Interrupted,
        message: "interrupted".into(),
        help: None,
        place: None,
    }
}
