//! `import` while a script runs: only the modules in the folder's `lib/`, which are compiled already.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rhai::{AST, Engine, EvalAltResult, Module, ModuleResolver, Position, Scope, Shared};

use crate::messages::wording::{Message, no_module};
use crate::syntax_tree::imports::module_name;

pub(crate) struct FolderModuleResolver {
    modules: BTreeMap<String, AST>,
    /// The modules that are being loaded, outermost first.
    loading: Mutex<Vec<String>>,
}

impl FolderModuleResolver {
    pub(crate) fn new(modules: BTreeMap<String, AST>) -> Self {
        Self { modules, loading: Mutex::new(Vec::new()) }
    }

    fn loading(&self) -> MutexGuard<'_, Vec<String>> {
        // A panic while it was locked leaves the list as it was.
        self.loading.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ModuleResolver for FolderModuleResolver {
    fn resolve(
        &self,
        engine: &Engine,
        _source: Option<&str>,
        path: &str,
        position: Position,
    ) -> Result<Shared<Module>, Box<EvalAltResult>> {
        let name = module_name(path);
        let Some(ast) = self.modules.get(name) else {
            let known = self.modules.keys().map(String::as_str);
            return Err(runtime_error(no_module(path, name, known), position));
        };
        if self.loading().iter().any(|open| open == name) {
            let circle = format!("modules import each other in a circle: {name}");
            return Err(runtime_error((circle, None).into(), position));
        }
        self.loading().push(name.to_owned());
        let loaded = Module::eval_ast_as_new(Scope::new(), ast, engine);
        self.loading().pop();
        loaded.map(Into::into).map_err(|error| {
            Box::new(EvalAltResult::ErrorInModule(path.to_owned(), error, position))
        })
    }
}

/// The error of an `import` whose path is computed: a path that is written as a text was checked before the run.
fn runtime_error(Message { text, help, .. }: Message, position: Position) -> Box<EvalAltResult> {
    let help = help.map(|help| format!("; {help}")).unwrap_or_default();
    Box::new(EvalAltResult::ErrorRuntime(format!("{text}{help}").into(), position))
}
