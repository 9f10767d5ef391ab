//! The data of the domain: values, expressions, rules, tables and changes.

pub(crate) mod access;
mod cell;
pub(crate) mod change;
pub(crate) mod decimal;
pub(crate) mod display;
pub(crate) mod error;
pub(crate) mod expression;
pub(crate) mod figure;
pub(crate) mod function;
mod function_check;
pub(crate) mod inferred_column;
pub(crate) mod moment;
pub(crate) mod operator;
pub(crate) mod period;
pub(crate) mod placement;
pub(crate) mod rank;
pub(crate) mod rule;
pub(crate) mod rule_set;
pub(crate) mod table;
pub(crate) mod types;
pub(crate) mod value;
mod value_size;
