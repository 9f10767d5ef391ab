//! What a plan knows beside its steps.

use std::time::Duration;

use leora_rule::Strategy;
use serde::Serialize;

use crate::Lock;

/// What a plan knows beside its steps.
#[derive(Clone, Debug)]
pub struct PlanReport {
    /// The locks that a run would take first.
    pub locks: Vec<Lock>,
    /// The tables that its rules only read, in name order.
    pub only_read: Vec<String>,
    /// About how long it would hold them, in milliseconds.
    pub about_ms: u64,
    /// What each strategy would cost; empty where there is nothing to write.
    pub strategies: Vec<StrategyEstimate>,
    /// How long the plan itself held the locks, where it had to try SQL files.
    pub held: Option<Duration>,
}

/// About what it would cost to write the changes of a plan by one strategy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StrategyEstimate {
    /// The strategy.
    pub strategy: Strategy,
    /// About how long it would take, in milliseconds.
    pub about_ms: u64,
    /// Whether it is the folder's.
    pub chosen: bool,
    /// Why it would not be used for one of the changes, if so.
    pub against: Option<String>,
}
