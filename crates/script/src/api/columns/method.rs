//! Registers the functions of a column's value that are called behind a dot.

use leora_rule::{Expr, Function, Node, Style};
use rhai::{Dynamic, Engine, NativeCallContext};

use crate::api::values::{expression, operand};
use crate::api_call::{Answer, ApiCall};

/// Registers those methods of the table of functions that `takes` accepts.
pub(crate) fn register_methods(engine: &mut Engine, takes: impl Fn(Function) -> bool) {
    let methods = Function::ALL.iter().filter(|one| one.style() == Style::Method);
    for &function in methods.filter(|one| takes(**one)) {
        match function.parameters().len() {
            1 => register_unary(engine, function),
            _ => register_with_value(engine, function),
        }
    }
}

/// `function(column)`
pub(crate) fn register_unary(engine: &mut Engine, function: Function) {
    engine.register_fn(function.name(), move |context: NativeCallContext, column: Expr| {
        expression(&ApiCall::new(context), Node::Call(function, vec![column]))
    });
}

fn register_with_value(engine: &mut Engine, function: Function) {
    let name = function.name();
    engine.register_fn(name, move |context: NativeCallContext, column: Expr, with: Expr| {
        expression(&ApiCall::new(context), Node::Call(function, vec![column, with]))
    });
    let with_value =
        move |context: NativeCallContext, column: Expr, with: Dynamic| -> Answer<Expr> {
            let call = ApiCall::new(context);
            let with = operand(&call, &with)?;
            expression(&call, Node::Call(function, vec![column, with]))
        };
    engine.register_fn(name, with_value);
}
