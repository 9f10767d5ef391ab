//! What `doctor` found: whether a run would work, and what is missing.

use serde::{Serialize, Serializer};

use crate::TargetReport;

/// How a check came out; the worst is the largest.
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

impl Serialize for CheckVerdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// One thing that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DoctorCheck {
    /// What it is about, in a word or two.
    pub name: &'static str,
    /// How it came out.
    pub verdict: CheckVerdict,
    /// The fact.
    pub message: String,
    /// What to do, where something is to be done.
    pub remedy: Option<String>,
}

impl DoctorCheck {
    /// All is well.
    pub fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, verdict: CheckVerdict::Ok, message: message.into(), remedy: None }
    }

    /// Somebody should know this.
    pub fn warn(name: &'static str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { verdict: CheckVerdict::Warn, remedy: Some(remedy.into()), ..Self::ok(name, message) }
    }

    /// A run would not work.
    pub fn fail(name: &'static str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { verdict: CheckVerdict::Fail, remedy: Some(remedy.into()), ..Self::ok(name, message) }
    }
}

/// Everything that was checked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DoctorReport {
    /// The folder that would be run, if one was given.
    pub folder: Option<String>,
    /// The database, where it is known.
    pub target: Option<TargetReport>,
    /// The checks, in the order in which they are read.
    pub checks: Vec<DoctorCheck>,
}

impl DoctorReport {
    /// The worst of the verdicts.
    pub fn verdict(&self) -> CheckVerdict {
        self.checks.iter().map(|check| check.verdict).max().unwrap_or(CheckVerdict::Ok)
    }
}
