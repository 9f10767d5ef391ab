//! What a page shows of a rule beside what it did.

use leora_rule::{Sql, ThresholdModel};
use serde::Serialize;

use crate::ValueCount;

/// What is known of a rule and its rows before it ran.
#[derive(Clone, Debug)]
pub struct RuleStatistics {
    /// The statement that writes it; none of an undo.
    pub statement: Option<Sql>,
    /// How many rows had each value before.
    pub before: Vec<ValueCount>,
    /// Its thresholds and the rows by day, where its values depend on one date column alone.
    pub thresholds: Option<ThresholdHistogram>,
}

/// A rule over one date column, and the rows that it could decide, by day.
#[derive(Clone, Debug)]
pub struct ThresholdHistogram {
    /// The rule.
    pub model: ThresholdModel,
    /// The rows; those that `where` takes, or leaves out, and had one value stand together.
    pub buckets: Vec<HistogramBucket>,
}

/// Rows of one day that had one value, and that `where` takes or leaves out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistogramBucket {
    /// When.
    pub day: HistogramDay,
    /// Whether `where` takes them.
    pub taken: bool,
    /// The value that they had.
    pub old: Option<String>,
    /// How many rows.
    pub rows: u64,
}

/// A day of the histogram; in JSON a number, `"infinity"`, `"-infinity"` or null.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum HistogramDay {
    /// `infinity`
    #[serde(rename = "infinity")]
    Infinity,
    /// `-infinity`
    #[serde(rename = "-infinity")]
    NegativeInfinity,
    /// Days from the business date, negative before it.
    #[serde(untagged)]
    FromToday(i64),
    /// There is no date.
    #[serde(untagged)]
    Missing,
}
