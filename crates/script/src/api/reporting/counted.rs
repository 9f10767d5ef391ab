//! `counted`: a number as people read it.

use leora_rule::{format_count, format_number};
use rhai::Engine;

use crate::api::reference::{Function, Primitive};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[Function {
        name: "counted",
        forms: &[
            "counted(number: integer) -> text",
            "counted(number: integer, noun: text) -> text",
        ],
        about: "A number as people read it, `5,394`, and with its noun, `5,394 customers`.",
        usage: "counted(5394, \"customer\")",
        example: "note(`there are ${counted(table(\"Customer\").count(), \"customer\")}`);",
        errors: &[],
    }],
    register,
};

fn register(engine: &mut Engine) {
    engine.register_fn("counted", |number: i64| {
        with_sign(number, format_number(number.unsigned_abs()))
    });
    engine.register_fn("counted", |number: i64, noun: &str| {
        with_sign(number, format_count(number.unsigned_abs(), noun))
    });
}

fn with_sign(number: i64, text: String) -> String {
    if number < 0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use crate::testing::notes;

    #[test]
    fn thousands_are_grouped_and_nouns_are_counted() {
        let script = "note(`${counted(5394)}, ${counted(-5394)}, ${counted(1, \"customer\")}, ${counted(2, \"customer\")}`);";
        assert_eq!(notes(script), ["5,394, -5,394, 1 customer, 2 customers"]);
    }
}
