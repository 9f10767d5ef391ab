//! Variables, and settings, whose value nobody reads.

use leora_report::{Finding, FindingKind};
use rhai::{ASTNode, Expr, Position, Stmt};

use crate::lint::{Subject, chains};
use crate::messages::runtime::at;

/// A variable that is declared.
struct Declared {
    name: String,
    position: Position,
    /// The setting that it holds.
    setting: Option<String>,
    /// The function that it stands in, and the statements and expressions there.
    body: usize,
    inside: Vec<usize>,
    read: bool,
}

/// The variables of a script that nobody reads.
pub(crate) fn unused(subject: &Subject) -> Vec<Finding> {
    let bodies = chains::Bodies::of(&subject.ast);
    let mut declared: Vec<Declared> = Vec::new();
    subject.ast.walk(&mut |path| {
        look(path, bodies.at(path), &mut declared);
        true
    });
    let unread = declared.iter().filter(|one| !one.read && !one.name.starts_with('_'));
    unread.map(|one| finding(one, &subject.file)).collect()
}

fn address(node: &ASTNode<'_>) -> usize {
    match node {
        ASTNode::Stmt(statement) => std::ptr::from_ref::<Stmt>(statement).addr(),
        ASTNode::Expr(expr) => std::ptr::from_ref::<Expr>(expr).addr(),
        _ => 0,
    }
}

/// Notes a declaration, or that a variable is read.
fn look(path: &[ASTNode<'_>], body: usize, declared: &mut Vec<Declared>) {
    let Some((last, above)) = path.split_last() else { return };
    match last {
        ASTNode::Stmt(Stmt::Var(parts, flags, position)) => declared.push(Declared {
            name: parts.0.name.to_string(),
            position: if parts.0.pos.is_none() { *position } else { parts.0.pos },
            setting: setting(&parts.1),
            body,
            inside: above.iter().map(address).collect(),
            read: flags.intersects(rhai::ASTFlags::EXPORTED),
        }),
        ASTNode::Stmt(Stmt::Export(parts, _)) => read(&parts.0.name, above, body, declared),
        ASTNode::Stmt(Stmt::Share(names)) => {
            names.iter().for_each(|(name, _)| read(&name.name, above, body, declared));
        }
        ASTNode::Expr(Expr::Variable(variable, ..)) => read(&variable.1, above, body, declared),
        _ => {}
    }
}

/// The last declaration of the name that the path is in the scope of; one is not in its own value's scope.
fn read(name: &str, above: &[ASTNode<'_>], body: usize, declared: &mut [Declared]) {
    let path: Vec<usize> = above.iter().map(address).collect();
    let own_value = above
        .iter()
        .filter(|node| matches!(node, ASTNode::Stmt(Stmt::Var(parts, ..)) if parts.0.name == name))
        .count();
    let visible =
        |one: &&mut Declared| one.name == name && one.body == body && path.starts_with(&one.inside);
    if let Some(found) = declared.iter_mut().rev().filter(visible).nth(own_value) {
        found.read = true;
    }
}

/// The name of the setting that an expression asks for.
fn setting(expr: &Expr) -> Option<String> {
    let (call, _) = chains::call(expr)?;
    let (name, _) = chains::first_text(call)?;
    (call.name == "setting").then(|| name.to_owned())
}

fn finding(one: &Declared, file: &str) -> Finding {
    let (kind, message, help) = match &one.setting {
        Some(setting) => (
            FindingKind::UnusedSetting,
            format!(
                "the setting {setting} is asked for and never used, so --set {setting}=... changes nothing"
            ),
            format!("use `{}` in a rule, or take the line out", one.name),
        ),
        None => (
            FindingKind::UnusedVariable,
            format!("`{}` is declared and never used", one.name),
            format!("use it, take it out, or call it `_{}` to keep it", one.name),
        ),
    };
    Finding { kind, message, help: Some(help), place: at(one.position, file) }
}
