//! Evaluates rules on one row in memory, as PostgreSQL would, or says that this can't be tried in memory.

pub(crate) mod column_type;
mod combine;
pub(crate) mod datum;
pub(crate) mod decide;
pub(crate) mod error;
pub(crate) mod exact;
mod figure;
pub(crate) mod float;
mod function;
pub(crate) mod literal;
pub(crate) mod moment;
pub(crate) mod record;
mod rule_check;
pub(crate) mod store;
pub(crate) mod text;
mod text_function;
pub(crate) mod values_read;
