//! Why something did not end well: what sort of failure, where, and what to do.

use crate::{DatabaseError, Holder, Outcome, Place};

/// Why something did not end well.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What sort of failure.
    pub kind: FailureKind,
    /// The fact.
    pub message: String,
    /// Where, in a file of the folder.
    pub place: Option<Place>,
    /// PostgreSQL's code.
    pub sqlstate: Option<String>,
    /// More about it, a line each.
    pub details: Vec<String>,
    /// The next action.
    pub help: Option<String>,
}

/// The sorts of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// An expectation did not hold.
    Expectation,
    /// The command line, or the environment.
    Usage,
    /// A script.
    Script,
    /// A script that used up a limit.
    Limit,
    /// A manifest or folder.
    Manifest,
    /// The way to the database.
    Connection,
    /// The database.
    Database,
    /// A lock was not had.
    Lock,
    /// A guard.
    Refused,
    /// Nobody confirmed.
    NotConfirmed,
    /// Another run is at work.
    Busy,
    /// The outcome is not known.
    Unknown,
    /// Somebody asked to stop.
    Interrupted,
    /// A fault of the program itself, or of the machine.
    Internal,
}

impl FailureKind {
    /// The process's exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Expectation => 1,
            Self::Usage | Self::Script | Self::Limit | Self::Manifest => 2,
            Self::Connection | Self::Database | Self::Lock | Self::Internal => 3,
            Self::Refused | Self::NotConfirmed => 4,
            Self::Busy => 5,
            Self::Unknown => 6,
            Self::Interrupted => 130,
        }
    }

    /// The word for it in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Expectation => "expectation",
            Self::Usage => "usage",
            Self::Script => "script",
            Self::Limit => "limit",
            Self::Manifest => "manifest",
            Self::Connection => "connection",
            Self::Database => "database",
            Self::Lock => "lock",
            Self::Refused => "refused",
            Self::NotConfirmed => "not_confirmed",
            Self::Busy => "busy",
            Self::Unknown => "unknown",
            Self::Interrupted => "interrupted",
            Self::Internal => "internal",
        }
    }

    /// How a run that failed so has ended.
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Refused | Self::NotConfirmed | Self::Busy => Outcome::Refused,
            Self::Interrupted => Outcome::Interrupted,
            Self::Unknown => Outcome::Unknown,
            _ => Outcome::Failed,
        }
    }
}

impl Failure {
    /// Whether trying again from the start may work: somebody else's transaction was in the way.
    pub fn is_transient(&self) -> bool {
        matches!(self.sqlstate.as_deref(), Some("55P03" | "40P01" | "40001"))
    }

    /// A failure of this sort.
    pub fn new(kind: FailureKind, message: impl Into<String>, help: Option<String>) -> Self {
        Self { kind, message: message.into(), place: None, sqlstate: None, details: vec![], help }
    }
}

impl From<DatabaseError> for Failure {
    fn from(error: DatabaseError) -> Self {
        let sqlstate = error.code().map(str::to_owned);
        let message = error.to_string();
        let (kind, details, help) = match error {
            DatabaseError::Connect { help, .. } => (FailureKind::Connection, vec![], help),
            DatabaseError::Server(error) => {
                let help = error.hint.clone().or_else(|| remedy(&error.code).map(str::to_owned));
                let details = error.detail.iter().flat_map(|detail| detail.lines()).map(str::to_owned);
                (FailureKind::Database, details.collect(), help)
            }
            DatabaseError::Lost { .. } => {
                (FailureKind::Database, vec![], Some("the server has rolled back; run it again".into()))
            }
            DatabaseError::CommitUnknown { run, .. } => (
                FailureKind::Unknown,
                vec![],
                Some(format!("the database has either all of it or nothing; when the server is back, see which: leora-run status {run}")),
            ),
            DatabaseError::FarCommit { .. } => (
                FailureKind::Unknown,
                vec!["this server has rolled back; what another kept is not in the journal, so no undo knows of it".into()],
                Some("leora-run plan tells the rows that still change: mend what the message says, and run it again".into()),
            ),
            DatabaseError::CommitLost { .. } => {
                (FailureKind::Database, vec![], Some("nothing was changed: run it again".into()))
            }
            DatabaseError::Pooler { .. } => (
                FailureKind::Refused,
                vec![],
                Some("set DIRECT_URL to the database's own address (with Supabase: port 5432), or go through the pooler with --allow-pooler".into()),
            ),
            DatabaseError::LockTimeout { holders, .. } => (
                FailureKind::Lock,
                told(&holders),
                Some("wait until they are done, end them with pg_terminate_backend(pid), or give --lock-timeout more time".into()),
            ),
            DatabaseError::Busy { holders } => (
                FailureKind::Busy,
                told(&holders),
                Some("wait until it is done, or let this one wait with --wait-lock 10min".into()),
            ),
            DatabaseError::PrismaBusy { holders } => (
                FailureKind::Busy,
                told(&holders),
                Some("wait until it is done, or let this run wait with --wait-lock 10min".into()),
            ),
            DatabaseError::PrismaFailed { name, .. } => (
                FailureKind::Refused,
                vec!["a deploy would stop at it too (P3009)".into()],
                Some(format!("this folder makes what is missing, so say that it is taken back:  npx prisma migrate resolve --rolled-back {name}  and run this again")),
            ),
            DatabaseError::Interrupted => (FailureKind::Interrupted, vec![], None),
            DatabaseError::TooMuch { .. } => (FailureKind::Limit, vec![], None),
            DatabaseError::NoQuery { help, .. } => (FailureKind::Script, vec![], Some(help)),
            DatabaseError::Inconsistent { help, .. } => (FailureKind::Database, vec![], Some(help)),
        };
        Self { sqlstate, details, ..Self::new(kind, message, help) }
    }
}

/// Who is in the way, a line each.
fn told(holders: &[Holder]) -> Vec<String> {
    holders.iter().map(Holder::to_string).collect()
}

/// What helps against the server's errors that come without a hint.
fn remedy(code: &str) -> Option<&'static str> {
    Some(match code {
        "42501" => "ask the owner of the tables for the privilege, or run as that role",
        "57014" => "give --statement-timeout more time, or look at what is in its way",
        "55P03" => "something holds a lock; try again, or give --lock-timeout more time",
        "40P01" | "40001" => "run it again",
        "23502" => "give the column a value, or leave such rows out with .where(...)",
        "23503" | "23505" | "23514" | "23P01" => {
            "leave such rows out with .where(...), or change the constraint in an SQL file"
        }
        "25001" => "it needs a transaction of its own: run it by hand, with psql",
        "53100" => "free disk space on the server, and run it again",
        "25006" => "the server, or its role, is read-only: use the address of the primary",
        _ => return None,
    })
}
