//! What a doctor found: whether a run would work, and what is missing.

use crate::TargetReport;

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckVerdict {
    /// All is well.
    Ok,
    /// A run would work, and somebody should know this.
    Warn,
    /// A run would not work.
    Fail,
}

impl CheckVerdict {
    /// The word for it, on the screen and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What it is about, in a word or two.
    pub name: &'static str,
    /// How it came out.
    pub verdict: CheckVerdict,
    /// The fact.
    pub message: String,
    /// What to do, where something is to be done.
    pub remedy: Option<String>,
}

impl Check {
    /// All is well.
    pub fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, verdict: CheckVerdict::Ok, message: message.into(), remedy: None }
    }

    /// Somebody should know this.
    pub fn warn(name: &'static str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            name,
            verdict: CheckVerdict::Warn,
            message: message.into(),
            remedy: Some(remedy.into()),
        }
    }

    /// A run would not work.
    pub fn fail(name: &'static str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            name,
            verdict: CheckVerdict::Fail,
            message: message.into(),
            remedy: Some(remedy.into()),
        }
    }
}

/// Everything that was looked at.
#[derive(Clone, Debug, Default)]
pub struct Checkup {
    /// The folder that would be run, if one was given.
    pub folder: Option<String>,
    /// The database, where it is known.
    pub target: Option<TargetReport>,
    /// The checks, in the order in which they are read.
    pub checks: Vec<Check>,
}

impl Checkup {
    /// The worst of the verdicts.
    pub fn verdict(&self) -> CheckVerdict {
        self.checks.iter().map(|check| check.verdict).max().unwrap_or(CheckVerdict::Ok)
    }
}

/// What a role needs for a folder, as statements.
#[derive(Clone, Debug)]
pub struct GrantList {
    /// The folder.
    pub folder: String,
    /// The database.
    pub target: TargetReport,
    /// The role.
    pub role: String,
    /// Whether there is such a role.
    pub role_exists: bool,
    /// Whether it may do everything, so that it needs no grant.
    pub superuser: bool,
    /// The statements, in the order in which they are to be run.
    pub grants: Vec<Grant>,
    /// The superusers whose tables or types the statements give to the role.
    pub taken_from: Vec<String>,
    /// What lets others work with the tables that the folder makes, after a run.
    pub opening: Vec<String>,
    /// The steps that were not seen to their end, and why.
    pub unseen: Vec<(String, String)>,
}

/// A statement that gives a role what it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The statement; the one that makes the history has many lines.
    pub sql: String,
    /// What it is for.
    pub reason: String,
    /// Whether the role has it already.
    pub held: bool,
}
