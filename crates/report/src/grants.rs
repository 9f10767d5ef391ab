//! What a role needs to run a folder, as statements.

use serde::Serialize;

use crate::TargetReport;

/// What a role needs to run a folder, as statements.
#[derive(Clone, Debug, Serialize)]
pub struct GrantList {
    /// The folder.
    pub folder: String,
    /// The database.
    pub target: TargetReport,
    /// The role.
    pub role: String,
    /// Whether the role exists.
    pub role_exists: bool,
    /// Whether it may do everything, so that it needs no grant.
    pub superuser: bool,
    /// The statements, in the order in which they are to be run.
    pub grants: Vec<Grant>,
    /// The superusers whose tables or types the statements give to the role.
    pub taken_from: Vec<String>,
    /// Statements that let others work with the tables that the folder makes.
    pub after_run: Vec<String>,
    /// The steps that could not be examined to their end.
    pub unseen: Vec<UnseenStep>,
}

/// A step that could not be examined to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnseenStep {
    /// The step's name.
    pub step: String,
    /// Why not.
    pub why: String,
}

/// A statement that gives a role what it needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Grant {
    /// The statement; the one that creates the history has many lines.
    pub sql: String,
    /// What it is for.
    pub reason: String,
    /// Whether the role has it already.
    pub held: bool,
}
