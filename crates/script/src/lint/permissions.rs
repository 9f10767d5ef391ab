//! Writes and SQL files that the manifest does not allow, where the script names them.

use std::collections::BTreeMap;

use leora_folder::Manifest;
use leora_host::{HostError, permit};
use leora_report::{Finding, FindingKind};
use rhai::{AST, ASTNode, Expr, FnCallExpr, Position, Stmt};

use crate::ScriptError;
use crate::lint::{Subject, chains};
use crate::messages::runtime::at;

/// What the manifest would refuse, in calls that may not be reached.
pub(crate) fn not_allowed(subject: &Subject, manifest: &Manifest) -> Vec<Finding> {
    let tables = named_tables(&subject.ast);
    let mut found = Vec::new();
    subject.ast.walk(&mut |path| {
        let refused = match path.last() {
            Some(ASTNode::Expr(dot @ Expr::Dot(..))) => write(dot, &tables, manifest),
            other => other.and_then(chains::called).and_then(|(call, at)| file(call, at, manifest)),
        };
        found.extend(refused.map(|(position, error)| {
            let place = at(position, &subject.file);
            (ScriptError { place, ..error.into() }).into_finding(FindingKind::NotAllowed)
        }));
        true
    });
    found
}

/// A chain that ends in a write.
fn write(
    chain: &Expr,
    tables: &BTreeMap<String, String>,
    manifest: &Manifest,
) -> Option<(Position, HostError)> {
    let parts = chains::parts(chain);
    let (last, position) = chains::call(parts.last()?)?;
    let table = match parts.first()? {
        Expr::Variable(variable, ..) => tables.get(variable.1.as_str())?.as_str(),
        first => chains::first_text(named(first)?)?.0,
    };
    let refused = match last.name.as_str() {
        "set" => permit::check_column(manifest, table, chains::first_text(last)?.0),
        "insert" | "rejects" => permit::check_insert(manifest, table),
        "delete" => permit::check_delete(manifest),
        _ => return None,
    };
    refused.err().map(|error| (position, error))
}

/// A call of `update` or `table`.
fn named(expr: &Expr) -> Option<&FnCallExpr> {
    let (call, _) = chains::call(expr)?;
    ["update", "table"].contains(&call.name.as_str()).then_some(call)
}

/// The variables that hold a table or an update, wherever they are declared in the script.
fn named_tables(ast: &AST) -> BTreeMap<String, String> {
    let (mut tables, mut other) = (BTreeMap::new(), Vec::new());
    for function in ast.iter_functions() {
        other.extend(function.params.into_iter().map(str::to_owned));
    }
    ast.walk(&mut |path| {
        let Some(ASTNode::Stmt(Stmt::Var(parts, ..))) = path.last() else { return true };
        let name = parts.0.name.to_string();
        let held = chains::parts(&parts.1);
        let narrowed = chains::only_narrows(&held);
        let table = named(held[0]).and_then(chains::first_text).filter(|_| narrowed);
        match table {
            Some((table, _)) if tables.get(&name).is_none_or(|known| known == table) => {
                tables.insert(name, table.to_owned());
            }
            _ => other.push(name),
        }
        true
    });
    tables.retain(|name, _| !other.contains(name));
    tables
}

/// An SQL file that the manifest does not name, or a record that it does not allow.
fn file(
    call: &FnCallExpr,
    position: Position,
    manifest: &Manifest,
) -> Option<(Position, HostError)> {
    let refused = match call.name.as_str() {
        "run_sql" => permit::check_sql_file(manifest, chains::first_text(call)?.0),
        "record_migration" | "record_rollback" => permit::check_recording(manifest),
        _ => return None,
    };
    refused.err().map(|error| (position, error))
}
