//! `not_allowed`: writes and SQL files that the manifest does not allow, where the script names them.

use std::collections::BTreeMap;

use leora_folder::Manifest;
use leora_host::{HostError, ManifestEntry, permit};
use leora_report::{Finding, FindingKind, Place};
use rhai::{AST, ASTNode, Expr, FnCallExpr, Position, Stmt};

use crate::ScriptError;
use crate::compiled_script::CompiledScript;
use crate::syntax_tree::calls::{call_of, call_of_node, chain_links, first_text, only_narrows};
use crate::syntax_tree::position::place;

/// What the manifest refuses, also in calls that a run may not come to.
pub(crate) fn not_allowed(script: &CompiledScript, manifest: &Manifest) -> Vec<Finding> {
    let tables = tables_of_variables(&script.ast);
    let mut found = Vec::new();
    script.ast.walk(&mut |path| {
        let refused = match path.last() {
            Some(ASTNode::Expr(dot @ Expr::Dot(..))) => refused_write(dot, &tables, manifest),
            other => other.and_then(call_of_node).and_then(|call| refused_file(call, manifest)),
        };
        found.extend(
            refused
                .map(|(position, error)| refusal(error, place(position, &script.file), manifest)),
        );
        true
    });
    found
}

/// The finding, with the entry that the manifest lacks.
pub(super) fn refusal(error: HostError, place: Option<Place>, manifest: &Manifest) -> Finding {
    let fix = match &error {
        HostError::NotAllowed { entry: Some(ManifestEntry { list, entry }), .. } => {
            manifest.fix_with_entry(list, entry)
        }
        _ => None,
    };
    (ScriptError { place, fix, ..error.into() }).into_finding(FindingKind::NotAllowed)
}

fn refused_write(
    chain: &Expr,
    tables: &BTreeMap<String, String>,
    manifest: &Manifest,
) -> Option<(Position, HostError)> {
    let links = chain_links(chain);
    let (last, position) = call_of(links.last()?)?;
    let table = match links.first()? {
        Expr::Variable(variable, ..) => tables.get(variable.1.as_str())?.as_str(),
        first => first_text(call_with_table(first)?)?,
    };
    let refused = match last.name.as_str() {
        "set" => permit::check_column(manifest, table, first_text(last)?),
        "insert" | "rejects" => permit::check_insert(manifest, table),
        "delete" => permit::check_delete(manifest),
        _ => return None,
    };
    refused.err().map(|error| (position, error))
}

fn call_with_table(expr: &Expr) -> Option<&FnCallExpr> {
    let (call, _) = call_of(expr)?;
    ["update", "table"].contains(&call.name.as_str()).then_some(call)
}

/// The tables of the variables that hold a table or an update of one in every declaration of the script.
fn tables_of_variables(ast: &AST) -> BTreeMap<String, String> {
    let (mut tables, mut other) = (BTreeMap::new(), Vec::new());
    for function in ast.iter_functions() {
        other.extend(function.params.into_iter().map(str::to_owned));
    }
    ast.walk(&mut |path| {
        let Some(ASTNode::Stmt(Stmt::Var(parts, ..))) = path.last() else { return true };
        let name = parts.0.name.to_string();
        let links = chain_links(&parts.1);
        let narrowed = only_narrows(&links);
        let table = call_with_table(links[0]).and_then(first_text).filter(|_| narrowed);
        match table {
            Some(table) if tables.get(&name).is_none_or(|known| known == table) => {
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
fn refused_file(
    (call, position): (&FnCallExpr, Position),
    manifest: &Manifest,
) -> Option<(Position, HostError)> {
    let refused = match call.name.as_str() {
        "run_sql" => permit::check_sql_file(manifest, first_text(call)?),
        "record_migration" | "record_rollback" => match first_text(call) {
            Some(name) => permit::check_record(manifest, name),
            None => permit::check_recording(manifest),
        },
        _ => return None,
    };
    refused.err().map(|error| (position, error))
}

#[cfg(test)]
mod tests {
    use crate::testing::{findings, folder};

    #[test]
    fn writes_that_the_manifest_does_not_name_are_found() {
        for (script, finding) in [
            (
                "if false { update(\"T\").set(\"e\", 1); }",
                "1:24: not_allowed: the manifest does not allow setting T.e",
            ),
            (
                "let t = table(\"U\"); t.insert(#{});",
                "1:23: not_allowed: the manifest does not allow inserting into U",
            ),
            (
                "run_sql(\"b.sql\");",
                "1:1: not_allowed: the manifest does not name the SQL file b.sql",
            ),
            (
                "if false { record_rollback(\"other\"); }",
                "1:12: not_allowed: the manifest does not allow recording the migration other",
            ),
        ] {
            assert_eq!(findings(&folder(script)), [finding], "{script}");
        }
    }

    #[test]
    fn writes_that_it_names_are_not() {
        let script = "update(\"T\").where(true).set(\"c\", 1); table(\"T\").insert(#{}); run_sql(\"a.sql\"); \
             record_migration(\"m\");";
        assert_eq!(findings(&folder(script)), [] as [&str; 0]);
    }
}
