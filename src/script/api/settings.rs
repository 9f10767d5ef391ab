//! `setting`.

use rhai::{Dynamic, Engine, NativeCallContext};

use super::super::stage::Stage;

pub(super) fn register(engine: &mut Engine, stage: &Stage) {
    let at = stage.clone();
    engine.register_fn(
        "setting",
        move |context: NativeCallContext, name: &str, default: Dynamic| {
            at.setting(name, &default).map_err(|message| {
                at.mistake(
                    &context,
                    message,
                    "write periods like 180d, 6mo or 1y, switches as true or false",
                )
            })
        },
    );
}
