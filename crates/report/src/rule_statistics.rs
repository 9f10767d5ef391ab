//! What a page shows of a rule beside what it did.

use leora_rule::{Sql, ThresholdModel};

use crate::Share;

/// What is known of a rule and its rows before it ran.
#[derive(Clone, Debug)]
pub struct RuleStatistics {
    /// The statement that it becomes, of a rule that is applied.
    pub statement: Option<Sql>,
    /// How many rows had each value before.
    pub before: Vec<Share>,
    /// Its thresholds and the rows by day, where its values depend on one date column alone.
    pub threshold_model: Option<(ThresholdModel, Vec<Bucket>)>,
}

/// Rows of one day, one value, and one fate under `where`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// When.
    pub day: Day,
    /// Whether `where` takes them.
    pub taken: bool,
    /// The value that they had.
    pub old: Option<String>,
    /// How many rows.
    pub rows: u64,
}

/// A day of the histogram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    /// Days from the business date, negative before it.
    At(i64),
    /// `infinity`
    Never,
    /// `-infinity`
    Always,
    /// There is no date.
    Missing,
}
