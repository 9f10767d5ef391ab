//! `and`, `or`, `not`, for conditions on columns and for true and false.

use leora_rule::{Expr, Node};
use rhai::{Engine, NativeCallContext};

use crate::api::reference::{Function, Primitive};
use crate::api::values::{expression, register_binary};
use crate::api_call::ApiCall;

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[
        Function {
            name: "and",
            forms: &["condition and condition -> condition"],
            about: "Both hold. (`&&` is the language's own and can't look at a column.)",
            usage: "col(\"city\") == \"Napa\" and col(\"accountType\").is_null()",
            example: "let new_in_napa = col(\"city\") == \"Napa\" and col(\"accountType\").is_null();\nnote(`${table(\"Customer\").count(new_in_napa)}`);",
            errors: &["`&&`, `||`, `!`, `if`, `while` and `switch` can't look at a column"],
        },
        Function {
            name: "or",
            forms: &["condition or condition -> condition"],
            about: "One of them holds, or both. `and` binds closer.",
            usage: "col(\"city\") == \"Napa\" or col(\"city\").is_null()",
            example: "let napa_or_unknown = col(\"city\") == \"Napa\" or col(\"city\").is_null();\nnote(`${table(\"Customer\").count(napa_or_unknown)}`);",
            errors: &["`&&`, `||`, `!`, `if`, `while` and `switch` can't look at a column"],
        },
        Function {
            name: "not",
            forms: &["not(it: condition) -> condition"],
            about: "It does not hold. Where a value is missing neither it nor its opposite holds.",
            usage: "not(col(\"isPermanentlyClosed\"))",
            example: "let open = not(coalesce([col(\"isPermanentlyClosed\"), false]));\nnote(`${table(\"Customer\").count(open)} are open`);",
            errors: &["`not` can't be used with a text"],
        },
    ],
    register,
};

fn register(engine: &mut Engine) {
    engine.register_fn("and", |a: bool, b: bool| a && b);
    engine.register_fn("or", |a: bool, b: bool| a || b);
    engine.register_fn("not", |a: bool| !a);
    register_binary(engine, "and", |call, a, b| expression(call, Node::And(a, b)));
    register_binary(engine, "or", |call, a, b| expression(call, Node::Or(a, b)));
    engine.register_fn("not", |context: NativeCallContext, a: Expr| {
        expression(&ApiCall::new(context), Node::Not(a))
    });
}

#[cfg(test)]
mod tests {
    use leora_rule::Node;

    use crate::testing::{failure, notes, rules};

    #[test]
    fn and_binds_closer_than_or() {
        let script =
            "update(\"T\").where(col(\"a\") or col(\"b\") and not(col(\"d\"))).set(\"c\", 1);";
        let filter = rules(script)[0].filter.clone().expect("a condition");
        let Node::Or(_, right) = filter.node() else { panic!("{filter:?}") };
        assert!(matches!(right.node(), Node::And(..)), "{right:?}");
    }

    #[test]
    fn they_work_on_true_and_false_too() {
        assert_eq!(notes("note(`${true and not(false)} ${false or false}`);"), ["true false"]);
    }

    #[test]
    fn the_operators_of_the_language_can_not_look_at_a_column() {
        let message = "`&&`, `||`, `!`, `if`, `while` and `switch` can't look at a column";
        for script in ["let a = col(\"a\") && true;", "let a = !col(\"a\");"] {
            assert!(failure(script).contains(message), "{script}");
        }
    }
}
