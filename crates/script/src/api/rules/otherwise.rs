//! `otherwise`: the condition of the last arm.

use rhai::{Dynamic, Engine};

use crate::api::reference::{Function, Primitive};
use crate::api::values::refuse_in_texts;

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[Function {
        name: "otherwise",
        forms: &["otherwise -> condition"],
        about: "The condition of the last arm: every row that is left.",
        usage: "",
        example: "update(\"Customer\").set(\"accountType\", [\n    [ col(\"lastOrderDate\").is_null(), \"PROSPECT\" ],\n    [ otherwise,                      \"TARGET\"   ],\n]);",
        errors: &["a condition is needed here, and this is `otherwise`"],
    }],
    register,
};

#[derive(Clone)]
pub(crate) struct Otherwise;

/// A constant of this name would be unknown under strict variables, and inside functions.
pub(crate) fn register_otherwise(engine: &mut Engine) {
    engine
        .register_custom_syntax(["otherwise"], false, |_, _| Ok(Dynamic::from(Otherwise)))
        .expect("`otherwise` is a word that Rhai leaves free");
}

fn register(engine: &mut Engine) {
    engine.register_type_with_name::<Otherwise>("otherwise");
    let help = "it belongs into .set(\"column\", ...)";
    refuse_in_texts::<Otherwise>(engine, "`otherwise`", "it is a condition", help);
}

#[cfg(test)]
mod tests {
    use crate::testing::{failure, rules};

    #[test]
    fn the_last_arm_may_have_no_condition() {
        let rule = rules("update(\"T\").set(\"c\", [[col(\"a\"), 1], [otherwise, 2]]);").remove(0);
        let conditions: Vec<bool> = rule.arms().iter().map(|arm| arm.condition.is_some()).collect();
        assert_eq!(conditions, [true, false]);
    }

    #[test]
    fn it_is_no_condition_anywhere_else() {
        let message = "a condition is needed here, and this is `otherwise`; `otherwise` stands before the value of the last arm: [ otherwise, \"PROSPECT\" ]";
        assert!(failure("update(\"T\").where(otherwise).set(\"c\", 1);").contains(message));
    }

    #[test]
    fn no_arm_stands_after_it() {
        let script = "let last = otherwise; update(\"T\").set(\"c\", [[last, 1], [true, 2]]);";
        assert!(failure(script).contains("arm 2 stands after `otherwise`, so it can never match"));
    }
}
