//! `is_null`, `is_not_null`, `is_one_of`, `between`, `within`: conditions on one column.

use leora_rule::{Comparison, Expr, Node, Period, Value};
use rhai::{Array, Dynamic, Engine, NativeCallContext};
use rust_decimal::Decimal;

use crate::api::reference::{Function, Primitive};
use crate::api::values::{expression, operand, plain_value};
use crate::api_call::{Answer, ApiCall};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[
        Function {
            name: "is_null",
            forms: &["column.is_null() -> condition"],
            about: "It has no value.",
            usage: "col(\"accountType\").is_null()",
            example: "let left_out = table(\"Customer\").count(col(\"accountType\").is_null());\nnote(`${left_out} have no class yet`);",
            errors: &["there is no function `isnull`"],
        },
        Function {
            name: "is_not_null",
            forms: &["column.is_not_null() -> condition"],
            about: "It has a value.",
            usage: "col(\"accountType\").is_not_null()",
            example: "note(`${table(\"Customer\").count(col(\"accountType\").is_not_null())} have a class`);",
            errors: &["there is no function `isnotnull`"],
        },
        Function {
            name: "between",
            forms: &["column.between(low: value, high: value) -> condition"],
            about: "It is at least the first value and at most the second.",
            usage: "col(\"orderingPaceDays\").between(7, 30)",
            example: "note(`${table(\"Customer\").count(col(\"orderingPaceDays\").between(7, 30))}`);",
            errors: &["between(30, 7) takes no value: the first is above the second"],
        },
        Function {
            name: "is_one_of",
            forms: &["column.is_one_of(values: list) -> condition"],
            about: "It is one of the values.",
            usage: "col(\"accountType\").is_one_of([\"ACTIVE\", \"TARGET\"])",
            example: "let worth_a_visit = col(\"accountType\").is_one_of([\"ACTIVE\", \"TARGET\"]);\nnote(`${table(\"Customer\").count(worth_a_visit)}`);",
            errors: &[
                "is_one_of needs a list of plain values",
                "AccountType has no value ACTIV; its values are ACTIVE, TARGET, PROSPECT",
            ],
        },
        Function {
            name: "within",
            forms: &["column.within(how_long: period) -> condition"],
            about: "It is a date on or after that long ago; the future counts as recent.",
            usage: "col(\"lastOrderDate\").within(months(6))",
            example: "let recent = col(\"lastOrderDate\").within(months(6));\nnote(`${table(\"Customer\").count(recent)} ordered in the last half year`);",
            errors: &[
                "within(...) needs a date, and name is a text",
                "`within` can't be used with a column and a whole number",
            ],
        },
    ],
    register,
};

fn register(engine: &mut Engine) {
    engine.register_fn("is_null", |context: NativeCallContext, column: Expr| {
        expression(&ApiCall::new(context), Node::IsNull(column))
    });
    engine.register_fn("is_not_null", |context: NativeCallContext, column: Expr| -> Answer<Expr> {
        let call = ApiCall::new(context);
        let missing = expression(&call, Node::IsNull(column))?;
        expression(&call, Node::Not(missing))
    });
    engine.register_fn("between", between);
    engine.register_fn("is_one_of", is_one_of);
    engine.register_fn("within", |context: NativeCallContext, column: Expr, how_long: Period| {
        expression(&ApiCall::new(context), Node::Within(column, how_long))
    });
    // `column in list` asks contains(list, column), whose answer must be true or false.
    engine.register_fn("contains", |context: NativeCallContext, _: &mut Array, _: Expr| {
        refuse_in(context)
    });
    engine.register_fn("contains", |context: NativeCallContext, _: Dynamic, _: Expr| {
        refuse_in(context)
    });
}

fn between(context: NativeCallContext, column: Expr, low: Dynamic, high: Dynamic) -> Answer<Expr> {
    let call = ApiCall::new(context);
    let (low, high) = (operand(&call, &low)?, operand(&call, &high)?);
    if is_empty_range(&low, &high) {
        return Err(call.mistake(
            format!("between({low}, {high}) takes no value: the first is above the second"),
            format!("write between({high}, {low})"),
        ));
    }
    let from = Node::Compare(Comparison::GreaterOrEqual, column.clone(), low);
    let to = Node::Compare(Comparison::LessOrEqual, column, high);
    let (from, to) = (expression(&call, from)?, expression(&call, to)?);
    expression(&call, Node::And(from, to))
}

/// Whether both ends are written as numbers, the first above the second.
fn is_empty_range(low: &Expr, high: &Expr) -> bool {
    let number = |end: &Expr| match end.node() {
        Node::Literal(Value::Integer(number)) => Some(Decimal::from(*number)),
        Node::Literal(Value::Decimal(number)) => Some(*number),
        _ => None,
    };
    matches!((number(low), number(high)), (Some(low), Some(high)) if low > high)
}

fn is_one_of(context: NativeCallContext, column: Expr, values: Array) -> Answer<Expr> {
    let call = ApiCall::new(context);
    call.check_list_size(&values)?;
    match values.iter().map(plain_value).collect::<Option<Vec<Value>>>() {
        Some(values) if !values.contains(&Value::Null) => {
            expression(&call, Node::IsOneOf(column, values))
        }
        _ => Err(call.mistake(
            "is_one_of needs a list of plain values",
            "write it like col(\"accountType\").is_one_of([\"ACTIVE\", \"TARGET\"]); test for a missing value with .is_null()",
        )),
    }
}

fn refuse_in(context: NativeCallContext) -> Answer<bool> {
    Err(ApiCall::new(context)
        .mistake("`in` can't look at a column", "write col(\"name\").is_one_of([...])"))
}

#[cfg(test)]
mod tests {
    use leora_rule::{Expr, Node, Value};

    use crate::testing::{failure, rules};

    #[test]
    fn a_list_is_one_of_plain_values() {
        let script = "update(\"T\").where(col(\"c\").is_one_of([\"A\", 1])).set(\"c\", 1);";
        let values = vec![Value::Text("A".into()), Value::Integer(1)];
        let filter = rules(script)[0].filter.clone().expect("a condition");
        assert_eq!(*filter.node(), Node::IsOneOf(Expr::column("c"), values));
        for list in ["[()]", "[col(\"d\")]"] {
            let script = format!("col(\"c\").is_one_of({list});");
            assert!(failure(&script).contains("is_one_of needs a list of plain values"), "{list}");
        }
    }

    #[test]
    fn in_can_not_look_at_a_column() {
        let message = "`in` can't look at a column; write col(\"name\").is_one_of([...])";
        for script in ["let a = col(\"c\") in [1];", "let a = col(\"c\") in \"x\";"] {
            assert!(failure(script).contains(message), "{script}: {}", failure(script));
        }
    }

    #[test]
    fn a_range_has_both_of_its_ends() {
        let script = "update(\"T\").where(col(\"c\").between(1, col(\"d\"))).set(\"c\", 1);";
        let filter = rules(script)[0].filter.clone().expect("a condition");
        assert_eq!(filter.to_string(), "c >= 1 and c <= d");
        let message = "between(2.5, 1) takes no value: the first is above the second";
        assert!(failure("col(\"c\").between(2.5, 1);").contains(message));
    }

    #[test]
    fn within_needs_a_period() {
        let message = "`within` can't be used with a column and a whole number";
        assert!(failure("col(\"c\").within(6);").contains(message));
    }
}
