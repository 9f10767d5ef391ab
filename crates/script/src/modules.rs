//! `import`: only modules of the folder's `lib/`, which are in memory already.

use std::collections::BTreeMap;
use std::sync::Mutex;

use rhai::{AST, Engine, EvalAltResult, Module, ModuleResolver, Position, Scope, Shared};

use crate::{ScriptError, lint};

/// Resolves `import "name"` to `lib/name.rhai`.
pub(crate) struct FolderModules {
    modules: BTreeMap<String, AST>,
    loading: Mutex<Vec<String>>,
}

impl FolderModules {
    /// The modules by name.
    pub(crate) fn new(modules: BTreeMap<String, AST>) -> Self {
        Self { modules, loading: Mutex::new(Vec::new()) }
    }

    fn stack(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        // A poisoned stack is still a stack of names.
        self.loading.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl ModuleResolver for FolderModules {
    fn resolve(
        &self,
        engine: &Engine,
        _source: Option<&str>,
        path: &str,
        position: Position,
    ) -> Result<Shared<Module>, Box<EvalAltResult>> {
        let name = lint::bare(path);
        let Some(ast) = self.modules.get(name) else {
            return Err(ended(
                lint::no_module(path, self.modules.keys().map(String::as_str), None),
                position,
            ));
        };
        if self.stack().iter().any(|open| open == name) {
            let circle = format!("modules import each other in a circle: {name}");
            return Err(Box::new(EvalAltResult::ErrorRuntime(circle.into(), position)));
        }
        self.stack().push(name.to_owned());
        let loaded = Module::eval_ast_as_new(Scope::new(), ast, engine);
        self.stack().pop();
        loaded.map(Into::into).map_err(|error| {
            Box::new(EvalAltResult::ErrorInModule(path.to_owned(), error, position))
        })
    }
}

/// An `import` whose path is computed can only fail while it runs.
fn ended(error: ScriptError, position: Position) -> Box<EvalAltResult> {
    let help = error.help.map(|help| format!("; {help}")).unwrap_or_default();
    Box::new(EvalAltResult::ErrorRuntime(format!("{}{help}", error.message).into(), position))
}
