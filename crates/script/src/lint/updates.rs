//! Rules that are not whole: an `update` that never reaches `set`, arms after `otherwise`.

use std::collections::{BTreeMap, BTreeSet};

use leora_report::{Finding, FindingKind};
use rhai::{AST, ASTNode, Expr, Position, Stmt};

use crate::lint::{Subject, chains};
use crate::messages::runtime::at;
use crate::messages::type_names as words;

/// The `update(...)`s whose chain ends before `set`.
pub(crate) fn unfinished(subject: &Subject) -> Vec<Finding> {
    let going_on = going_on(&subject.ast);
    let bodies = chains::Bodies::of(&subject.ast);
    let mut found: Vec<(usize, Position, (Position, String))> = Vec::new();
    let mut last = BTreeMap::new();
    subject.ast.walk(&mut |path| {
        let (body, statement) =
            (bodies.at(path), path.first().map_or(Position::NONE, ASTNode::position));
        last.insert(body, statement);
        found.extend(open_in(path, &going_on).map(|open| (body, statement, open)));
        true
    });
    // What a function ends with, it returns.
    found.retain(|(body, statement, _)| *body == 0 || last.get(body) != Some(statement));
    let found = found.into_iter().map(|(.., open)| open);
    let finding = |(position, table): (Position, String)| {
        let (message, help) = words::unfinished(&table);
        Finding {
            kind: FindingKind::UnfinishedUpdate,
            message,
            help: Some(help.into()),
            place: at(position, &subject.file),
        }
    };
    found.map(finding).collect()
}

/// The update that a statement leaves open.
fn open_in(path: &[ASTNode<'_>], going_on: &BTreeSet<String>) -> Option<(Position, String)> {
    let (last, above) = path.split_last()?;
    let plain = |node: &ASTNode<'_>| {
        matches!(
            node,
            ASTNode::Stmt(Stmt::If(..) | Stmt::For(..) | Stmt::While(..) | Stmt::Block(..))
        )
    };
    let thrown_away = above.iter().all(plain);
    match last {
        ASTNode::Stmt(Stmt::Expr(expr)) if thrown_away => open_update(expr),
        ASTNode::Stmt(Stmt::FnCall(call, position)) if thrown_away && call.name == "update" => {
            chains::first_text(call).map(|(table, _)| (*position, table.to_owned()))
        }
        ASTNode::Stmt(Stmt::Var(parts, ..)) if !going_on.contains(&*parts.0.name) => {
            open_update(&parts.1)
        }
        _ => None,
    }
}

/// An update that does not reach `set`, and its table.
fn open_update(expr: &Expr) -> Option<(Position, String)> {
    let parts = chains::parts(expr);
    let (call, position) = chains::call(parts.first()?)?;
    let only_where = chains::only_narrows(&parts);
    let (table, _) = chains::first_text(call)?;
    (call.name == "update" && only_where).then(|| (position, table.to_owned()))
}

/// The variables that are used for more than `.where(...)`: one of them may reach `set`.
fn going_on(ast: &AST) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    ast.walk(&mut |path| {
        let Some(ASTNode::Expr(Expr::Variable(variable, ..))) = path.last() else { return true };
        let above = path.len().checked_sub(2).and_then(|index| path.get(index));
        let only_narrowed = matches!(
            above,
            Some(ASTNode::Expr(chain @ Expr::Dot(..))) if chains::only_narrows(&chains::parts(chain))
        );
        if !only_narrowed {
            names.insert(variable.1.to_string());
        }
        true
    });
    names
}

/// The arms that stand after `otherwise`.
pub(crate) fn after_otherwise(subject: &Subject) -> Vec<Finding> {
    let mut found = Vec::new();
    subject.ast.walk(&mut |path| {
        let Some(ASTNode::Expr(Expr::Array(arms, _))) = path.last() else { return true };
        let is_last = |arm: &Expr| matches!(arm, Expr::Array(pair, _) if pair.len() == 2 && is_otherwise(&pair[0]));
        if let Some(last) = arms.iter().position(is_last)
            && let Some(after) = arms.get(last + 1)
        {
            found.push((last + 2, after.start_position()));
        }
        true
    });
    let finding = |(number, position): (usize, Position)| {
        let (message, help) = words::after_otherwise(number);
        Finding {
            kind: FindingKind::UnreachableArm,
            message,
            help: Some(help.into()),
            place: at(position, &subject.file),
        }
    };
    found.into_iter().map(finding).collect()
}

fn is_otherwise(expr: &Expr) -> bool {
    matches!(expr, Expr::Custom(custom, _) if custom.tokens.first().is_some_and(|word| word == "otherwise"))
}
