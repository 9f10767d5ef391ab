//! What several variants of rules would make of one table, in one pass over it.

mod boundaries;
pub(crate) mod compile;
mod parts;
mod read;
pub(crate) mod result;
pub(crate) mod variant;
