//! The results of rules under other settings.

use jiff::civil::Date;
use serde::Serialize;

use crate::Transition;

/// The values of a column under one combination of settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhatIfResult {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// The rows that `where` takes.
    pub taken: Population,
    /// The rows that the rule could decide: also those that it has decided already, see
    /// [`crate::Rule::including_decided`].
    pub decidable: Population,
}

/// The values of some rows under a combination of settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Population {
    /// How many rows would have each value, in the column's own order, no value last.
    pub distribution: Vec<(Option<String>, u64)>,
    /// The rows whose value would differ from the present one.
    pub transitions: Vec<Transition>,
}

impl Population {
    /// How many rows these are.
    pub fn rows(&self) -> u64 {
        self.distribution.iter().map(|(_, rows)| rows).sum()
    }

    /// How many of them would have another value than now.
    pub fn changed(&self) -> u64 {
        self.transitions.iter().map(|one| one.rows).sum()
    }

    /// How many would have this value.
    pub fn count(&self, value: Option<&str>) -> u64 {
        let same = |one: &&(Option<String>, u64)| one.0.as_deref() == value;
        self.distribution.iter().filter(same).map(|(_, rows)| rows).sum()
    }
}

/// A day at which an arm of a rule stops or begins to match, and how many of the rows that the rule could decide are
/// near it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Boundary {
    /// The table.
    pub table: String,
    /// The column that the rule sets.
    pub column: String,
    /// The column of dates.
    pub reads: String,
    /// The condition, as `lastOrderDate.within(6mo)`.
    pub condition: String,
    /// The settings that give it, as `active_within=6mo`.
    pub settings: Vec<String>,
    /// The day, from its midnight (UTC).
    pub on: Date,
    /// How many days near is.
    pub days: u16,
    /// The rows within so many days before it.
    pub before: u64,
    /// The rows from it on, within so many days.
    pub after: u64,
}
