//! What Rhai's own library would let a script do to the process, closed.

use rhai::{Engine, EvalAltResult, ImmutableString, NativeCallContext};

use super::super::stage::{Answer, Stage};

pub(super) fn register(engine: &mut Engine, stage: &Stage) {
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
    let at = stage.clone();
    engine.register_fn(
        "replace",
        move |context: NativeCallContext, text: &mut ImmutableString, find: &str, with: &str| {
            let replaced = replaced(&at, &context, text, find, with)?;
            *text = replaced.into();
            Ok::<(), Box<EvalAltResult>>(())
        },
    );
}

fn no_sleep(stage: &Stage, context: &NativeCallContext<'_>) -> Answer<()> {
    Err(stage.mistake(
        context,
        "a script can't sleep",
        "take it out; the run waits for the database by itself",
    ))
}

/// Replaces text; Rhai's own would try to allocate whatever comes of it.
fn replaced(
    stage: &Stage,
    context: &NativeCallContext<'_>,
    text: &str,
    find: &str,
    with: &str,
) -> Answer<String> {
    let hits = if find.is_empty() { text.chars().count() + 1 } else { text.matches(find).count() };
    let size = text.len().saturating_add(hits.saturating_mul(with.len()));
    if size > stage.limits().text_bytes {
        return Err(stage.over_limit(
            stage.place(context),
            "text_bytes",
            stage.limits().text_bytes,
        ));
    }
    Ok(text.replace(find, with))
}
