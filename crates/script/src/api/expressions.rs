//! `col`, comparisons, `and`, `or`, `not`, arithmetic, `coalesce`.

use leora_rule::{Arithmetic, Comparison, Expr, Node, Period, Value};
use rhai::{Array, Dynamic, Engine, NativeCallContext};

use crate::api::convert::{operand, plain, type_name};
use crate::messages::type_names::CHAINED;
use crate::step_context::{Answer, StepContext};

/// An expression of this node, or the mistake that it is too large.
pub(crate) fn build(
    stage: &StepContext,
    context: &NativeCallContext<'_>,
    node: Node,
) -> Answer<Expr> {
    if chained(&node) {
        return Err(stage.mistake(context, CHAINED.0, CHAINED.1));
    }
    Expr::new(node)
        .map_err(|error| stage.mistake(context, error.to_string(), "build it in smaller parts"))
}

pub(crate) fn register(engine: &mut Engine, stage: &StepContext) {
    engine.register_type_with_name::<Expr>("column");
    columns(engine, stage);
    comparisons(engine, stage);
    logic(engine, stage);
    tests(engine, stage);
    arithmetic(engine, stage);
}

fn columns(engine: &mut Engine, stage: &StepContext) {
    engine.register_fn("col", |name: &str| Expr::column(name));
    let at = stage.clone();
    engine.register_fn("col_or", move |context: NativeCallContext, name: &str, value: Dynamic| {
        match plain(&value) {
            Some(value) => build(&at, &context, Node::ColumnOr(name.to_owned(), value)),
            None => Err(at.mistake(
                &context,
                format!(
                    "col_or needs a plain value to stand in for {name}, not {}",
                    type_name(&context, &value)
                ),
                "write it like col_or(\"name\", false)",
            )),
        }
    });
    let at = stage.clone();
    engine.register_fn("coalesce", move |context: NativeCallContext, values: Array| {
        at.bearable(&context, &values)?;
        let parts: Answer<Vec<Expr>> =
            values.iter().map(|value| operand(&at, &context, value)).collect();
        let parts = parts?;
        if parts.is_empty() {
            return Err(at.mistake(
                &context,
                "coalesce needs at least one value",
                "write it like coalesce([col(\"a\"), col(\"b\"), 0])",
            ));
        }
        build(&at, &context, Node::Coalesce(parts))
    });
}

/// Registers an operator for a column beside anything, on either side.
fn binary(
    engine: &mut Engine,
    stage: &StepContext,
    name: &str,
    make: impl Fn(Expr, Expr) -> Node + Clone + Send + Sync + 'static,
) {
    let (at, node) = (stage.clone(), make.clone());
    engine.register_fn(name, move |context: NativeCallContext, a: Expr, b: Expr| {
        build(&at, &context, node(a, b))
    });
    let (at, node) = (stage.clone(), make.clone());
    engine.register_fn(name, move |context: NativeCallContext, a: Expr, b: Dynamic| {
        let b = operand(&at, &context, &b)?;
        build(&at, &context, node(a, b))
    });
    let (at, node) = (stage.clone(), make);
    engine.register_fn(name, move |context: NativeCallContext, a: Dynamic, b: Expr| {
        let a = operand(&at, &context, &a)?;
        build(&at, &context, node(a, b))
    });
}

fn comparisons(engine: &mut Engine, stage: &StepContext) {
    for &comparison in Comparison::ALL {
        binary(engine, stage, comparison.symbol(), move |a, b| Node::Compare(comparison, a, b));
    }
}

/// `1 < column < 5` is `(1 < column) < 5`, which compares true or false with 5.
fn chained(node: &Node) -> bool {
    let Node::Compare(comparison, a, b) = node else { return false };
    let truth = |expr: &Expr| matches!(expr.node(), Node::Literal(Value::Bool(_)));
    let compares = |expr: &Expr| matches!(expr.node(), Node::Compare(..));
    let literal = |expr: &Expr| matches!(expr.node(), Node::Literal(_)) && !truth(expr);
    match comparison.tests_equality() {
        true => compares(a) && literal(b) || compares(b) && literal(a),
        false => compares(a) || compares(b),
    }
}

fn arithmetic(engine: &mut Engine, stage: &StepContext) {
    for &operator in Arithmetic::ALL {
        binary(engine, stage, operator.symbol(), move |a, b| Node::Arithmetic(operator, a, b));
    }
}

fn logic(engine: &mut Engine, stage: &StepContext) {
    engine.register_fn("and", |a: bool, b: bool| a && b);
    engine.register_fn("or", |a: bool, b: bool| a || b);
    engine.register_fn("not", |a: bool| !a);
    binary(engine, stage, "and", Node::And);
    binary(engine, stage, "or", Node::Or);
    let at = stage.clone();
    engine.register_fn("not", move |context: NativeCallContext, a: Expr| {
        build(&at, &context, Node::Not(a))
    });
}

fn tests(engine: &mut Engine, stage: &StepContext) {
    let at = stage.clone();
    engine.register_fn("is_null", move |context: NativeCallContext, a: Expr| {
        build(&at, &context, Node::IsNull(a))
    });
    let at = stage.clone();
    engine.register_fn("within", move |context: NativeCallContext, a: Expr, period: Period| {
        build(&at, &context, Node::Within(a, period))
    });
    let at = stage.clone();
    engine.register_fn("is_one_of", move |context: NativeCallContext, a: Expr, values: Array| {
        at.bearable(&context, &values)?;
        let plain: Option<Vec<Value>> = values.iter().map(plain).collect();
        match plain {
            Some(values) if !values.contains(&Value::Null) => {
                build(&at, &context, Node::IsOneOf(a, values))
            }
            _ => Err(at.mistake(
                &context,
                "is_one_of needs a list of plain values",
                "write it like col(\"accountType\").is_one_of([\"ACTIVE\", \"TARGET\"]); test for a missing value with .is_null()",
            )),
        }
    });
    // `column in list` asks contains(list, column), whose answer must be true or false.
    let at = stage.clone();
    let refused = move |context: &NativeCallContext<'_>| -> Answer<bool> {
        Err(at.mistake(
            context,
            "`in` can't look at a column",
            "write col(\"name\").is_one_of([...])",
        ))
    };
    let of_list = refused.clone();
    engine.register_fn("contains", move |context: NativeCallContext, _: &mut Array, _: Expr| {
        of_list(&context)
    });
    engine.register_fn("contains", move |context: NativeCallContext, _: Dynamic, _: Expr| {
        refused(&context)
    });
}
