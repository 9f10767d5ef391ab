//! The statements that rules and reads become.

pub(crate) mod after;
pub(crate) mod builder;
pub(crate) mod decided_rows;
mod expression;
mod figure_layers;
mod figure_values;
pub(crate) mod figures;
mod function;
pub(crate) mod lexer;
pub(crate) mod list;
pub(crate) mod listed_rows;
pub(crate) mod own_names;
mod pending_rule;
pub(crate) mod printable;
pub(crate) mod query;
pub(crate) mod quote;
pub(crate) mod reads;
pub(crate) mod relation;
mod row_counts;
pub(crate) mod row_search;
pub(crate) mod rule_set;
pub(crate) mod rule_statements;
mod rule_value;
pub(crate) mod split_statements;
pub(crate) mod statement;
pub(crate) mod table;
pub(crate) mod token;
