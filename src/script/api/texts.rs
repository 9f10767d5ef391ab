//! `counted`; and what can't stand in a text: columns and the like, whose text would be the name of a type.

use rhai::{Engine, NativeCallContext, Variant};

use super::super::stage::{Answer, Stage};
use super::rules::{Lookup, Otherwise, Update};
use crate::database::Distribution;
use crate::host::Selection;
use crate::rule::{Change, Expr, counted, grouped};

pub(super) fn register(engine: &mut Engine, stage: &Stage) {
    engine.register_fn("counted", |number: i64| signed(number, grouped(number.unsigned_abs())));
    engine.register_fn("counted", |number: i64, noun: &str| {
        signed(number, counted(number.unsigned_abs(), noun))
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

/// The engine would put the type's name into the text, and go on.
fn refuse<T: Variant + Clone>(
    engine: &mut Engine,
    stage: &Stage,
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
