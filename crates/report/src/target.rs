//! The database that a command works on.

use serde::Serialize;

/// The database that a command works on.
#[derive(Clone, Debug, Serialize)]
pub struct TargetReport {
    /// The name that `--confirm` takes.
    pub name: String,
    /// The host, or the socket's directory.
    pub host: String,
    /// The database.
    pub database: String,
    /// Where the address came from, such as `DIRECT_URL in .env`.
    pub from: String,
}
