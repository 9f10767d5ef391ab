//! Rules on one row in memory, decided as PostgreSQL would decide them.

pub(crate) mod datum;
pub(crate) mod decide;
pub(crate) mod division;
pub(crate) mod error;
pub(crate) mod record;
pub(crate) mod store;
