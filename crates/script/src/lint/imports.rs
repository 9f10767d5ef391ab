//! `module`: imports of modules that do not exist, or that import each other in a circle.

use std::collections::BTreeMap;

use leora_report::{Finding, FindingKind};

use crate::compiled_script::CompiledScript;
use crate::messages::wording::{message, no_module};
use crate::syntax_tree::imports::{Import, imports, module_name};

pub(crate) fn missing_modules(script: &CompiledScript, module_names: &[&str]) -> Vec<Finding> {
    let missing = |Import { path, position, .. }: Import| {
        let name = module_name(&path);
        let message = no_module(&path, name, module_names.iter().copied());
        (!module_names.contains(&name))
            .then(|| script.finding(FindingKind::Module, position, message))
    };
    imports(&script.ast).into_iter().filter_map(missing).collect()
}

pub(crate) fn circle(modules: &BTreeMap<String, CompiledScript>) -> Option<Finding> {
    modules.keys().find_map(|name| circle_from(name, &mut vec![], modules))
}

fn circle_from(
    name: &str,
    above: &mut Vec<String>,
    modules: &BTreeMap<String, CompiledScript>,
) -> Option<Finding> {
    let script = modules.get(name)?;
    above.push(name.to_owned());
    for Import { path, position, .. } in imports(&script.ast) {
        let imported = module_name(&path);
        if let Some(start) = above.iter().position(|open| open == imported) {
            let circle = format!("{} -> {imported}", above[start..].join(" -> "));
            let message = message(
                format!("modules import each other in a circle: {circle}"),
                "move what both need into a module of its own",
            );
            return Some(script.finding(FindingKind::Module, position, message));
        }
        if let Some(found) = circle_from(imported, above, modules) {
            return Some(found);
        }
    }
    above.pop();
    None
}

#[cfg(test)]
mod tests {
    use crate::testing::{findings, folder, folder_with_module};

    #[test]
    fn an_import_needs_a_module() {
        let finding = "1:8: module: there is no module \"lib/sharde\"";
        assert_eq!(findings(&folder("import \"lib/sharde\" as s;")), [finding]);
        let module = folder_with_module("import \"lib/shared\" as s;", "fn f() { 1 }");
        assert_eq!(findings(&module), [] as [&str; 0]);
    }

    #[test]
    fn a_module_that_imports_itself_is_a_circle() {
        let module = folder_with_module("note(\"x\");", "import \"shared\" as s;");
        let finding = "1:8: module: modules import each other in a circle: shared -> shared";
        assert_eq!(findings(&module), [finding]);
    }
}
