//! `+`, `-`, `*`, `/` of a column.

use leora_rule::{Arithmetic, Node};
use rhai::Engine;

use crate::api::reference::{Function, Primitive};
use crate::api::values::{expression, register_binary};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[Function {
        name: "+",
        forms: &[
            "column + value -> column",
            "column - value -> column",
            "column * value -> column",
            "column / value -> column",
        ],
        about: "Calculates with numbers, exactly, as a spreadsheet does; with a column of floats, as PostgreSQL does. Dates are compared with `ago(...)` instead.",
        usage: "",
        example: "let slow = col(\"orderingPaceDays\") * 2 > 60;\nnote(`${table(\"Customer\").count(slow)} order less than monthly`);",
        errors: &[
            "`+` needs numbers, and name is a text",
            "`+` needs numbers, and lastOrderDate is a date",
        ],
    }],
    register,
};

fn register(engine: &mut Engine) {
    for &operator in Arithmetic::ALL {
        register_binary(engine, operator.symbol(), move |call, a, b| {
            expression(call, Node::Arithmetic(operator, a, b))
        });
    }
}

#[cfg(test)]
mod tests {
    use leora_rule::{Arithmetic, Expr, Node, Value};

    use crate::testing::{failure, rules};

    #[test]
    fn a_column_is_calculated_with_on_either_side() {
        let value = rules("update(\"T\").set(\"c\", 2 - col(\"a\"));")[0].arms()[0].value.clone();
        let two = Expr::literal(Value::Integer(2));
        assert_eq!(*value.node(), Node::Arithmetic(Arithmetic::Subtract, two, Expr::column("a")));
    }

    #[test]
    fn dates_are_not_calculated_with() {
        let message = "a column can't be compared or combined with a period; ask col(\"name\").within(months(6)), or compare with ago(months(6))";
        assert!(failure("col(\"a\") - months(6);").contains(message));
    }

    #[test]
    fn an_expression_that_grows_in_a_loop_is_refused() {
        let script = "let a = col(\"a\"); loop { a = a + 1; }";
        assert!(failure(script).contains("build it in smaller parts"), "{}", failure(script));
    }
}
