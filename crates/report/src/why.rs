//! Why a row gets its values.

use jiff::civil::Date;
use leora_rule::{RowExplanation, Rule};
use serde::Serialize;

/// Why a row gets its values.
#[derive(Clone, Debug)]
pub struct WhyReport {
    /// The table.
    pub table: String,
    /// The columns of its key, and the row's values.
    pub key: Vec<(String, String)>,
    /// What else identifies the row to people: columns, such as a number and a name, and their values.
    pub labels: Vec<(String, String)>,
    /// The rules on this table, in order.
    pub rules: Vec<WhyRule>,
    /// What could not be evaluated, and what would end a run.
    pub notes: Vec<String>,
}

/// What one rule makes of the row, and why.
#[derive(Clone, Debug)]
pub struct WhyRule {
    /// The rule.
    pub rule: Rule,
    /// The step, from 1.
    pub step: usize,
    /// The SQL files that may add the column, where the table does not have it yet.
    pub added_by: Vec<String>,
    /// The value that the row has now.
    pub now: Option<String>,
    /// What the server says of each part of the rule.
    pub explanation: RowExplanation,
    /// The first day to come on which its arms give another value.
    pub next_change: Option<NextChange>,
    /// Why there is no such day, of a rule that looks at how long ago something is.
    pub no_next_change: Option<String>,
    /// The nearest values of single columns with which its arms would give another value.
    pub nearest: Vec<NearestValue>,
    /// Settings of its script that are off, and the comments beside them.
    pub switches: Vec<(String, Option<String>)>,
}

/// A day from which on another arm wins, if the row stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NextChange {
    /// The day.
    pub on: Date,
    /// How many days from the business date.
    pub days: i64,
    /// The value that the arms give from then on.
    pub gives: Option<String>,
}

/// A value of one column with which another arm wins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NearestValue {
    /// The column.
    pub column: String,
    /// The value it would have.
    pub value: Option<String>,
    /// How far that is from the value it has, in words, such as `12 days later`.
    pub distance: Option<String>,
    /// The value that the arms would give.
    pub gives: Option<String>,
}
