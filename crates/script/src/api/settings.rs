//! `setting`.

use rhai::{Dynamic, Engine, NativeCallContext};

use crate::step_context::StepContext;

pub(crate) fn register(engine: &mut Engine, stage: &StepContext) {
    let at = stage.clone();
    engine.register_fn(
        "setting",
        move |context: NativeCallContext, name: &str, default: Dynamic| {
            at.bearable(&context, std::slice::from_ref(&default))?;
            let value = at
                .setting(name, &default)
                .map_err(|(message, help)| at.mistake(&context, message, &help))?;
            at.printable(&context)?;
            Ok::<_, Box<rhai::EvalAltResult>>(value)
        },
    );
}
