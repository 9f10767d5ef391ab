//! `refuse`: ends the run to keep data safe.

use rhai::{Engine, NativeCallContext};

use crate::api::reference::{Function, Primitive};
use crate::api_call::{Answer, ApiCall};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[Function {
        name: "refuse",
        forms: &["refuse(why: text, remedy: text) -> nothing"],
        about: "Ends the run with exit code 4, to keep data safe. Nothing is changed.",
        usage: "refuse(\"what is wrong\", \"what to do about it\")",
        example: "if !has_table(\"Customer\") {\n    refuse(\"there are no customers here\", \"check that the address is the CRM's\");\n}",
        errors: &["`refuse` is called with 1 argument"],
    }],
    register,
};

fn register(engine: &mut Engine) {
    engine.register_fn(
        "refuse",
        |context: NativeCallContext, why: &str, remedy: &str| -> Answer<()> {
            Err(ApiCall::new(context).refuse(why, remedy))
        },
    );
}

#[cfg(test)]
mod tests {
    use crate::ScriptErrorKind;
    use crate::testing::run;

    #[test]
    fn a_refusal_can_not_be_caught() {
        let ran = run("try { refuse(\"why\", \"remedy\"); } catch { note(\"on\"); }");
        let failure = ran.result.failure.as_ref().expect("a refusal");
        assert!(matches!(failure.kind, ScriptErrorKind::Refused));
        assert_eq!((failure.message.as_str(), failure.help.as_deref()), ("why", Some("remedy")));
        assert_eq!(ran.notes(), [] as [&str; 0]);
    }
}
