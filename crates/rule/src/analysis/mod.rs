//! Analysis of rules: without data, on one row, or in one pass over a table.

pub(crate) mod breakpoints;
pub(crate) mod columns_shown;
pub(crate) mod counterfactual;
pub(crate) mod future_changes;
pub(crate) mod including_decided;
pub(crate) mod row_classes;
pub(crate) mod row_explanation;
pub(crate) mod threshold;
pub(crate) mod threshold_model;
pub(crate) mod unreachable_arms;
pub(crate) mod what_if;
