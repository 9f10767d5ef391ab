//! When something was done, and by whom.

use std::time::Duration;

/// When something was done, and by whom.
#[derive(Clone, Debug)]
pub struct Provenance {
    /// The command: run, plan, undo, what-if.
    pub command: &'static str,
    /// When it started, in UTC, as `2025-10-25 08:00:00`.
    pub started: String,
    /// The user and machine.
    pub who: String,
    /// How long it took.
    pub took: Duration,
}
