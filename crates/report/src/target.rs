//! The database that a command works on.

use serde::{Deserialize, Serialize};

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

/// Which server and database answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerIdentity {
    /// The identifier that the server was given when its data directory was made, where the role may read it.
    pub system: Option<String>,
    /// Its version, such as `15.8`.
    pub version: String,
    /// The database's id: another when it was dropped and made anew.
    pub database_id: String,
    /// The role under which statements run.
    pub role: String,
}
