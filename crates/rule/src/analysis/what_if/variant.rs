//! The rules under one combination of settings.

use std::collections::BTreeSet;

use crate::Rule;

/// The rules of one combination of settings on one table, in order.
#[derive(Clone, Debug)]
pub struct Variant {
    /// The settings in force, with their values.
    pub settings: Vec<(String, String)>,
    /// The rules.
    pub rules: Vec<Rule>,
}

/// Which rows the rules of a variant are evaluated on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those that they could decide: also those that an earlier run has decided, which `where` leaves out now. The server may
    /// fail on one of these, as by a division by zero.
    Decidable,
    /// Those that `where` takes, as a run does it.
    Taken,
}

impl Variant {
    /// The columns that the rules set.
    pub(super) fn columns(&self) -> BTreeSet<String> {
        self.rules.iter().map(|rule| rule.column.clone()).collect()
    }
}
