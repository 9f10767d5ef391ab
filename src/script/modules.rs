//! `import`: only modules of the folder's `lib/`, which are in memory already.

use std::collections::BTreeMap;
use std::sync::Mutex;

use rhai::{AST, Engine, EvalAltResult, Module, ModuleResolver, Position, Scope, Shared};

/// Resolves `import "name"` to `lib/name.rhai`.
pub(super) struct FolderModules {
    modules: BTreeMap<String, AST>,
    loading: Mutex<Vec<String>>,
}

impl FolderModules {
    /// The modules by name.
    pub(super) fn new(modules: BTreeMap<String, AST>) -> Self {
        Self { modules, loading: Mutex::new(Vec::new()) }
    }

    fn stack(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        // A poisoned stack is still a stack of names.
        self.loading.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn refuse(message: String, position: Position) -> Box<EvalAltResult> {
        Box::new(EvalAltResult::ErrorRuntime(message.into(), position))
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
        let name = path.strip_prefix("lib/").unwrap_or(path);
        let Some(ast) = self.modules.get(name) else {
            let known: Vec<&str> = self.modules.keys().map(String::as_str).collect();
            let have = match known.as_slice() {
                [] => "this folder has no lib/".to_owned(),
                names => format!("lib/ has {}", names.join(", ")),
            };
            return Err(Self::refuse(format!("there is no module \"{path}\": {have}"), position));
        };
        if self.stack().iter().any(|open| open == name) {
            let circle = format!("{} -> {name}", self.stack().join(" -> "));
            return Err(Self::refuse(
                format!("modules import each other in a circle: {circle}"),
                position,
            ));
        }
        self.stack().push(name.to_owned());
        let loaded = Module::eval_ast_as_new(Scope::new(), ast, engine);
        self.stack().pop();
        loaded.map(Into::into).map_err(|error| {
            Box::new(EvalAltResult::ErrorInModule(path.to_owned(), error, position))
        })
    }
}
