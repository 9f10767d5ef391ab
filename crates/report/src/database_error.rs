//! What can go wrong at the database, and what to do then.

use crate::{Failure, FailureKind, LockHolder, ServerError};

/// An error of the database, or on the way to it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DatabaseError {
    /// There is no connection.
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
    /// The connection was lost during COMMIT, and the server could not be asked in time whether it committed.
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
    /// The connection was lost, or the COMMIT, of a run whose earlier batches are committed.
    #[error("the connection to the database was lost between batches: {message}")]
    PartLost {
        /// What the driver says.
        message: String,
    },
    /// The session that kept other runs away from a run in batches is gone.
    #[error("the session that held the run's lock is gone, so another run may be at work")]
    LockLost,
    /// Rows could not be written in batches, since others held their locks all the time.
    #[error("{rows} of {table} that the rule would change stayed locked")]
    RowsLocked {
        /// The table.
        table: String,
        /// How many, in words.
        rows: String,
        /// Who holds locks on the table.
        holders: Vec<LockHolder>,
    },
    /// The COMMIT failed, of a transaction that other servers had parts of.
    #[error("the COMMIT failed, and another server may have kept its part: {message}")]
    DistributedCommitFailed {
        /// Why it failed.
        message: String,
    },
    /// An SQL file committed the run's transaction.
    #[error("the SQL file committed: what it wrote stays, and what the steps before it wrote")]
    CommittedByFile,
    /// An SQL file rolled the run's transaction back.
    #[error("the SQL file rolled the run back: only what it wrote after that stays")]
    RolledBackByFile,
    /// A transaction pooler is in between.
    #[error("{origin} leads to a transaction pooler ({sign})")]
    Pooler {
        /// Where the address came from.
        origin: String,
        /// How that is known.
        sign: String,
    },
    /// All connections are one session.
    #[error("{origin} leads to a PGlite server whose connections share one session")]
    SharedSession {
        /// Where the address came from.
        origin: String,
    },
    /// The server gives no second connection, which batches need.
    #[error(
        "batches need a second connection, which holds the run's lock, and the server gives only one: {reason}"
    )]
    OneConnection {
        /// Why there is no second one.
        reason: String,
    },
    /// A lock was not granted in time.
    #[error("{table} is locked by somebody else: {mode} was not granted in time")]
    LockTimeout {
        /// The table.
        table: String,
        /// The lock that was wanted.
        mode: String,
        /// Who holds locks that are in the way.
        holders: Vec<LockHolder>,
    },
    /// Another run of this tool is at work.
    #[error("another run is at work on this database")]
    Busy {
        /// Who it is, where the server says.
        holders: Vec<LockHolder>,
    },
    /// Prisma Migrate is at work.
    #[error("Prisma Migrate is at work on this database")]
    PrismaBusy {
        /// Who it is, where the server says.
        holders: Vec<LockHolder>,
    },
    /// A migration failed in Prisma's record, and is not resolved.
    #[error("Prisma Migrate began {name} on {started} UTC, and it failed")]
    PrismaFailed {
        /// The migration.
        name: String,
        /// When it began.
        started: String,
    },
    /// A read or query would return more to the script than its limit allows.
    #[error("a read reached its limit {limit} = {most}")]
    ReadLimitReached {
        /// The limit's name.
        limit: &'static str,
        /// Its value, with its unit.
        most: String,
    },
    /// A query of a script uses something that a query may not.
    #[error("{message}")]
    QueryNotAllowed {
        /// What it may not use.
        message: String,
        /// What to do.
        help: String,
    },
    /// The server would refuse rows that a rule changes.
    #[error("{message}")]
    Foreseen {
        /// The SQLSTATE that it would answer with.
        code: &'static str,
        /// What it would refuse, and how many rows.
        message: String,
        /// What else, one a line.
        details: Vec<String>,
        /// What to do.
        help: String,
    },
    /// The run was asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// The server did something else than it was asked to.
    #[error("{message}")]
    Inconsistent {
        /// What differs.
        message: String,
        /// What to do.
        help: String,
    },
}

