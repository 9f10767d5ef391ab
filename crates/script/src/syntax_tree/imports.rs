//! The modules that a script imports.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, ASTNode, Expr, Position, Stmt};

/// An `import "path" as alias` whose path is a text constant.
pub(crate) struct Import {
    pub(crate) path: String,
    pub(crate) alias: String,
    pub(crate) position: Position,
}

pub(crate) fn imports(ast: &AST) -> Vec<Import> {
    let mut found = Vec::new();
    ast.walk(&mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Import(parts, _))) = path.last()
            && let Expr::StringConstant(path, position) = &parts.0
        {
            let (path, alias) = (path.to_string(), parts.1.name.to_string());
            found.push(Import { path, alias, position: *position });
        }
        true
    });
    found
}

/// The name of a module by the path that imports it: without its folder.
pub(crate) fn module_name(path: &str) -> &str {
    path.strip_prefix("lib/").unwrap_or(path)
}

/// The module of each alias; aliases of several modules are left out.
pub(crate) fn module_aliases(ast: &AST) -> BTreeMap<String, String> {
    let mut modules: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for Import { path, alias, .. } in imports(ast) {
        modules.entry(alias).or_default().insert(module_name(&path).to_owned());
    }
    let only = |(alias, modules): (String, BTreeSet<String>)| match modules.len() {
        1 => Some((alias, modules.into_iter().next()?)),
        _ => None,
    };
    modules.into_iter().filter_map(only).collect()
}
