//! What happened, as plain data. Rendered for the terminal, as JSON, or as a page.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::database::{DatabaseError, Holder, NoTarget, PastRule, PastRun, PastStep};
use crate::folder::FolderError;
use crate::host::HostError;
use crate::sandbox::SandboxError;
use crate::script::{Entry, Place, ScriptError, ScriptErrorKind, UnknownSetting};

/// What became of a run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How it ended.
    pub outcome: Outcome,
    /// Its id.
    pub run: String,
    /// The folder, as it was given.
    pub folder: String,
    /// The folder's title.
    pub title: String,
    /// The business date.
    pub as_of: String,
    /// Whether what it wrote stays.
    pub access: Option<crate::folder::Access>,
    /// The database.
    pub target: Option<TargetReport>,
    /// The settings in force.
    pub settings: BTreeMap<String, String>,
    /// The steps that were started.
    pub steps: Vec<StepReport>,
    /// How many steps the folder has.
    pub planned_steps: usize,
    /// Why it did not end well.
    pub error: Option<Failure>,
    /// What a plan knows beside its steps.
    pub plan: Option<PlanReport>,
    /// What to do next.
    pub next: Vec<String>,
    /// How to go back.
    pub back: Vec<String>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was done.
    Done,
    /// Something failed; nothing was changed.
    #[default]
    Failed,
    /// It refused to go on; nothing was changed.
    Refused,
    /// It was asked to stop; nothing was changed.
    Interrupted,
    /// It was foretold; nothing was changed.
    Planned,
    /// The connection was lost during COMMIT.
    Unknown,
}

impl Outcome {
    /// The word for it, in JSON and in the history.
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Interrupted => "interrupted",
            Self::Planned => "planned",
            Self::Unknown => "unknown",
        }
    }
}

/// What a plan knows beside its steps.
#[derive(Clone, Debug)]
pub struct PlanReport {
    /// The locks that a run would take first.
    pub locks: Vec<LockReport>,
    /// About how long it would hold them, in milliseconds.
    pub about_ms: u64,
    /// How long the plan itself held them, when it had to.
    pub held: Option<Duration>,
}

/// A lock on an existing table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockReport {
    /// The table.
    pub table: String,
    /// The mode, as SQL names it.
    pub mode: String,
}

/// The database that a run worked on.
#[derive(Clone, Debug)]
pub struct TargetReport {
    /// The name that `--confirm` takes.
    pub name: String,
    /// The host, or the socket's directory.
    pub host: String,
    /// The database.
    pub database: String,
    /// Where the address came from.
    pub from: String,
}

/// What there is to tell of the past.
#[derive(Clone, Debug)]
pub enum Status {
    /// Every run, newest first.
    Runs(Vec<PastRun>),
    /// One run.
    Run(Box<RunStatus>),
    /// A folder, and what changed in it since it ran.
    Folder(Box<FolderStatus>),
}

/// A run of the past in full.
#[derive(Clone, Debug)]
pub struct RunStatus {
    /// The run.
    pub run: PastRun,
    /// Its steps.
    pub steps: Vec<PastStep>,
    /// What its rules changed, newest first.
    pub rules: Vec<PastRule>,
}

/// A folder, and what changed in it since it ran.
#[derive(Clone, Debug)]
pub struct FolderStatus {
    /// The folder.
    pub folder: String,
    /// Its last run that was done.
    pub last: Option<PastRun>,
    /// The files that say something else since.
    pub changed: Vec<String>,
}

/// What a step did.
#[derive(Clone, Debug)]
pub struct StepReport {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// How it ended.
    pub outcome: Outcome,
    /// How long it took.
    pub elapsed: Duration,
    /// What it did and found, in order.
    pub entries: Vec<Entry>,
}

impl StepReport {
    /// How many rows it changed.
    pub fn changed(&self) -> u64 {
        let rows = |entry: &Entry| match entry {
            Entry::Change { change, .. } => change.changed(),
            Entry::PutBack(put_back) => put_back.changed(),
            _ => 0,
        };
        self.entries.iter().map(rows).sum()
    }

    /// How many expectations held, did not hold, and warned.
    pub fn expectations(&self) -> (usize, usize, usize) {
        let mut counts = (0, 0, 0);
        for entry in &self.entries {
            if let Entry::Expectation(expectation) = entry {
                match (expectation.held, expectation.warning) {
                    (true, _) => counts.0 += 1,
                    (false, false) => counts.1 += 1,
                    (false, true) => counts.2 += 1,
                }
            }
        }
        counts
    }
}

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
}

impl FailureKind {
    /// The process's exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Expectation => 1,
            Self::Usage | Self::Script | Self::Limit | Self::Manifest => 2,
            Self::Connection | Self::Database | Self::Lock => 3,
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
    /// A failure of this sort.
    pub fn new(kind: FailureKind, message: impl Into<String>, help: Option<String>) -> Self {
        Self { kind, message: message.into(), place: None, sqlstate: None, details: vec![], help }
    }
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Self {
        let place = error.place().map(|(file, line, column)| Place {
            file: file.path.clone(),
            line,
            column,
        });
        Self { place, ..Self::new(FailureKind::Manifest, error.to_string(), error.help()) }
    }
}

impl From<UnknownSetting> for Failure {
    fn from(error: UnknownSetting) -> Self {
        Self::new(FailureKind::Usage, error.to_string(), Some(error.help))
    }
}

impl From<NoTarget> for Failure {
    fn from(error: NoTarget) -> Self {
        Self::new(FailureKind::Usage, error.to_string(), Some(error.help()))
    }
}

impl From<SandboxError> for Failure {
    fn from(error: SandboxError) -> Self {
        Self::new(FailureKind::Connection, error.to_string(), None)
    }
}

impl From<ScriptError> for Failure {
    fn from(error: ScriptError) -> Self {
        let ScriptError { kind, message, help, place } = error;
        let plain =
            |kind| Self { place: place.clone(), ..Self::new(kind, message.clone(), help.clone()) };
        match kind {
            ScriptErrorKind::Mistake => plain(FailureKind::Script),
            ScriptErrorKind::Limit => plain(FailureKind::Limit),
            ScriptErrorKind::Refused => plain(FailureKind::Refused),
            ScriptErrorKind::Interrupted => plain(FailureKind::Interrupted),
            ScriptErrorKind::Host(host) => match *host {
                HostError::Rule(_) | HostError::NoTable { .. } | HostError::NotAllowed { .. } => {
                    plain(FailureKind::Script)
                }
                HostError::Unforeseeable { .. } => plain(FailureKind::Script),
                HostError::Guarded { matrix, .. } => {
                    Self { details: matrix, ..plain(FailureKind::Refused) }
                }
                HostError::Database(error) => Self { place, ..Self::from(error) },
                HostError::SqlFile { path, place: inner, error } => {
                    let inner = inner.map(|(line, column)| Place { file: path, line, column });
                    Self { place: inner.or(place), ..Self::from(error) }
                }
            },
        }
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
            DatabaseError::Interrupted => (FailureKind::Interrupted, vec![], None),
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
