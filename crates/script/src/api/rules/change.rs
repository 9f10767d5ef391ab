//! `changed` and `rows`: what a rule did, as numbers.

use leora_rule::Change;
use rhai::Engine;

use crate::api::reference::{Function, Primitive};
use crate::api::values::refuse_in_texts;

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[
        Function {
            name: "changed",
            forms: &["change.changed -> integer"],
            about: "How many rows a rule really changed.",
            usage: "",
            example: "let done = update(\"Customer\").set(\"accountType\", \"ACTIVE\");\nnote(`${done.changed} rows changed`);",
            errors: &[],
        },
        Function {
            name: "rows",
            forms: &["change.rows -> integer"],
            about: "How many rows a rule's `where` took.",
            usage: "",
            example: "let done = update(\"Customer\").set(\"accountType\", \"TARGET\");\nnote(`${done.changed} of ${done.rows}`);",
            errors: &[],
        },
    ],
    register,
};

fn register(engine: &mut Engine) {
    engine.register_type_with_name::<Change>("change");
    engine.register_get("changed", |change: &mut Change| change.changed() as i64);
    engine.register_get("rows", |change: &mut Change| change.taken() as i64);
    let help = "write .changed or .rows after it, which are numbers";
    refuse_in_texts::<Change>(engine, "a change", "it has many rows", help);
}

#[cfg(test)]
mod tests {
    use crate::testing::notes;

    #[test]
    fn a_change_has_numbers() {
        let script =
            "let done = update(\"T\").set(\"c\", 1); note(`${done.changed} of ${done.rows}`);";
        assert_eq!(notes(script), ["0 of 0"]);
    }
}
