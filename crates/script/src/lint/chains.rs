//! Chains of calls: `update("T").where(c).set("c", v)` is one expression, nested to the right.

use rhai::{AST, ASTNode, Expr, FnCallExpr, Position, Stmt};

/// The parts of `a.b().c()` in order; one part where there is no dot.
pub(crate) fn parts(expr: &Expr) -> Vec<&Expr> {
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
pub(crate) fn call(part: &Expr) -> Option<(&FnCallExpr, Position)> {
    match part {
        Expr::FnCall(call, position) | Expr::MethodCall(call, position) => Some((call, *position)),
        _ => None,
    }
}

/// The call that a node is, with its place.
pub(crate) fn called<'a>(node: &ASTNode<'a>) -> Option<(&'a FnCallExpr, Position)> {
    match node {
        ASTNode::Expr(Expr::FnCall(call, position) | Expr::MethodCall(call, position))
        | ASTNode::Stmt(Stmt::FnCall(call, position)) => Some((call, *position)),
        _ => None,
    }
}

/// Whether the parts after the first only narrow it with `where`.
pub(crate) fn only_narrows(parts: &[&Expr]) -> bool {
    parts[1..].iter().all(|part| call(part).is_some_and(|(call, _)| call.name == "where"))
}

/// Where the functions of a script are written, closures too: a walk does not tell which one it is in.
pub(crate) struct Bodies {
    spans: Vec<(Spot, Spot)>,
}

type Spot = (usize, usize);

fn spot(position: Position) -> Spot {
    (position.line().unwrap_or(0), position.position().unwrap_or(0))
}

impl Bodies {
    pub(crate) fn of(ast: &AST) -> Self {
        let functions = ast.shared_lib().iter_script_fn_info();
        let span = |body: (Position, Position)| (spot(body.0), spot(body.1));
        Self {
            spans: functions
                .map(|(.., function)| {
                    span((function.body.start_position(), function.body.end_position()))
                })
                .collect(),
        }
    }

    /// The function that a path is in, from 1; 0 is the script itself.
    pub(crate) fn at(&self, path: &[ASTNode<'_>]) -> usize {
        let at = path.first().map_or((0, 0), |statement| spot(statement.position()));
        let around = |(_, (start, end)): &(usize, &(Spot, Spot))| *start <= at && at <= *end;
        let spans = self.spans.iter().enumerate().filter(around);
        // The innermost starts last.
        spans.max_by_key(|(_, (start, _))| *start).map_or(0, |(index, _)| index + 1)
    }
}

/// The text of a call's first argument, where it is written there.
pub(crate) fn first_text(call: &FnCallExpr) -> Option<(&str, Position)> {
    match call.args.first() {
        Some(Expr::StringConstant(text, position)) => Some((text, *position)),
        _ => None,
    }
}
