//! `counted`; and what can't stand in a text: columns and the like, whose text would be the name of a type.

use leora_host::Selection;
use leora_report::Distribution;
use leora_rule::{Change, Expr, format_count, format_number};
use rhai::{Array, Dynamic, Engine, Map, NativeCallContext, Variant};

use crate::api::rules::{Lookup, Otherwise, Update};
use crate::step_context::{Answer, StepContext};

pub(crate) fn register(engine: &mut Engine, stage: &StepContext) {
    lists_and_maps(engine, stage);
    engine
        .register_fn("counted", |number: i64| signed(number, format_number(number.unsigned_abs())));
    engine.register_fn("counted", |number: i64, noun: &str| {
        signed(number, format_count(number.unsigned_abs(), noun))
    });
    let row = "its value differs from row to row";
    refuse::<Expr>(
        engine,
        stage,
        "a column",
        row,
        "count or show it, as in table(\"Customer\").distribution(\"city\")",
    );
    let count = "count its rows, as in table(\"Customer\").count()";
    refuse::<Selection>(engine, stage, "a table", "it has many rows", count);
    let one = "show(...) shows all of it; .count(\"ACTIVE\") and .total are numbers";
    refuse::<Distribution>(engine, stage, "a distribution", "it has many values", one);
    let changed = "write .changed or .rows after it, which are numbers";
    refuse::<Change>(engine, stage, "a change", "it has many rows", changed);
    let set = "it belongs into .set(\"column\", ...)";
    refuse::<Lookup>(engine, stage, "a lookup(...)", "it is a rule", set);
    refuse::<Otherwise>(engine, stage, "`otherwise`", "it is a condition", set);
    refuse::<Update>(
        engine,
        stage,
        "an update(...)",
        "it is a rule",
        "end it with .set(\"column\", value)",
    );
}

fn signed(number: i64, told: String) -> String {
    if number < 0 { format!("-{told}") } else { told }
}

/// The texts of lists and maps: the language's own would write a text that stands in a map a million times a million
/// times.
fn lists_and_maps(engine: &mut Engine, stage: &StepContext) {
    for name in ["print", "debug", "to_string", "to_debug"] {
        let at = stage.clone();
        engine.register_fn(name, move |context: NativeCallContext, list: &mut Array| {
            text(&at, &context, Dynamic::from(list.clone()), spelled)
        });
        let at = stage.clone();
        engine.register_fn(name, move |context: NativeCallContext, map: &mut Map| {
            text(&at, &context, Dynamic::from(map.clone()), spelled)
        });
    }
    let at = stage.clone();
    engine.register_fn("to_json", move |context: NativeCallContext, map: &mut Map| {
        let json = |_: &NativeCallContext<'_>, map: Dynamic| rhai::format_map_as_json(&map.cast());
        text(&at, &context, Dynamic::from(map.clone()), json)
    });
}

/// The text of a value that is not too long. Where it is, the script ends at its next operation: an error returned here
/// would let the language write the value in its own way.
fn text(
    stage: &StepContext,
    context: &NativeCallContext<'_>,
    value: Dynamic,
    write: impl Fn(&NativeCallContext<'_>, Dynamic) -> String,
) -> String {
    match stage.bearable(context, std::slice::from_ref(&value)) {
        Ok(()) => write(context, value),
        Err(_) => String::new(),
    }
}

/// A value as it is written in a script.
fn spelled(context: &NativeCallContext<'_>, mut value: Dynamic) -> String {
    if let Some(list) = value.read_lock::<Array>() {
        let parts: Vec<String> = list.iter().map(|one| spelled(context, one.clone())).collect();
        return format!("[{}]", parts.join(", "));
    }
    if let Some(map) = value.read_lock::<Map>() {
        let part =
            |(key, one): (&_, &Dynamic)| format!("{key:?}: {}", spelled(context, one.clone()));
        return format!("#{{{}}}", map.iter().map(part).collect::<Vec<_>>().join(", "));
    }
    match context.call_native_fn_raw("to_debug", true, &mut [&mut value]) {
        Ok(text) => text.to_string(),
        Err(_) => format!("{value:?}"),
    }
}

/// The engine would put the type's name into the text, and go on.
fn refuse<T: Variant + Clone>(
    engine: &mut Engine,
    stage: &StepContext,
    what: &'static str,
    why: &'static str,
    help: &'static str,
) {
    for name in ["to_string", "to_debug"] {
        let at = stage.clone();
        engine.register_fn(name, move |context: NativeCallContext, _: &mut T| -> Answer<String> {
            Err(at.mistake(&context, format!("{what} can't stand in a text: {why}"), help))
        });
    }
}
