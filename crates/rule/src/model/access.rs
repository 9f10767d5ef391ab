//! Whether a folder may write, and whether its writes are kept.

use serde::Deserialize;

/// Whether a folder may write, and whether its writes are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// It can't write: it runs in a READ ONLY transaction.
    ReadOnly,
    /// It writes, and everything is rolled back at the end.
    RolledBack,
    /// It writes, and its writes are committed.
    ReadWrite,
}
