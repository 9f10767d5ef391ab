//! `unfinished_update`, `unreachable_arm`: an `update` that never reaches `set`, and arms after `otherwise`.

use std::collections::{BTreeMap, BTreeSet};

use leora_report::{Finding, FindingKind};
use rhai::{AST, ASTNode, Expr, Position, Stmt};

use crate::compiled_script::CompiledScript;
use crate::messages::wording::{arm_after_otherwise, unfinished_update};
use crate::syntax_tree::calls::{call_of, chain_links, first_text, only_narrows};
use crate::syntax_tree::functions::FunctionBodies;

pub(crate) fn unfinished_updates(script: &CompiledScript) -> Vec<Finding> {
    let used_further = variables_used_further(&script.ast);
    let bodies = FunctionBodies::from_ast(&script.ast);
    let mut found: Vec<(usize, Position, OpenUpdate)> = Vec::new();
    let mut last_statements = BTreeMap::new();
    script.ast.walk(&mut |path| {
        let body = bodies.containing(path);
        let statement = path.first().map_or(Position::NONE, ASTNode::position);
        last_statements.insert(body, statement);
        found.extend(left_open(path, &used_further).map(|update| (body, statement, update)));
        true
    });
    // The last statement of a function is what it returns.
    found.retain(|(body, statement, _)| *body == 0 || last_statements.get(body) != Some(statement));
    let finding = |(.., update): (usize, Position, OpenUpdate)| {
        let message = unfinished_update(&update.table);
        script.finding(FindingKind::UnfinishedUpdate, update.position, message)
    };
    found.into_iter().map(finding).collect()
}

struct OpenUpdate {
    table: String,
    position: Position,
}

fn left_open(path: &[ASTNode<'_>], used_further: &BTreeSet<String>) -> Option<OpenUpdate> {
    let (last, above) = path.split_last()?;
    let discards = |node: &ASTNode<'_>| {
        matches!(
            node,
            ASTNode::Stmt(Stmt::If(..) | Stmt::For(..) | Stmt::While(..) | Stmt::Block(..))
        )
    };
    let discarded = above.iter().all(discards);
    match last {
        ASTNode::Stmt(Stmt::Expr(expr)) if discarded => open_update(expr),
        ASTNode::Stmt(Stmt::FnCall(call, position)) if discarded && call.name == "update" => {
            let table = first_text(call)?.to_owned();
            Some(OpenUpdate { table, position: *position })
        }
        ASTNode::Stmt(Stmt::Var(parts, ..)) if !used_further.contains(&*parts.0.name) => {
            open_update(&parts.1)
        }
        _ => None,
    }
}

fn open_update(expr: &Expr) -> Option<OpenUpdate> {
    let links = chain_links(expr);
    let (call, position) = call_of(links.first()?)?;
    let table = first_text(call)?.to_owned();
    (call.name == "update" && only_narrows(&links)).then_some(OpenUpdate { table, position })
}

/// The variables that are used for more than `.where(...)`: one of them may reach `set`.
fn variables_used_further(ast: &AST) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    ast.walk(&mut |path| {
        let Some(ASTNode::Expr(Expr::Variable(variable, ..))) = path.last() else { return true };
        let above = path.len().checked_sub(2).and_then(|index| path.get(index));
        let only_narrowed = matches!(
            above,
            Some(ASTNode::Expr(chain @ Expr::Dot(..))) if only_narrows(&chain_links(chain))
        );
        if !only_narrowed {
            names.insert(variable.1.to_string());
        }
        true
    });
    names
}

pub(crate) fn arms_after_otherwise(script: &CompiledScript) -> Vec<Finding> {
    let mut found = Vec::new();
    script.ast.walk(&mut |path| {
        let Some(ASTNode::Expr(Expr::Array(arms, _))) = path.last() else { return true };
        let is_last = |arm: &Expr| matches!(arm, Expr::Array(pair, _) if pair.len() == 2 && is_otherwise(&pair[0]));
        if let Some(last) = arms.iter().position(is_last)
            && let Some(after) = arms.get(last + 1)
        {
            let message = arm_after_otherwise(last + 2);
            found.push(script.finding(FindingKind::UnreachableArm, after.start_position(), message));
        }
        true
    });
    found
}

fn is_otherwise(expr: &Expr) -> bool {
    matches!(expr, Expr::Custom(custom, _) if custom.tokens.first().is_some_and(|word| word == "otherwise"))
}

#[cfg(test)]
mod tests {
    use crate::testing::{findings, folder};

    const UNFINISHED: &str =
        "unfinished_update: update(\"T\") never reaches .set(...), so it does nothing";

    #[test]
    fn an_update_that_never_reaches_set_is_found() {
        for (script, place) in [
            ("update(\"T\");", "1:1"),
            ("update(\"T\").where(true);", "1:1"),
            ("if true { update(\"T\").where(true); }", "1:11"),
            ("let rule = update(\"T\"); rule.where(true);", "1:12"),
        ] {
            assert_eq!(findings(&folder(script)), [format!("{place}: {UNFINISHED}")], "{script}");
        }
    }

    #[test]
    fn an_update_that_is_returned_or_used_may_reach_set() {
        for script in [
            "fn begin() { update(\"T\") } begin().set(\"c\", 1);",
            "let rule = update(\"T\"); rule.where(true); rule.set(\"c\", 1);",
            "update(\"T\").set(\"c\", 1);",
        ] {
            assert_eq!(findings(&folder(script)), [] as [&str; 0], "{script}");
        }
    }

    #[test]
    fn no_arm_stands_after_otherwise() {
        let script = "update(\"T\").set(\"c\", [[otherwise, 1], [true, 2]]);";
        let finding =
            "1:39: unreachable_arm: arm 2 stands after `otherwise`, so it can never match";
        assert_eq!(findings(&folder(script)), [finding]);
    }
}
