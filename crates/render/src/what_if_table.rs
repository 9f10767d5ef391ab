//! What a `what-if` gives one column, as the table that the terminal and the page show.

use leora_report::{Combination, WhatIfReport};
use leora_rule::{Population, WhatIfResult};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CountedRows {
    /// Those that `where` takes now.
    Taken,
    /// All that the rule could decide, also those that it has decided before.
    Decidable,
}

impl CountedRows {
    fn of(self, result: &WhatIfResult) -> &Population {
        match self {
            Self::Taken => &result.taken,
            Self::Decidable => &result.decidable,
        }
    }
}

#[derive(Debug)]
pub(crate) struct WhatIfTable<'r> {
    pub(crate) rows: Vec<(&'r Combination, &'r Population)>,
    /// The values that occur: those of the first combination in the column's own order, then others; no value last.
    pub(crate) values: Vec<Option<String>>,
}

impl<'r> WhatIfTable<'r> {
    pub(crate) fn new(
        report: &'r WhatIfReport,
        table: &str,
        column: &str,
        counted: CountedRows,
    ) -> Self {
        let results = report.results(table, column).into_iter();
        let rows: Vec<_> = results.map(|(one, result)| (one, counted.of(result))).collect();
        let mut values: Vec<Option<String>> = Vec::new();
        for (value, _) in rows.iter().flat_map(|(_, population)| &population.distribution) {
            if !values.contains(value) {
                values.push(value.clone());
            }
        }
        values.sort_by_key(Option::is_none);
        Self { rows, values }
    }

    pub(crate) fn total(&self) -> u64 {
        self.rows.iter().map(|(_, population)| population.rows()).max().unwrap_or(0)
    }
}

/// The tables of a column: the rows that `where` takes now, unless these are all that the rule could decide; and those.
pub(crate) fn tables<'r>(
    report: &'r WhatIfReport,
    table: &str,
    column: &str,
) -> (Option<WhatIfTable<'r>>, WhatIfTable<'r>) {
    let results = report.results(table, column);
    let same = results.iter().all(|(_, result)| result.taken == result.decidable);
    let table_of = |counted| WhatIfTable::new(report, table, column, counted);
    let taken = (!same).then(|| table_of(CountedRows::Taken));
    (taken, table_of(CountedRows::Decidable))
}
