//! `unused_variable`, `unused_setting`: variables whose value is never read.

use leora_report::{Finding, FindingKind};
use rhai::{ASTNode, Expr, Position, Stmt};

use crate::compiled_script::CompiledScript;
use crate::messages::wording::message;
use crate::syntax_tree::calls::{call_of, first_text};
use crate::syntax_tree::functions::FunctionBodies;

struct Declaration {
    name: String,
    position: Position,
    setting: Option<String>,
    /// The function that it is in, and the addresses of the nodes around it.
    body: usize,
    scope: Vec<usize>,
    is_read: bool,
}

pub(crate) fn unused_variables(script: &CompiledScript) -> Vec<Finding> {
    let bodies = FunctionBodies::from_ast(&script.ast);
    let mut declarations: Vec<Declaration> = Vec::new();
    script.ast.walk(&mut |path| {
        note_node(path, bodies.containing(path), &mut declarations);
        true
    });
    let unused = declarations.iter().filter(|one| !one.is_read && !one.name.starts_with('_'));
    unused.map(|one| finding(one, script)).collect()
}

fn address(node: &ASTNode<'_>) -> usize {
    match node {
        ASTNode::Stmt(statement) => std::ptr::from_ref::<Stmt>(statement).addr(),
        ASTNode::Expr(expr) => std::ptr::from_ref::<Expr>(expr).addr(),
        _ => 0,
    }
}

fn note_node(path: &[ASTNode<'_>], body: usize, declarations: &mut Vec<Declaration>) {
    let Some((last, above)) = path.split_last() else { return };
    match last {
        ASTNode::Stmt(Stmt::Var(parts, flags, position)) => declarations.push(Declaration {
            name: parts.0.name.to_string(),
            position: if parts.0.pos.is_none() { *position } else { parts.0.pos },
            setting: setting(&parts.1),
            body,
            scope: above.iter().map(address).collect(),
            is_read: flags.intersects(rhai::ASTFlags::EXPORTED),
        }),
        ASTNode::Stmt(Stmt::Export(parts, _)) => {
            note_read(&parts.0.name, above, body, declarations)
        }
        ASTNode::Stmt(Stmt::Share(names)) => {
            names.iter().for_each(|(name, _)| note_read(&name.name, above, body, declarations));
        }
        ASTNode::Expr(Expr::Variable(variable, ..)) => {
            note_read(&variable.1, above, body, declarations)
        }
        _ => {}
    }
}

/// Notes that a name is read: the last declaration counts whose scope the path is in. A declaration is not in the scope
/// of its own value.
fn note_read(name: &str, above: &[ASTNode<'_>], body: usize, declarations: &mut [Declaration]) {
    let path: Vec<usize> = above.iter().map(address).collect();
    let own_value = above
        .iter()
        .filter(|node| matches!(node, ASTNode::Stmt(Stmt::Var(parts, ..)) if parts.0.name == name))
        .count();
    let visible = |one: &&mut Declaration| {
        one.name == name && one.body == body && path.starts_with(&one.scope)
    };
    if let Some(found) = declarations.iter_mut().rev().filter(visible).nth(own_value) {
        found.is_read = true;
    }
}

fn setting(expr: &Expr) -> Option<String> {
    let (call, _) = call_of(expr)?;
    (call.name == "setting").then(|| first_text(call).map(str::to_owned)).flatten()
}

fn finding(one: &Declaration, script: &CompiledScript) -> Finding {
    let (kind, message) = match &one.setting {
        Some(setting) => (
            FindingKind::UnusedSetting,
            message(
                format!(
                    "the setting {setting} is never used, so --set {setting}=... changes nothing"
                ),
                format!("use `{}` in a rule, or take the line out", one.name),
            ),
        ),
        None => (
            FindingKind::UnusedVariable,
            message(
                format!("`{}` is declared and never used", one.name),
                format!("use it, take it out, or call it `_{}` to keep it", one.name),
            )
            .rewriting(&one.name, format!("_{}", one.name)),
        ),
    };
    script.finding(kind, one.position, message)
}

#[cfg(test)]
mod tests {
    use crate::testing::{findings, folder};

    #[test]
    fn variables_that_are_never_read_are_found() {
        for (script, finding) in [
            ("let a = 1;", "1:5: unused_variable: `a` is declared and never used"),
            ("let a = 1; let a = a + 1;", "1:16: unused_variable: `a` is declared and never used"),
            (
                "let a = 1; if true { let a = 2; note(a); }",
                "1:5: unused_variable: `a` is declared and never used",
            ),
            (
                "let a = setting(\"b\", 1);",
                "1:5: unused_setting: the setting b is never used, so --set b=... changes nothing",
            ),
        ] {
            assert_eq!(findings(&folder(script)), [finding], "{script}");
        }
    }

    #[test]
    fn variables_that_closures_read_or_that_are_named_so_are_not() {
        let script = "let _a = 1; let b = 2; [1].map(|x| x + b);";
        assert_eq!(findings(&folder(script)), [] as [&str; 0]);
    }
}
