//! What a folder may do with the database.

use serde::Deserialize;

/// Whether the writes of a folder stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// It can't write: a READ ONLY transaction.
    ReadOnly,
    /// It writes, and everything is undone at the end.
    RolledBack,
    /// It writes, and what it wrote stays.
    ReadWrite,
}
