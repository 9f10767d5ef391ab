//! Where the address of a target came from.

use std::fmt;

/// Where the database's address came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetSource {
    /// `--database-url`
    Option,
    /// `--sandbox`
    Sandbox,
    /// An environment variable with an address.
    Variable(&'static str),
    /// The same in a file: the variable, then the file.
    Dotenv(&'static str, &'static str),
    /// libpq's own variables; the one that names a database.
    Libpq(&'static str),
}

impl fmt::Display for TargetSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option => f.write_str("--database-url"),
            Self::Sandbox => f.write_str("--sandbox"),
            Self::Variable(name) | Self::Libpq(name) => f.write_str(name),
            Self::Dotenv(name, file) => write!(f, "{name} in {file}"),
        }
    }
}
