//! `coalesce`: the first value that is there.

use leora_rule::{Expr, Node};
use rhai::{Array, Engine, NativeCallContext};

use crate::api::reference::{Function, Primitive};
use crate::api::values::{expression, operand};
use crate::api_call::{Answer, ApiCall};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[Function {
        name: "coalesce",
        forms: &["coalesce(values: list) -> column"],
        about: "The first of the columns and values that is there.",
        usage: "coalesce([col(\"reactivatedDate\"), col(\"lastOrderDate\")])",
        example: "let last_seen = coalesce([col(\"reactivatedDate\"), col(\"lastOrderDate\")]);\nnote(`${table(\"Customer\").count(last_seen.within(years(1)))}`);",
        errors: &["a column can't be compared or combined with a list"],
    }],
    register,
};

fn register(engine: &mut Engine) {
    engine.register_fn("coalesce", coalesce);
}

fn coalesce(context: NativeCallContext, values: Array) -> Answer<Expr> {
    let call = ApiCall::new(context);
    call.check_size(&values)?;
    let parts = values.iter().map(|value| operand(&call, value)).collect::<Answer<Vec<Expr>>>()?;
    if parts.is_empty() {
        return Err(call.mistake(
            "coalesce needs at least one value",
            "write it like coalesce([col(\"a\"), col(\"b\"), 0])",
        ));
    }
    expression(&call, Node::Coalesce(parts))
}

#[cfg(test)]
mod tests {
    use leora_rule::{Expr, Node, Value};

    use crate::testing::{failure, rules};

    #[test]
    fn columns_and_values_are_mixed() {
        let value = rules("update(\"T\").set(\"c\", coalesce([col(\"a\"), 0]));")[0].arms()[0]
            .value
            .clone();
        let parts = vec![Expr::column("a"), Expr::literal(Value::Integer(0))];
        assert_eq!(*value.node(), Node::Coalesce(parts));
    }

    #[test]
    fn a_list_of_nothing_is_refused() {
        assert!(failure("coalesce([]);").starts_with("1:1: coalesce needs at least one value;"));
        let message = "a column can't be compared or combined with a list";
        assert!(failure("coalesce([col(\"a\"), [1]]);").contains(message));
    }
}
