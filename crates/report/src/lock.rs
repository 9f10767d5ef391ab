//! A lock on a table.

use serde::Serialize;

/// A lock to be taken on an existing table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lock {
    /// The table's schema; not part of the JSON.
    #[serde(skip)]
    pub schema: String,
    /// The table.
    pub table: String,
    /// The mode as SQL names it, such as `ACCESS EXCLUSIVE`.
    pub mode: String,
}