impl DatabaseError {
    /// The SQLSTATE, when the server sent one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Server(error) => Some(&error.code),
            Self::Connect { code, .. } => code.as_deref(),
            Self::LockTimeout { .. } => Some("55P03"),
            Self::Foreseen { code, .. } => Some(code),
            _ => None,
        }
    }

    /// Who is in the way, where that is known.
    pub fn holders(&self) -> &[LockHolder] {
        match self {
            Self::LockTimeout { holders, .. }
            | Self::RowsLocked { holders, .. }
            | Self::Busy { holders }
            | Self::PrismaBusy { holders } => holders,
            _ => &[],
        }
    }

    /// Whether trying again from the start may work: a lock timeout, a deadlock, a serialization failure.
    pub fn is_transient(&self) -> bool {
        matches!(self.code(), Some("55P03" | "40P01" | "40001"))
    }

    /// The same where earlier batches are committed: the loss of a connection has not rolled them back.
    #[must_use]
    pub fn between_batches(self) -> Self {
        match self {
            Self::Lost { message } => Self::PartLost { message },
            other => other,
        }
    }

    fn kind(&self) -> FailureKind {
        match self {
            Self::Connect { .. } => FailureKind::Connection,
            Self::CommitUnknown { .. }
            | Self::DistributedCommitFailed { .. }
            | Self::CommittedByFile
            | Self::RolledBackByFile => FailureKind::Unknown,
            Self::Pooler { .. }
            | Self::SharedSession { .. }
            | Self::OneConnection { .. }
            | Self::PrismaFailed { .. } => FailureKind::Refused,
            Self::LockTimeout { .. } | Self::RowsLocked { .. } => FailureKind::Lock,
            Self::Busy { .. } | Self::PrismaBusy { .. } => FailureKind::Busy,
            Self::ReadLimitReached { .. } => FailureKind::Limit,
            Self::QueryNotAllowed { .. } => FailureKind::Script,
            Self::Interrupted => FailureKind::Interrupted,
            Self::Server(_)
            | Self::Lost { .. }
            | Self::CommitLost { .. }
            | Self::PartLost { .. }
            | Self::LockLost
            | Self::Foreseen { .. }
            | Self::Inconsistent { .. } => FailureKind::Database,
        }
    }

    fn details(&self) -> Vec<String> {
        match self {
            Self::Server(error) => {
                error.detail.iter().flat_map(|detail| detail.lines()).map(str::to_owned).collect()
            }
            Self::Foreseen { details, .. } => details.clone(),
            Self::DistributedCommitFailed { .. } => {
                vec!["this server has rolled back; what another one kept is not in the journal, so undo can't take it back".into()]
            }
            Self::PrismaFailed { .. } => vec!["a deploy would stop at it too (P3009)".into()],
            _ => self.holders().iter().map(LockHolder::to_string).collect(),
        }
    }

    fn remedy(&self) -> Option<String> {
        let text = match self {
            Self::Connect { help, .. } => return help.clone(),
            Self::Server(error) => return error.remedy(),
            Self::QueryNotAllowed { help, .. }
            | Self::Inconsistent { help, .. }
            | Self::Foreseen { help, .. } => help,
            Self::ReadLimitReached { .. } | Self::Interrupted | Self::PartLost { .. } => {
                return None;
            }
            Self::CommittedByFile | Self::RolledBackByFile => {
                "what stays is not in the history, and undo can't take it back; take the statement that commits or rolls back out of the file"
            }
            Self::Lost { .. } => "the server has rolled back; run it again",
            Self::CommitLost { .. } => "nothing was changed: run it again",
            Self::CommitUnknown { run, .. } => {
                return Some(format!(
                    "the database has either all of it or nothing; when the server is back, see which: leora-run status {run}"
                ));
            }
            Self::DistributedCommitFailed { .. } => {
                "leora-run plan shows the rows that still change: fix what the message says, and run it again"
            }
            Self::Pooler { .. } => {
                "set DIRECT_URL to the database's own address (with Supabase: port 5432), or go through the pooler with --allow-pooler"
            }
            Self::SharedSession { .. } => {
                "start it for one connection at a time, as it does by default, which is enough; or go on with --allow-pooler while nobody else is connected"
            }
            Self::OneConnection { .. } => {
                "let the server take more connections, or take strategy = \"batches\" out of leora.toml"
            }
            Self::LockLost => {
                "see what ended it, such as a job that ends idle transactions: that session is idle in one as long as the run lasts"
            }
            Self::LockTimeout { .. } | Self::RowsLocked { .. } => {
                "wait until they are done, end them with pg_terminate_backend(pid), or give --lock-timeout more time"
            }
            Self::Busy { .. } => {
                "wait until it is done, or let this one wait with --wait-lock 10min"
            }
            Self::PrismaBusy { .. } => {
                "wait until it is done, or let this run wait with --wait-lock 10min"
            }
            Self::PrismaFailed { name, .. } => {
                return Some(format!(
                    "this folder makes what is missing, so mark the migration as rolled back:  npx prisma migrate resolve --rolled-back {name}  and run this again"
                ));
            }
        };
        Some(text.to_owned())
    }
}

impl From<DatabaseError> for Failure {
    fn from(error: DatabaseError) -> Self {
        Self {
            sqlstate: error.code().map(str::to_owned),
            details: error.details(),
            ..Self::new(error.kind(), error.to_string(), error.remedy())
        }
    }
}
