//! The statements that rules and reads become.

pub(crate) mod builder;
pub(crate) mod pending_rule;
pub(crate) mod quote;
pub(crate) mod reads;
pub(crate) mod relation;
pub(crate) mod row_search;
pub(crate) mod rule_statements;
pub(crate) mod statement;
pub(crate) mod table;
