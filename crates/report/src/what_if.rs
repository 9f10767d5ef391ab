//! What other settings would give.

use leora_rule::{Boundary, WhatIfResult};

use crate::ThresholdHistogram;

/// What other settings would give.
#[derive(Clone, Debug, Default)]
pub struct WhatIfReport {
    /// The settings that were varied, in the order given, with their values.
    pub varied: Vec<(String, Vec<String>)>,
    /// Every combination of their values.
    pub combinations: Vec<Combination>,
    /// The days at which an arm begins or stops to match, and the rows near them.
    pub boundaries: Vec<Boundary>,
    /// What could not be evaluated, and what would end a run.
    pub notes: Vec<String>,
    /// The rules whose thresholds a page can move; empty unless a page is written.
    pub thresholds: Vec<ThresholdReport>,
    /// How long the pass over the data took, in milliseconds.
    pub reading_ms: u64,
}

impl WhatIfReport {
    /// The columns that rules set, as table and column, in order.
    pub fn columns(&self) -> Vec<(&str, &str)> {
        let mut all = Vec::new();
        for result in self.combinations.iter().flat_map(|one| &one.results) {
            let name = (result.table.as_str(), result.column.as_str());
            if !all.contains(&name) {
                all.push(name);
            }
        }
        all
    }

    /// Whether a combination gives a column other values than another does.
    pub fn is_varied(&self, table: &str, column: &str) -> bool {
        let results = self.results(table, column);
        results.len() != self.combinations.len()
            || results.windows(2).any(|two| two[0].1 != two[1].1)
    }

    /// The combinations that set a column, with what they make of it.
    pub fn results(&self, table: &str, column: &str) -> Vec<(&Combination, &WhatIfResult)> {
        let same = |result: &&WhatIfResult| result.table == table && result.column == column;
        self.combinations
            .iter()
            .filter_map(|one| Some((one, one.results.iter().find(same)?)))
            .collect()
    }
}

/// A rule whose thresholds a page can move.
#[derive(Clone, Debug)]
pub struct ThresholdReport {
    /// The table.
    pub table: String,
    /// The column that the rule sets.
    pub column: String,
    /// The rule, and the rows that it could decide.
    pub histogram: ThresholdHistogram,
}

/// One combination of settings, and what its rules give.
#[derive(Clone, Debug)]
pub struct Combination {
    /// The varied settings with their values, in the order given.
    pub settings: Vec<(String, String)>,
    /// Whether these are the values in force now.
    pub in_force: bool,
    /// What becomes of each column, in the order in which rules set them.
    pub results: Vec<WhatIfResult>,
}
