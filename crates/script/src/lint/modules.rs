//! Imports: modules that are missing, or that import each other in a circle.

use std::collections::{BTreeMap, BTreeSet};

use leora_report::{Finding, FindingKind, Place};
use leora_rule::nearest;
use rhai::{AST, ASTNode, Expr, Position, Stmt};

use crate::ScriptError;
use crate::lint::Subject;
use crate::messages::runtime::at;

/// The imports of a script that find no module.
pub(crate) fn missing(subject: &Subject, named: &[&str]) -> Vec<Finding> {
    let unknown = |(path, position): (String, Position)| {
        let place = at(position, &subject.file);
        (!named.contains(&bare(&path))).then(|| {
            no_module(&path, named.iter().copied(), place).into_finding(FindingKind::Module)
        })
    };
    imported(&subject.ast).into_iter().filter_map(unknown).collect()
}

/// The first circle of modules that import each other.
pub(crate) fn circle(modules: &BTreeMap<String, Subject>) -> Option<Finding> {
    modules.keys().find_map(|name| circle_from(name, &mut vec![], modules))
}

fn circle_from(
    name: &str,
    above: &mut Vec<String>,
    modules: &BTreeMap<String, Subject>,
) -> Option<Finding> {
    let subject = modules.get(name)?;
    above.push(name.to_owned());
    for (path, position) in imported(&subject.ast) {
        if let Some(start) = above.iter().position(|open| open == bare(&path)) {
            let circle = format!("{} -> {}", above[start..].join(" -> "), bare(&path));
            return Some(Finding {
                kind: FindingKind::Module,
                message: format!("modules import each other in a circle: {circle}"),
                help: Some("move what both need into a module of its own".into()),
                place: at(position, &subject.file),
            });
        }
        if let Some(found) = circle_from(bare(&path), above, modules) {
            return Some(found);
        }
    }
    above.pop();
    None
}

/// The names that a script gives its modules, and the modules; without those that it gives to several.
pub(crate) fn aliases(ast: &AST) -> BTreeMap<String, String> {
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    ast.walk(&mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Import(parts, _))) = path.last()
            && let Expr::StringConstant(name, _) = &parts.0
        {
            names.entry(parts.1.name.to_string()).or_default().insert(bare(name).to_owned());
        }
        true
    });
    let only = |(name, modules): (String, BTreeSet<String>)| match modules.len() {
        1 => Some((name, modules.into_iter().next()?)),
        _ => None,
    };
    names.into_iter().filter_map(only).collect()
}

/// The name of a module as it is imported, without its folder.
pub(crate) fn bare(path: &str) -> &str {
    path.strip_prefix("lib/").unwrap_or(path)
}

/// There is no module of this name.
pub(crate) fn no_module<'a>(
    path: &str,
    known: impl Iterator<Item = &'a str>,
    place: Option<Place>,
) -> ScriptError {
    let known: Vec<&str> = known.collect();
    let help = match (nearest(bare(path), known.iter().copied()), known.as_slice()) {
        (Some(near), _) => format!("did you mean \"lib/{near}\"?"),
        (None, []) => "modules are files in the folder's own lib/, and it has none".to_owned(),
        (None, names) => {
            format!("modules are files in the folder's own lib/: {}", names.join(", "))
        }
    };
    ScriptError::mistake(format!("there is no module \"{path}\""), Some(help), place)
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
