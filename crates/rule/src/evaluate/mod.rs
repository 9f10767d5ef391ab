//! Evaluates rules on one row in memory, as PostgreSQL would.

pub(crate) mod datum;
pub(crate) mod decide;
pub(crate) mod division;
pub(crate) mod error;
pub(crate) mod record;
pub(crate) mod store;
