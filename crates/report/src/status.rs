//! What `status` shows.

use crate::{PastRule, PastRun, PastStep};

/// What `status` shows.
#[derive(Clone, Debug)]
pub enum Status {
    /// Every run, newest first.
    Runs(Vec<PastRun>),
    /// One run.
    Run(Box<RunStatus>),
    /// A folder, and what changed in it since it ran.
    Folder(Box<FolderStatus>),
}

/// A past run in full.
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
    /// The files whose meaning changed since.
    pub changed: Vec<String>,
}
