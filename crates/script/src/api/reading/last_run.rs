//! `last_run`: when a folder ran last.

use rhai::{Dynamic, Engine, NativeCallContext};

use crate::api::reference::{Function, Primitive};
use crate::api_call::{Answer, ApiCall};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[Function {
        name: "last_run",
        forms: &["last_run(folder: text) -> text"],
        about: "When the last run of a folder started, in UTC, or `()`. A run that failed or was undone does not count, nor one of a role that may not set what this folder sets.",
        usage: "last_run(\"phase2\")",
        example: "let since = last_run(\"phase2\");\nif since == () { note(\"Phase 2 has not run here\"); }",
        errors: &[],
    }],
    register,
};

fn register(engine: &mut Engine) {
    engine.register_fn("last_run", |context: NativeCallContext, folder: &str| {
        let started = ApiCall::new(context).ask(|host| host.reader().last_run(folder))?;
        Answer::Ok(started.map_or(Dynamic::UNIT, Dynamic::from))
    });
}

#[cfg(test)]
mod tests {
    use leora_host::GivenAnswers;

    use crate::Settings;
    use crate::testing::run_with;

    #[test]
    fn it_is_a_text_or_nothing() {
        let at = "2025-10-25 08:00:00.000000".to_owned();
        let given = GivenAnswers {
            runs: [("phase2".to_owned(), Some(at.clone()))].into(),
            ..GivenAnswers::default()
        };
        let script = "note(last_run(\"phase2\")); note(`${last_run(\"other\") == ()}`);";
        assert_eq!(run_with(script, given, Settings::default()).notes(), [at.as_str(), "true"]);
    }
}
