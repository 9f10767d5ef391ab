//! A script as far as its last rule: what stands after it can't change what the rules are, and what it reads need not
//! be read to know them.

use std::collections::BTreeMap;

use rhai::{AST, ASTNode, Expr, Stmt};

/// What of a step matters to know its rules.
#[derive(Debug)]
pub(crate) struct RulesPart {
    /// The script up to its last rule; nothing when it has none.
    pub(crate) ast: Option<AST>,
    /// The SQL files that it runs.
    pub(crate) sql: Vec<String>,
}

impl RulesPart {
    pub(crate) fn of(ast: &AST, modules: &BTreeMap<String, AST>) -> Self {
        let mut sql = Vec::new();
        let mut imports = false;
        ast.walk(&mut |path| {
            sql.extend(path.last().and_then(sql_file));
            imports |= matches!(path.last(), Some(ASTNode::Stmt(Stmt::Import(..))));
            true
        });
        let elsewhere = (imports && modules.values().any(has_rule)) || functions_have_rule(ast);
        let last = ast.statements().iter().rposition(statement_has_rule);
        let part = match (elsewhere, last) {
            // Where functions are called can't be told from the text alone.
            (true, _) => Some(ast.clone()),
            (false, Some(last)) => Some(up_to(ast, last)),
            (false, None) => None,
        };
        Self { ast: part, sql }
    }
}

fn up_to(ast: &AST, last: usize) -> AST {
    let statements = ast.statements().iter().take(last + 1).cloned();
    let mut part = AST::new(statements, ast.shared_lib().clone());
    if let Some(source) = ast.source() {
        part.set_source(source);
    }
    part
}

fn called<'a>(node: &ASTNode<'a>) -> Option<&'a rhai::FnCallExpr> {
    match node {
        ASTNode::Expr(Expr::MethodCall(call, _) | Expr::FnCall(call, _))
        | ASTNode::Stmt(Stmt::FnCall(call, _)) => Some(call),
        _ => None,
    }
}

fn is_rule(node: &ASTNode<'_>) -> bool {
    called(node).is_some_and(|call| call.name == "update")
}

fn sql_file(node: &ASTNode<'_>) -> Option<String> {
    let call = called(node).filter(|call| call.name == "run_sql")?;
    match call.args.first() {
        Some(Expr::StringConstant(name, _)) => Some(name.to_string()),
        _ => None,
    }
}

fn has_rule(ast: &AST) -> bool {
    !ast.walk(&mut |path| !path.last().is_some_and(is_rule))
}

fn functions_have_rule(ast: &AST) -> bool {
    has_rule(&AST::new(Vec::<Stmt>::new(), ast.shared_lib().clone()))
}

fn statement_has_rule(statement: &Stmt) -> bool {
    !statement.walk(&mut Vec::new(), &mut |path| !path.last().is_some_and(is_rule))
}
