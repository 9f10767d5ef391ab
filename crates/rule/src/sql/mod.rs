//! The statements that rules and reads become.

pub(crate) mod compile;
pub(crate) mod quote;
pub(crate) mod reads;
pub(crate) mod relation;
pub(crate) mod row_search;
pub(crate) mod statements;
