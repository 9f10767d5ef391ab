//! Why there is no target. The texts never contain an address or a password.

use leora_report::{Failure, FailureKind};

use crate::target::source::TargetSource;

/// Why there is no target. The text never contains the address, which may have a password in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// No database was named.
    #[error("no database was named")]
    NotGiven,
    /// The address can't be read.
    #[error("the address in {origin} can't be read: {reason}")]
    InvalidAddress {
        /// Where it came from.
        origin: TargetSource,
        /// What is wrong with it.
        reason: String,
    },
    /// The address names no database.
    #[error("{origin} does not name a database")]
    NoDatabase {
        /// Where it came from.
        origin: TargetSource,
    },
    /// A parameter has an invalid value.
    #[error("{origin}: {reason}")]
    Parameter {
        /// Where the address came from.
        origin: TargetSource,
        /// What is wrong with it.
        reason: String,
        /// What to do.
        help: String,
    },
    /// `.env` can't be read.
    #[error("{file} can't be read: {reason}")]
    Dotenv {
        /// The file.
        file: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

impl TargetError {
    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            Self::NotGiven => "give --database-url postgresql://..., or set DIRECT_URL or DATABASE_URL (also in .env), or PGSERVICE or PGHOST and PGDATABASE, or try it on --sandbox",
            Self::InvalidAddress { .. } => "write it like postgresql://user:password@host:5432/database; in the password, write # as %23, @ as %40, / as %2F, ? as %3F, : as %3A, % as %25",
            Self::NoDatabase { origin: TargetSource::Libpq(_) } => "set PGDATABASE, or dbname in the service file",
            Self::NoDatabase { .. } => "write its name at the end, like postgresql://user:password@host:5432/database, or set PGDATABASE",
            Self::Parameter { help, .. } => help,
            Self::Dotenv { .. } => "check that you may read it, and that no variable refers to itself",
        }
        .to_owned()
    }
}

impl From<TargetError> for Failure {
    fn from(error: TargetError) -> Self {
        Self::new(FailureKind::Usage, error.to_string(), Some(error.help()))
    }
}
