//! What Rhai's own library would let a script do to the process, closed.

use rhai::{Engine, EvalAltResult, ImmutableString, NativeCallContext, Variant};
use rust_decimal::{Decimal, MathematicalOps};

use crate::step_context::{Answer, StepContext};

pub(crate) fn register(engine: &mut Engine, stage: &StepContext) {
    let at = stage.clone();
    engine.register_fn("sleep", move |context: NativeCallContext, _: i64| no_sleep(&at, &context));
    let at = stage.clone();
    engine.register_fn("sleep", move |context: NativeCallContext, _: f64| no_sleep(&at, &context));
    let at = stage.clone();
    engine.register_fn("timestamp", move |context: NativeCallContext| -> Answer<()> {
        Err(at.mistake(
            &context,
            "a script can't look at the clock",
            "today() is the business date, which --as-of sets",
        ))
    });
    replacing(engine, stage);
    calculating(engine);
}

/// `replace`: Rhai's own would try to allocate whatever comes of it.
fn replacing(engine: &mut Engine, stage: &StepContext) {
    fn register<F, W>(engine: &mut Engine, stage: &StepContext)
    where
        F: Variant + Clone + ToString,
        W: Variant + Clone + ToString,
    {
        let at = stage.clone();
        engine.register_fn(
            "replace",
            move |context: NativeCallContext, text: &mut ImmutableString, find: F, with: W| {
                let (find, with) = (find.to_string(), with.to_string());
                *text = replaced(&at, &context, text, &find, &with)?.into();
                Ok::<(), Box<EvalAltResult>>(())
            },
        );
    }
    register::<ImmutableString, ImmutableString>(engine, stage);
    register::<ImmutableString, char>(engine, stage);
    register::<char, ImmutableString>(engine, stage);
    register::<char, char>(engine, stage);
}

/// `tan`: the library's own panics where it has no value.
fn calculating(engine: &mut Engine) {
    engine.register_fn("tan", |number: Decimal| -> Answer<Decimal> {
        number.checked_tan().ok_or_else(|| format!("the tangent of {number} is too large").into())
    });
}

fn no_sleep(stage: &StepContext, context: &NativeCallContext<'_>) -> Answer<()> {
    Err(stage.mistake(
        context,
        "a script can't sleep",
        "take it out; the run waits for the database by itself",
    ))
}

/// The text with one text in it replaced by another, when it is not too long.
fn replaced(
    stage: &StepContext,
    context: &NativeCallContext<'_>,
    text: &str,
    find: &str,
    with: &str,
) -> Answer<String> {
    let hits = if find.is_empty() { text.chars().count() + 1 } else { text.matches(find).count() };
    let size = text.len().saturating_add(hits.saturating_mul(with.len()));
    if size as u64 > stage.limits().text_bytes {
        return Err(stage.over_limit(
            stage.place(context),
            "text_bytes",
            stage.limits().text_bytes,
        ));
    }
    Ok(text.replace(find, with))
}
