//! `==`, `<` and the other comparisons of a column.

use leora_rule::{Comparison, Expr, Node, Value};
use rhai::Engine;

use crate::api::reference::{Function, Primitive};
use crate::api::values::{expression, refuse_mixed_comparisons, register_binary};
use crate::messages::wording::chained_comparison;

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[Function {
        name: "==",
        forms: &[
            "column == value -> condition",
            "column != value -> condition",
            "column < value -> condition",
            "column <= value -> condition",
            "column > value -> condition",
            "column >= value -> condition",
        ],
        about: "Compares a column with a value or another column, on either side. Enums compare in their own order. A missing value equals nothing: ask `.is_null()`.",
        usage: "",
        example: "let near = table(\"Customer\").where(col(\"city\") == \"Napa\");\nnote(`${near.count()} customers in Napa`);",
        errors: &[
            "a column can't be compared with (): in SQL nothing equals a missing value",
            "comparisons can't be chained: the first gives true or false, not a value",
            "orderingPaceDays is a number and name is a text: they can't be compared",
        ],
    }],
    register,
};

fn register(engine: &mut Engine) {
    refuse_mixed_comparisons(engine);
    for &comparison in Comparison::ALL {
        register_binary(engine, comparison.symbol(), move |call, a, b| {
            match is_chain(comparison, &a, &b) {
                true => Err(call.mistake_message(chained_comparison())),
                false => expression(call, Node::Compare(comparison, a, b)),
            }
        });
    }
}

/// `1 < column < 5` is `(1 < column) < 5`, which compares true or false with 5.
fn is_chain(comparison: Comparison, a: &Expr, b: &Expr) -> bool {
    let compares = |expr: &Expr| matches!(expr.node(), Node::Compare(..));
    let literal = |expr: &Expr| match expr.node() {
        Node::Literal(value) => !matches!(value, Value::Bool(_)),
        _ => false,
    };
    match comparison.tests_equality() {
        true => compares(a) && literal(b) || compares(b) && literal(a),
        false => compares(a) || compares(b),
    }
}

#[cfg(test)]
mod tests {
    use leora_rule::{Comparison, Expr, Node, Value};

    use crate::testing::{failure, rules};

    #[test]
    fn a_column_is_compared_on_either_side() {
        let script = "update(\"T\").where(5 < col(\"a\")).set(\"c\", 1);";
        let filter = rules(script)[0].filter.clone().expect("a condition");
        let five = Expr::literal(Value::Integer(5));
        assert_eq!(*filter.node(), Node::Compare(Comparison::Less, five, Expr::column("a")));
    }

    #[test]
    fn comparisons_are_not_chained_and_never_with_nothing() {
        // What a variable holds is seen only while the script runs.
        let of_function =
            |condition: &str| format!("fn f() {{ col(\"a\") }} let a = f(); let b = {condition};");
        let chained = "comparisons can't be chained: the first gives true or false, not a value";
        for condition in ["1 < a < 5", "(a == 1) == 2"] {
            assert!(failure(&of_function(condition)).contains(chained), "{condition}");
        }
        let nothing = "a column can't be compared with (): in SQL nothing equals a missing value";
        assert!(failure(&of_function("a == ()")).contains(nothing));
    }
}
