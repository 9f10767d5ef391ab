//! `setting`: a named value with its default.

use rhai::{Dynamic, Engine, NativeCallContext};

use crate::api::reference::{Function, Primitive};
use crate::api_call::{Answer, ApiCall};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[Function {
        name: "setting",
        forms: &["setting(name: text, default: value) -> value"],
        about: "A named value: the default, or what `--set name=...` says. Periods, true or false, numbers and texts.",
        usage: "setting(\"active_within\", months(6))",
        example: "let active_within = setting(\"active_within\", months(6));   // newer is ACTIVE\nlet recent = col(\"lastOrderDate\").within(active_within);\nnote(`${table(\"Customer\").count(recent)} are active`);",
        errors: &[
            "--set active_within=soon is no period",
            "no script of this folder has a setting named activ_within",
            "`setting` is called with 1 argument",
        ],
    }],
    register,
};

fn register(engine: &mut Engine) {
    engine.register_fn("setting", setting);
}

fn setting(context: NativeCallContext, name: &str, default: Dynamic) -> Answer<Dynamic> {
    let call = ApiCall::new(context);
    call.check_size(std::slice::from_ref(&default))?;
    let value =
        call.step.setting(name, &default).map_err(|message| call.mistake_message(message))?;
    call.check_printed_bytes()?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use leora_host::GivenAnswers;

    use crate::Settings;
    use crate::testing::run_with;

    fn notes(script: &str, value: &str) -> Result<Vec<String>, String> {
        let settings = Settings::new([("a".to_owned(), value.to_owned())]);
        let ran = run_with(script, GivenAnswers::default(), settings);
        let notes = ran.notes().into_iter().map(str::to_owned).collect();
        ran.result.failure.as_ref().map_or(Ok(notes), |failure| Err(failure.message.clone()))
    }

    #[test]
    fn a_setting_is_its_default_unless_set_gives_a_value() {
        let script = "note(`${setting(\"a\", months(6))} ${setting(\"b\", 5)}`);";
        assert_eq!(notes(script, "180d"), Ok(vec!["180d 5".to_owned()]));
    }

    #[test]
    fn a_value_of_another_type_ends_the_script() {
        let script = "setting(\"a\", months(6));";
        assert_eq!(notes(script, "soon"), Err("--set a=soon is no period".to_owned()));
    }

    #[test]
    fn a_switch_that_is_off_is_reported_with_the_rule() {
        use leora_report::Entry;
        let script =
            "let a = setting(\"a\", false); // look again\nupdate(\"T\").where(a).set(\"c\", 1);";
        let ran = run_with(script, GivenAnswers::default(), Settings::default());
        let Some(Entry::Change { switches, .. }) = ran.result.entries.first() else {
            panic!("{:?}", ran.result)
        };
        assert_eq!(*switches, [("a".to_owned(), Some("look again".to_owned()))]);
    }
}
