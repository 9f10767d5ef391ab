//! A session that holds a lock which is in the way.

use std::fmt;

/// What the server knows this program's connections as, unless the address says otherwise.
pub const APPLICATION: &str = "leora-run";

/// A session that holds a lock which is in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockHolder {
    /// Its process id at the server.
    pub pid: String,
    /// Its application's name, or its role's.
    pub application: String,
    /// How long its transaction has been open, such as `00:01:10`.
    pub age: String,
    /// The start of its current or last statement.
    pub query: String,
}

impl fmt::Display for LockHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, application, age, query } = self;
        write!(f, "process {pid} ({application}), in a transaction for {age}")?;
        // The statements of this tool itself explain nothing.
        if application == APPLICATION { Ok(()) } else { write!(f, ": {query}") }
    }
}
