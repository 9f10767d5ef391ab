//! The texts that users read: what is wrong, and what to do about it, in the words of those who write scripts.

mod brackets;
pub(crate) mod calls;
mod foreign_syntax;
mod in_context;
pub(crate) mod runtime;
pub(crate) mod surroundings;
pub(crate) mod syntax;
pub(crate) mod type_names;
pub(crate) mod wording;
