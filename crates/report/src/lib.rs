//! What happened, as plain data. Rendered for the terminal, as JSON, or as a page.

mod check;
mod checkup;
mod database_error;
mod distribution;
mod entry;
mod example_result;
mod failure;
mod finding;
mod past;
mod place;
mod progress;
mod put_back;
mod recording;
mod rule_statistics;
mod setting;
mod sql_run;
mod what_if;
mod why;

use std::collections::BTreeMap;
use std::time::Duration;

use leora_rule::{Access, Strategy};

pub use check::{CheckReport, FolderCheck, SettingReport};
pub use checkup::{Check, CheckVerdict, Checkup, Grant, GrantList};
pub use database_error::{APPLICATION, DatabaseError, Holder, ServerError, WriteError};
pub use distribution::{Distribution, Share};
pub use entry::{Entry, Expectation, Observer, ShownTable};
pub use example_result::{ArmPlace, DecidedBy, ExampleOutcome, ExampleResult};
pub use failure::{Failure, FailureKind};
pub use finding::{Finding, FindingKind};
pub use past::{PastRule, PastRun, PastStep};
pub use place::Place;
pub use progress::Progress;
pub use put_back::PutBack;
pub use recording::{PrismaRecord, Recorded, Recording};
pub use rule_statistics::{Bucket, Day, RuleStatistics};
pub use setting::Setting;
pub use sql_run::{LaterIndex, Lock, ObjectChange, ObjectOwnership, ObjectVerb, SqlRun};
pub use what_if::{Combination, ThresholdReport, WhatIfReport};
pub use why::{Turn, TurningDay, WhyReport, WhyRule};

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
    pub access: Option<Access>,
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
    /// Why a row gets its values.
    pub why: Option<WhyReport>,
    /// What other settings would give.
    pub what_if: Option<WhatIfReport>,
    /// The files of the folder: scripts, modules and SQL.
    pub sources: Vec<SourceReport>,
    /// The comments beside the settings, by name.
    pub comments: BTreeMap<String, String>,
    /// What is known of the rules beside what they did, in their order, where a page is to show it.
    pub studies: Vec<Option<RuleStatistics>>,
    /// The files that it wrote beside the database.
    pub files: Vec<FileReport>,
    /// What to do next.
    pub next: Vec<String>,
    /// How to go back.
    pub back: Vec<String>,
    /// How many values a run in batches that has stopped has committed, where the server still told.
    pub committed: Option<u64>,
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
    /// It stopped between batches; those that are committed stay, and it can go on.
    Partial,
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
            Self::Partial => "partial",
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
    /// The ways to write its changes; none where there is nothing to write.
    pub ways: Vec<WayReport>,
    /// How long the plan itself held them, when it had to.
    pub held: Option<Duration>,
}

/// A way to write the changes of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayReport {
    /// The way.
    pub strategy: Strategy,
    /// About how long it would take, in milliseconds.
    pub about_ms: u64,
    /// Whether it is the folder's.
    pub chosen: bool,
    /// Why it would not be taken for one of the changes, if so.
    pub against: Option<String>,
}

/// A file beside the database, such as Prisma's migration.sql.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReport {
    /// Its path, as people know it.
    pub path: String,
    /// What became of it.
    pub change: FileChange,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileChange {
    /// It was written.
    Written,
    /// It was there already.
    Same,
    /// A run would write it.
    Foreseen,
    /// It could not be written, when everything else was done.
    Failed {
        /// Why.
        reason: String,
        /// What to do instead.
        help: String,
    },
}

impl Report {
    /// The process's exit code: what is done but for a file is not all done.
    pub fn exit_code(&self) -> u8 {
        let unwritten = |file: &FileReport| matches!(file.change, FileChange::Failed { .. });
        let files = u8::from(self.files.iter().any(unwritten));
        self.error.as_ref().map_or(files, |failure| failure.kind.exit_code())
    }
}

/// A lock on an existing table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockReport {
    /// The table.
    pub table: String,
    /// The mode, as SQL names it.
    pub mode: String,
}

/// A file of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceReport {
    /// Its path, as shown to people.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// When something was done, and by whom.
#[derive(Clone, Debug)]
pub struct Occasion {
    /// What was done: run, plan, undo.
    pub verb: &'static str,
    /// When it began, in UTC.
    pub began: String,
    /// The user and machine.
    pub who: String,
    /// How long it took.
    pub took: Duration,
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
