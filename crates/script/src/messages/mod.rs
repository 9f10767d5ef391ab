//! The engine's errors, in the words of those who write scripts.

pub(crate) mod runtime;
pub(crate) mod syntax;
pub(crate) mod type_names;
