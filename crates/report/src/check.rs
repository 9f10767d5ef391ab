//! What `check` found.

use serde::Serialize;

use crate::{ArmPlace, ExampleResult, Finding, Setting};

/// What `check` found in the folders that it looked at.
#[derive(Clone, Debug, Default)]
pub struct CheckReport {
    /// The business date.
    pub as_of: String,
    /// The folders.
    pub folders: Vec<FolderCheck>,
    /// What is wrong with the arguments.
    pub findings: Vec<Finding>,
}

/// What `check` found in one folder.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FolderCheck {
    /// The folder, as it was given.
    pub folder: String,
    /// Its title, where its manifest can be read.
    pub title: String,
    /// How many scripts and modules it has.
    pub scripts: usize,
    /// How many rules those hold.
    pub rules: usize,
    /// What is wrong, or misleads.
    #[serde(skip)]
    pub findings: Vec<Finding>,
    /// Its examples, and what became of them.
    #[serde(skip)]
    pub examples: Vec<ExampleResult>,
    /// The arms that no example reaches.
    #[serde(skip)]
    pub unreached: Vec<ArmPlace>,
    /// The statements that the database prepared, where one was asked.
    pub prepared: Option<usize>,
}

/// A setting, and its value.
#[derive(Clone, Debug, Serialize)]
pub struct SettingReport {
    /// The folder.
    pub folder: String,
    /// The setting as its script declares it.
    #[serde(flatten)]
    pub setting: Setting,
    /// The value that `--set` gives it.
    pub set: Option<String>,
}

impl CheckReport {
    /// Everything that was found, in every folder.
    pub fn all_findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().chain(self.folders.iter().flat_map(|folder| &folder.findings))
    }

    /// How many examples there are, and how many do not hold.
    pub fn examples(&self) -> (usize, usize) {
        let examples = || self.folders.iter().flat_map(|folder| &folder.examples);
        (examples().count(), examples().filter(|example| !example.outcome.passed()).count())
    }

    /// The process's exit code: 2 with a finding, 1 when only an example does not hold, else 0.
    pub fn exit_code(&self) -> u8 {
        match (self.all_findings().next(), self.examples().1) {
            (Some(_), _) => 2,
            (None, 0) => 0,
            (None, _) => 1,
        }
    }
}
