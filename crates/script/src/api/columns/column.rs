//! `col` and `col_or`: a column of the row.

use leora_rule::{Expr, Node};
use rhai::{Dynamic, Engine, NativeCallContext};

use crate::api::reference::{Function, Primitive};
use crate::api::values::{expression, plain_value};
use crate::api_call::{Answer, ApiCall};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[
        Function {
            name: "col",
            forms: &["col(name: text) -> column"],
            about: "A column of the row, by the name that it has in the table.",
            usage: "col(\"lastOrderDate\")",
            example: "let last_order = col(\"lastOrderDate\");\nnote(`${table(\"Customer\").count(last_order.is_null())} have never ordered`);",
            errors: &[
                "Customer has no column lastOrderDat",
                "`col` can't be used with a whole number",
            ],
        },
        Function {
            name: "col_or",
            forms: &["col_or(name: text, stand_in: value) -> column"],
            about: "A column, or the value where the table has no such column.",
            usage: "col_or(\"accountPriorityManuallySet\", false)",
            example: "let by_hand = col_or(\"accountPriorityManuallySet\", false);\nshow(`${table(\"Customer\").count(by_hand)} priorities were set by hand`);",
            errors: &[],
        },
    ],
    register,
};

fn register(engine: &mut Engine) {
    engine.register_type_with_name::<Expr>("column");
    engine.register_fn("col", |name: &str| Expr::column(name));
    engine.register_fn("col_or", col_or);
    for name in ["to_string", "to_debug"] {
        engine.register_fn(name, text);
    }
}

/// The text of a moment of the business date, which is the same on every row.
fn text(context: NativeCallContext, expr: &mut Expr) -> Answer<String> {
    let call = ApiCall::new(context);
    match call.constant(expr)? {
        Some(value) => Ok(value.to_string()),
        None => Err(call.mistake(
            "a column can't stand in a text: its value differs from row to row",
            "count or show it, as in table(\"Customer\").distribution(\"city\")",
        )),
    }
}

fn col_or(context: NativeCallContext, name: &str, stand_in: Dynamic) -> Answer<Expr> {
    let call = ApiCall::new(context);
    match plain_value(&stand_in) {
        Some(value) => expression(&call, Node::ColumnOr(name.to_owned(), value)),
        None => Err(call.mistake(
            format!(
                "col_or needs a plain value to stand in for {name}, not {}",
                call.describe(&stand_in)
            ),
            "write it like col_or(\"name\", false)",
        )),
    }
}

#[cfg(test)]
mod tests {
    use leora_rule::{Expr, Node, Value};

    use crate::testing::{failure, rules};

    #[test]
    fn a_column_may_have_a_value_for_tables_without_it() {
        let rules = rules("update(\"T\").where(col_or(\"manual\", false)).set(\"c\", col(\"d\"));");
        let expected = Node::ColumnOr("manual".into(), Value::Bool(false));
        assert_eq!(rules[0].filter.as_ref().map(Expr::node), Some(&expected));
        assert_eq!(*rules[0].arms()[0].value.node(), Node::Column("d".into()));
    }

    #[test]
    fn the_stand_in_is_a_plain_value() {
        let message = "1:1: col_or needs a plain value to stand in for a, not a list; write it like col_or(\"name\", false)";
        assert_eq!(failure("col_or(\"a\", [1]);"), message);
    }
}
