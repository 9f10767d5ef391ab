//! What can go wrong at the database, as plain data.

use std::fmt;

use leora_rule::RuleError;

/// An error of the database, or on the way to it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DatabaseError {
    /// No connection could be had.
    #[error("{message}")]
    Connect {
        /// What happened, in our words.
        message: String,
        /// What to do.
        help: Option<String>,
        /// PostgreSQL's code, when it answered.
        code: Option<String>,
    },
    /// The server answered with an error.
    #[error("{0}")]
    Server(Box<ServerError>),
    /// The connection was lost.
    #[error("the connection to the database was lost: {message}")]
    Lost {
        /// What the driver says.
        message: String,
    },
    /// The connection was lost while the COMMIT was under way, and the server did not tell in time what became of it.
    #[error("the connection was lost during COMMIT, and the server did not come back: {message}")]
    CommitUnknown {
        /// The run.
        run: String,
        /// What the driver says.
        message: String,
    },
    /// The connection was lost before the server had the COMMIT.
    #[error("the connection was lost during COMMIT, and the server has rolled back: {message}")]
    CommitLost {
        /// What the driver says.
        message: String,
    },
    /// The COMMIT failed, of a transaction that other servers had parts of.
    #[error("the COMMIT failed, and another server may have kept its part: {message}")]
    FarCommit {
        /// Why it failed.
        message: String,
    },
    /// A transaction pooler is in between.
    #[error("{origin} leads to a transaction pooler ({sign})")]
    Pooler {
        /// Where the address came from.
        origin: String,
        /// How that is known.
        sign: String,
    },
    /// A lock was not had in time.
    #[error("{table} is locked by somebody else: {mode} was not had in time")]
    LockTimeout {
        /// The table.
        table: String,
        /// The lock that was wanted.
        mode: String,
        /// Who holds locks that are in the way.
        holders: Vec<Holder>,
    },
    /// Another run of this tool is at work.
    #[error("another run is at work on this database")]
    Busy {
        /// Who it is, where the server tells.
        holders: Vec<Holder>,
    },
    /// Prisma Migrate is at work.
    #[error("Prisma Migrate is at work on this database")]
    PrismaBusy {
        /// Who it is, where the server tells.
        holders: Vec<Holder>,
    },
    /// Prisma has a migration as failed, and nobody has said what became of it.
    #[error("Prisma Migrate began {name} on {started} UTC, and it failed")]
    PrismaFailed {
        /// The migration.
        name: String,
        /// When it began.
        started: String,
    },
    /// A read or query would return more to the script than it may have.
    #[error("a read reached its limit {limit} = {most}")]
    TooMuch {
        /// The limit's name.
        limit: &'static str,
        /// Its value, with its unit.
        most: String,
    },
    /// A query of a script asks for more than a query may do.
    #[error("{message}")]
    NoQuery {
        /// What it may not use.
        message: String,
        /// What to do.
        help: String,
    },
    /// The run was asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// What the server did is not what it was told to.
    #[error("{message}")]
    Inconsistent {
        /// What differs.
        message: String,
        /// What to do.
        help: String,
    },
}

/// An error as the server sent it.
#[derive(Clone, Debug, Default, thiserror::Error)]
#[error("{message}")]
pub struct ServerError {
    /// The message.
    pub message: String,
    /// The five-character SQLSTATE.
    pub code: String,
    /// More about it.
    pub detail: Option<String>,
    /// What the server suggests.
    pub hint: Option<String>,
    /// Where in the statement, in characters from 1.
    pub position: Option<usize>,
    /// The violated constraint.
    pub constraint: Option<String>,
}

/// What the server knows this program's connections as, unless the address says otherwise.
pub const APPLICATION: &str = "leora-run";

/// A session that holds a lock which is in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its process id at the server.
    pub pid: String,
    /// Its application's name, or its role's.
    pub application: String,
    /// How long its transaction has been open, such as `00:01:10`.
    pub age: String,
    /// The start of its current or last statement.
    pub query: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, application, age, query } = self;
        write!(f, "process {pid} ({application}), in a transaction for {age}")?;
        // What this tool says to the server tells nobody anything.
        if application == APPLICATION { Ok(()) } else { write!(f, ": {query}") }
    }
}

impl DatabaseError {
    /// The SQLSTATE, when the server sent one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Server(error) => Some(&error.code),
            Self::Connect { code, .. } => code.as_deref(),
            Self::LockTimeout { .. } => Some("55P03"),
            _ => None,
        }
    }

    /// Who is in the way, where that is known.
    pub fn holders(&self) -> &[Holder] {
        match self {
            Self::LockTimeout { holders, .. }
            | Self::Busy { holders }
            | Self::PrismaBusy { holders } => holders,
            _ => &[],
        }
    }

    /// Whether trying again from the start may work: a lock timeout, a deadlock, a serialization failure.
    pub fn is_transient(&self) -> bool {
        matches!(self.code(), Some("55P03" | "40P01" | "40001"))
    }
}

/// Why a rule was not written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WriteError {
    /// The rule means nothing on this table.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// The database refused.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}
