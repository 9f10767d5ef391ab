//! Mistakes that can be seen in a script before it runs, and where in it a name is written.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, ASTNode, Expr, Position, Stmt};

use super::explain::{at, column_as_truth};
use super::{Place, ScriptError};
use crate::rule::nearest;

/// A column where the language wants a value at once: `switch` would fall to its `_` in silence.
pub(super) fn column_as_value(ast: &AST, file: &str) -> Option<ScriptError> {
    let columns = column_names(ast);
    let is_column = |expr: &Expr| gives_column(expr, &columns);
    let mut found = None;
    ast.walk(&mut |path| {
        let subject = match path.last() {
            Some(ASTNode::Stmt(Stmt::Switch(parts, _))) => Some(&parts.0),
            Some(ASTNode::Stmt(Stmt::If(flow, _) | Stmt::While(flow, _) | Stmt::Do(flow, ..))) => {
                Some(&flow.expr)
            }
            Some(ASTNode::Expr(Expr::And(parts, _) | Expr::Or(parts, _))) => {
                parts.iter().find(|part| is_column(part))
            }
            _ => None,
        };
        found = subject.filter(|expr| is_column(expr)).map(Expr::start_position);
        found.is_none()
    });
    let (message, help) = column_as_truth();
    found.map(|position| ScriptError::mistake(message, help, at(position, file)))
}

/// The variables that hold a column wherever they are declared in the script.
fn column_names(ast: &AST) -> BTreeSet<String> {
    let mut other: BTreeSet<String> = ast
        .iter_functions()
        .flat_map(|function| function.params.into_iter().map(str::to_owned))
        .collect();
    let mut columns = BTreeSet::new();
    ast.walk(&mut |path| {
        match path.last() {
            Some(ASTNode::Stmt(Stmt::Var(parts, ..))) => {
                let names =
                    if gives_column(&parts.1, &columns) { &mut columns } else { &mut other };
                names.insert(parts.0.name.to_string());
            }
            Some(ASTNode::Stmt(Stmt::For(parts, _))) => {
                other.insert(parts.0.name.to_string());
            }
            _ => {}
        }
        true
    });
    &columns - &other
}

/// Whether an expression of the script gives a column, or a condition on one.
fn gives_column(expr: &Expr, columns: &BTreeSet<String>) -> bool {
    match expr {
        Expr::Variable(parts, ..) => columns.contains(parts.1.as_str()),
        Expr::FnCall(call, _) => match call.name.as_str() {
            "col" | "col_or" | "coalesce" | "today" | "ago" => true,
            "==" | "!=" | "<" | "<=" | ">" | ">=" | "+" | "-" | "*" | "/" | "and" | "or"
            | "not" | "!" => call.args.iter().any(|argument| gives_column(argument, columns)),
            _ => false,
        },
        Expr::Dot(parts, ..) => {
            let method = |call: &rhai::FnCallExpr| {
                ["is_null", "is_one_of", "within"].contains(&call.name.as_str())
            };
            gives_column(&parts.lhs, columns)
                && matches!(&parts.rhs, Expr::MethodCall(call, _) if method(call))
        }
        _ => false,
    }
}

/// Checks that every `import` finds its module, and that no module imports itself in a circle.
pub(super) fn imports<'a>(
    scripts: impl Iterator<Item = (&'a AST, &'a str)>,
    modules: &'a BTreeMap<String, (AST, String)>,
) -> Result<(), ScriptError> {
    let files = modules.values().map(|(ast, file)| (ast, file.as_str()));
    for (ast, file) in scripts.chain(files) {
        for (path, position) in imported(ast) {
            if !modules.contains_key(bare(&path)) {
                return Err(no_module(&path, modules.keys(), at(position, file)));
            }
        }
    }
    modules.keys().try_for_each(|name| no_circle(name, &mut vec![], modules))
}

/// The name of a module as it is imported, without its folder.
pub(super) fn bare(path: &str) -> &str {
    path.strip_prefix("lib/").unwrap_or(path)
}

/// There is no module of this name.
pub(super) fn no_module<'a>(
    path: &str,
    known: impl Iterator<Item = &'a String>,
    place: Option<Place>,
) -> ScriptError {
    let known: Vec<&str> = known.map(String::as_str).collect();
    let help = match (nearest(bare(path), known.iter().copied()), known.as_slice()) {
        (Some(near), _) => format!("did you mean \"lib/{near}\"?"),
        (None, []) => "modules are files in the folder's own lib/, and it has none".to_owned(),
        (None, names) => {
            format!("modules are files in the folder's own lib/: {}", names.join(", "))
        }
    };
    ScriptError::mistake(format!("there is no module \"{path}\""), Some(help), place)
}

fn no_circle(
    name: &str,
    above: &mut Vec<String>,
    modules: &BTreeMap<String, (AST, String)>,
) -> Result<(), ScriptError> {
    let Some((ast, file)) = modules.get(name) else { return Ok(()) };
    above.push(name.to_owned());
    for (path, position) in imported(ast) {
        if let Some(start) = above.iter().position(|open| open == bare(&path)) {
            let circle = format!("{} -> {}", above[start..].join(" -> "), bare(&path));
            return Err(ScriptError::mistake(
                format!("modules import each other in a circle: {circle}"),
                Some("move what both need into a module of its own".into()),
                at(position, file),
            ));
        }
        no_circle(bare(&path), above, modules)?;
    }
    above.pop();
    Ok(())
}

/// The paths that a script imports by name.
fn imported(ast: &AST) -> Vec<(String, Position)> {
    let mut paths = Vec::new();
    ast.walk(&mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Import(parts, _))) = path.last()
            && let Expr::StringConstant(name, position) = &parts.0
        {
            paths.push((name.to_string(), *position));
        }
        true
    });
    paths
}

/// Where a text or a map's key is written: the only place in the script, else the only one in the statement
/// at `near`.
pub(super) fn written(ast: &AST, text: &str, near: &Place) -> Option<Place> {
    let mut places: Vec<(Position, Position)> = Vec::new();
    ast.walk(&mut |path| {
        let statement = path.first().map_or(Position::NONE, ASTNode::position);
        match path.last() {
            Some(ASTNode::Expr(Expr::StringConstant(found, position))) if found == text => {
                places.push((statement, *position));
            }
            Some(ASTNode::Expr(Expr::Map(parts, _))) => {
                let keys = parts.0.iter().filter(|(key, _)| key.name == text);
                places.extend(keys.map(|(key, _)| (statement, key.pos)));
            }
            _ => {}
        }
        true
    });
    if let [(_, only)] = places.as_slice() {
        return at(*only, &near.file);
    }
    let before = |position: &Position| {
        (position.line(), position.position()) <= (Some(near.line), Some(near.column))
    };
    let starts = places.iter().map(|(statement, _)| *statement).filter(before);
    let here = starts.max_by_key(|start| (start.line(), start.position()))?;
    let mut inside = places.iter().filter(|(statement, _)| *statement == here);
    match (inside.next(), inside.next()) {
        (Some((_, only)), None) => at(*only, &near.file),
        _ => None,
    }
}
