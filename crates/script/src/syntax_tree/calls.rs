//! Calls, and chains of them: `update("T").where(c).set("c", v)` is one expression, nested to the right.

use rhai::{AST, ASTNode, Expr, FnCallExpr, Position, Stmt};

/// The links of `a.b().c()` in order; one link where there is no dot.
pub(crate) fn chain_links(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::Dot(pair, ..) => {
            let mut links = chain_links(&pair.lhs);
            links.extend(chain_links(&pair.rhs));
            links
        }
        other => vec![other],
    }
}

pub(crate) fn call_of(expr: &Expr) -> Option<(&FnCallExpr, Position)> {
    match expr {
        Expr::FnCall(call, position) | Expr::MethodCall(call, position) => Some((call, *position)),
        _ => None,
    }
}

pub(crate) fn call_of_node<'a>(node: &ASTNode<'a>) -> Option<(&'a FnCallExpr, Position)> {
    match node {
        ASTNode::Expr(expr) => call_of(expr),
        ASTNode::Stmt(Stmt::FnCall(call, position)) => Some((call, *position)),
        _ => None,
    }
}

pub(crate) fn positions_of_calls(
    ast: &AST,
    accepts: impl Fn(&FnCallExpr) -> bool,
) -> Vec<Position> {
    let mut positions = Vec::new();
    ast.walk(&mut |path| {
        let call = path.last().and_then(call_of_node).filter(|(call, _)| accepts(call));
        positions.extend(call.map(|(_, position)| position));
        true
    });
    positions
}

/// Whether the links after the first are all `.where(...)`.
pub(crate) fn only_narrows(links: &[&Expr]) -> bool {
    links[1..].iter().all(|link| call_of(link).is_some_and(|(call, _)| call.name == "where"))
}

pub(crate) fn first_text(call: &FnCallExpr) -> Option<&str> {
    match call.args.first() {
        Some(Expr::StringConstant(text, _)) => Some(text),
        _ => None,
    }
}
