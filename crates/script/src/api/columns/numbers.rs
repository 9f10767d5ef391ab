//! `round`, `abs`, `least`, `greatest`: numbers, and the least and the greatest of several values.

use leora_rule::{Expr, Function as Call, Node, Value};
use rhai::{Array, Engine, NativeCallContext};

use crate::api::columns::method::register_unary;
use crate::api::reference::{Function, Primitive};
use crate::api::values::{expression, operand, register_binary};
use crate::api_call::{Answer, ApiCall};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[
        Function {
            name: "round",
            forms: &["round(value: column, places: integer) -> column"],
            about: "The number with so many decimals, half away from zero; with -2, in hundreds. A float is made an exact number first.",
            usage: "round(col(\"orderingPaceDays\") / 7, 1)",
            example: "let weeks = round(col(\"orderingPaceDays\") / 7, 0);\nnote(`${table(\"Customer\").count(weeks == 4)} order every four weeks or so`);",
            errors: &[
                "round(...) needs a number, and name is a text",
                "`round` can't be used with a column",
            ],
        },
        Function {
            name: "abs",
            forms: &["abs(value: column) -> column"],
            about: "The number without its sign.",
            usage: "abs(col(\"orderingPaceDays\") - 30)",
            example: "note(`${table(\"Customer\").count(abs(col(\"orderingPaceDays\") - 30) <= 3)} order about monthly`);",
            errors: &[],
        },
        Function {
            name: "least",
            forms: &["least(values: list) -> column", "least(a: value, b: value) -> column"],
            about: "The least of the columns and values that are there: numbers, dates, texts, or values of one enum in its order. Missing ones are left out.",
            usage: "least([col(\"reactivatedDate\"), col(\"lastOrderDate\")])",
            example: "let first = least([col(\"reactivatedDate\"), col(\"lastOrderDate\")]);\nnote(`${table(\"Customer\").count(first.within(years(1)))}`);",
            errors: &["name is a text and orderingPaceDays is a number: they can't be combined"],
        },
        Function {
            name: "greatest",
            forms: &["greatest(values: list) -> column", "greatest(a: value, b: value) -> column"],
            about: "The greatest of the columns and values that are there, as `least`.",
            usage: "greatest([col(\"reactivatedDate\"), col(\"lastOrderDate\")])",
            example: "let latest = greatest([col(\"reactivatedDate\"), col(\"lastOrderDate\")]);\nnote(`${table(\"Customer\").count(latest.within(years(1)))}`);",
            errors: &["`max` can't be used with a column and a column"],
        },
    ],
    register,
};

fn register(engine: &mut Engine) {
    register_unary(engine, Call::Abs);
    engine.register_fn(
        "round",
        |context: NativeCallContext, value: Expr, places: i64| -> Answer<Expr> {
            let places = Expr::literal(Value::Integer(places));
            expression(&ApiCall::new(context), Node::Call(Call::Round, vec![value, places]))
        },
    );
    for function in [Call::Least, Call::Greatest] {
        engine.register_fn(function.name(), move |context: NativeCallContext, values: Array| {
            of_list(&ApiCall::new(context), function, &values)
        });
        register_binary(engine, function.name(), move |call, a, b| {
            expression(call, Node::Call(function, vec![a, b]))
        });
    }
}

fn of_list(call: &ApiCall<'_>, function: Call, values: &Array) -> Answer<Expr> {
    call.check_size(values)?;
    let parts = values.iter().map(|value| operand(call, value)).collect::<Answer<Vec<Expr>>>()?;
    if parts.is_empty() {
        let name = function.name();
        return Err(call.mistake(
            format!("{name} needs at least one value"),
            format!("write it like {name}([col(\"a\"), col(\"b\")])"),
        ));
    }
    expression(call, Node::Call(function, parts))
}

#[cfg(test)]
mod tests {
    use crate::testing::{failure, rules};

    fn shown(written: &str) -> String {
        let script = format!("update(\"T\").set(\"c\", {written});");
        rules(&script)[0].arms()[0].value.to_string()
    }

    #[test]
    fn numbers_are_written_as_in_a_spreadsheet() {
        for (written, expected) in [
            ("round(col(\"a\") / 3, 2)", "round(a / 3, 2)"),
            ("abs(col(\"a\") - 1)", "abs(a - 1)"),
            ("least(col(\"a\"), 5)", "least([a, 5])"),
            ("greatest([col(\"a\"), col(\"b\"), 0])", "greatest([a, b, 0])"),
        ] {
            assert_eq!(shown(written), expected, "{written}");
        }
    }

    #[test]
    fn what_has_no_value_is_refused() {
        assert!(failure("least([]);").starts_with("1:1: least needs at least one value;"));
        assert!(failure("greatest([col(\"a\"), ()]);").contains("nothing equals a missing value"));
        let message = "`round` can't be used with a column; write it like round(";
        assert!(
            failure("round(col(\"a\"));").contains(message),
            "{}",
            failure("round(col(\"a\"));")
        );
    }
}
