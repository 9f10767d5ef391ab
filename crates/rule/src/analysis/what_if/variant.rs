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

impl Variant {
    /// The columns that the rules set.
    pub(super) fn columns(&self) -> BTreeSet<String> {
        self.rules.iter().map(|rule| rule.column.clone()).collect()
    }
}
