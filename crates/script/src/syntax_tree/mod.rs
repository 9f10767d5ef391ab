//! What the rest of the crate reads from Rhai's syntax tree of a script: calls, imports, settings, names, and where
//! each of them is written.

pub(crate) mod calls;
pub(crate) mod functions;
pub(crate) mod imports;
pub(crate) mod last_rule;
pub(crate) mod names;
pub(crate) mod position;
pub(crate) mod settings;
pub(crate) mod source_map;
