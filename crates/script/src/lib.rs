//! Scripts: compiled once, run step by step; every call that needs data goes to a [`Host`](leora_host::Host).

mod api;
mod arms;
mod attempt;
mod definitions;
mod engine;
mod entry;
mod error;
mod example;
mod explain;
mod explain_syntax;
mod lint;
mod modules;
mod program;
mod rehearsal;
mod rules_part;
mod settings;
mod stage;
mod trial;
mod weight;
mod words;
mod written;

pub use api::{Call, Form, Function, GROUPS, Group};
pub use definitions::definitions;
pub use error::{ScriptError, ScriptErrorKind};
pub use example::Example;
pub use program::{Performed, Program, Stagehand, registered};
pub use rehearsal::{count_rules, inspect, read_examples};
pub use settings::{Settings, UnknownSetting};
pub use trial::{Trials, try_examples};
