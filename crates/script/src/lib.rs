//! Scripts: compiled once, run step by step; every call that needs data goes to a [`Host`](leora_host::Host).

mod api;
mod arms;
mod dry_run;
mod editor_definitions;
mod engine;
mod entry;
mod error;
mod example;
mod example_runner;
mod lint;
mod messages;
mod modules;
mod program;
mod settings;
mod size_limit;
mod source_map;
mod step_context;
mod up_to_last_rule;

pub use api::{Form, FormKind, Function, GROUPS, Group};
pub use dry_run::{check_rules, count_rules, read_examples};
pub use editor_definitions::editor_definitions;
pub use error::{ScriptError, ScriptErrorKind};
pub use example::Example;
pub use example_runner::{ExampleResults, run_examples};
pub use program::{Program, RunEnvironment, StepResult, registered_functions};
pub use settings::{Settings, UnknownSetting};
