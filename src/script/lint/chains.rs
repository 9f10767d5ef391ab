//! Chains of calls: `update("T").where(c).set("c", v)` is one expression, nested to the right.

use rhai::{AST, ASTNode, Expr, FnCallExpr, Position, ScriptFuncPayload, Stmt};

/// The parts of `a.b().c()` in order; one part where there is no dot.
pub(super) fn parts(expr: &Expr) -> Vec<&Expr> {
    let mut parts = Vec::new();
    collect(expr, &mut parts);
    parts
}

fn collect<'a>(expr: &'a Expr, parts: &mut Vec<&'a Expr>) {
    match expr {
        Expr::Dot(pair, ..) => {
            collect(&pair.lhs, parts);
            collect(&pair.rhs, parts);
        }
        other => parts.push(other),
    }
}

/// The call of a part, with its place.
pub(super) fn call(part: &Expr) -> Option<(&FnCallExpr, Position)> {
    match part {
        Expr::FnCall(call, position) | Expr::MethodCall(call, position) => Some((call, *position)),
        _ => None,
    }
}

/// The call that a node is, with its place.
pub(in crate::script) fn called<'a>(node: &ASTNode<'a>) -> Option<(&'a FnCallExpr, Position)> {
    match node {
        ASTNode::Expr(Expr::FnCall(call, position) | Expr::MethodCall(call, position))
        | ASTNode::Stmt(Stmt::FnCall(call, position)) => Some((call, *position)),
        _ => None,
    }
}

/// Whether the parts after the first only narrow it with `where`.
pub(super) fn only_narrows(parts: &[&Expr]) -> bool {
    parts[1..].iter().all(|part| call(part).is_some_and(|(call, _)| call.name == "where"))
}

/// The statements of the script itself, then those of each of its functions.
pub(super) fn bodies(ast: &AST) -> Vec<&[Stmt]> {
    let functions = ast.shared_lib().iter_script_fn_info().map(|(.., function)| {
        let ScriptFuncPayload::Statements(block) = &function.body;
        block.statements()
    });
    std::iter::once(ast.statements()).chain(functions).collect()
}

/// The text of a call's first argument, where it is written there.
pub(super) fn first_text(call: &FnCallExpr) -> Option<(&str, Position)> {
    match call.args.first() {
        Some(Expr::StringConstant(text, position)) => Some((text, *position)),
        _ => None,
    }
}
