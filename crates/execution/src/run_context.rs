//! What every host of a run shares.

use std::sync::Arc;

use jiff::civil::Date;
use leora_folder::{Manifest, ScriptFolder};
use leora_report::PastRule;

use crate::Approval;

/// A run as its hosts know it.
#[derive(Clone, Debug)]
pub struct RunContext {
    /// The run's id.
    pub run: String,
    /// The business date.
    pub as_of: Date,
    /// The scripts, the manifest and the SQL files.
    pub folder: Arc<ScriptFolder>,
    /// Whether a change passes that a guard of the manifest refuses.
    pub allow_large_change: bool,
    /// What was approved, where the run may do nothing else.
    pub approval: Option<Approval>,
    /// Of a run that goes on with one that stopped between batches: what is compared with what was approved.
    pub resumed: Option<Resumed>,
}

/// What a run that goes on compares with the plan that was approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resumed {
    /// What was left when it went on: the plan is of that.
    Left,
    /// All of it: the plan is of the whole run, and these rules it has written, in part or whole.
    All(Vec<PastRule>),
}

impl RunContext {
    pub(crate) fn manifest(&self) -> &Manifest {
        &self.folder.manifest
    }

    /// The checksum that Prisma keeps of a migration, where the folder has its migration.sql.
    pub(crate) fn prisma_checksum(&self, name: &str) -> Option<&str> {
        self.folder.prisma.get(name).map(|source| source.sha256.as_str())
    }
}
