//! Scripts: everything that knows Rhai.
//!
//! The way of a script from its text to calls of a [`Host`](leora_host::Host):
//!
//! 1. [`Program::compile`] parses every script of a folder (`engine`, `compiled_script`) and looks for mistakes in the
//!    syntax trees (`lint`, on top of `syntax_tree`); `messages` says what is wrong.
//! 2. [`Program::run_step`] gives a step its own engine with the functions of `api`. A function finds the step that calls
//!    it (`api_call`, `step_context`), turns its arguments into rules and values, and asks the host of the
//!    [`RunEnvironment`].
//! 3. What the step reports, reads and fails with is its [`StepResult`].
//!
//! Without a database, `dry_run` runs the steps on the host in memory; [`check_rules`] and [`run_examples`] look at the
//! rules that it comes to. [`check_folder`] is all that can be found so.

mod api;
mod api_call;
mod api_lookup;
mod api_reference;
mod compiled_script;
mod cursor;
mod dry_run;
mod editor_definitions;
mod engine;
mod error;
mod example;
mod example_runner;
mod folder_check;
mod format;
mod lint;
mod messages;
mod module_resolver;
mod piece;
mod program;
mod rule_check;
mod run_environment;
mod settings;
mod size_limit;
mod step_context;
mod syntax_tree;
#[cfg(test)]
mod testing;

pub use api::{Form, FormKind, Function, GROUPS, Group};
pub use api_lookup::find_functions;
pub use api_reference::render_api_reference;
pub use cursor::{
    Cursor, CursorKind, Role, calls_of, column_names, cursor_at, declared_variables, functions_of,
    members_of, module_of_alias, piece_end,
};
pub use editor_definitions::editor_definitions;
pub use engine::registered_functions;
pub use error::{ScriptError, ScriptErrorKind};
pub use example::Example;
pub use example_runner::{ExampleResults, read_examples, run_examples};
pub use folder_check::{CheckedFolder, check_folder};
pub use format::format_script;
pub use program::Program;
pub use rule_check::check_rules;
pub use run_environment::RunEnvironment;
pub use settings::{Settings, UnknownSetting};
pub use step_context::StepResult;
