//! Reads the results of the statement.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::analysis::what_if::parts::{BOTH, DECIDABLE, NEAR, TAKEN};
use crate::{Boundary, DataType, Kind, Population, Transition, WhatIf, WhatIfResult};

/// The first cells of a row: variant, what is counted, boundary, rows (before it), rows after it.
type Head = [Option<String>; 5];
/// The cells of one column: whether a rule took the row, old value, new value, whether they differ.
type Cells = [Option<String>; 4];

impl WhatIf {
    /// Reads the rows of the statement: the columns of each variant, and the boundaries.
    pub fn read(self, rows: Vec<Vec<Option<String>>>) -> (Vec<Vec<WhatIfResult>>, Vec<Boundary>) {
        let mut boundaries = self.boundaries;
        let results = |set: &BTreeSet<String>| -> Vec<WhatIfResult> {
            let ordered = self.set.iter().filter(|(name, _)| set.contains(name));
            ordered.map(|(name, _)| empty(&self.table, name)).collect()
        };
        let mut variants: Vec<Vec<WhatIfResult>> = self.variants.iter().map(results).collect();
        for mut row in rows {
            let cells = row.split_off(row.len().min(5));
            let Ok(head) = Head::try_from(row) else { continue };
            if head[1].as_deref() == Some(NEAR) {
                count_near(&head, &mut boundaries);
                continue;
            }
            for ((name, _), cells) in self.set.iter().zip(cells.chunks_exact(4)) {
                if let Ok(cells) = Cells::try_from(cells.to_vec()) {
                    count(&head, name, &cells, &mut variants);
                }
            }
        }
        for (name, data_type) in &self.set {
            for result in variants.iter_mut().flatten().filter(|one| one.column == *name) {
                sort(&mut result.taken, data_type);
                sort(&mut result.decidable, data_type);
            }
        }
        for boundary in &mut boundaries {
            if let Some((_, shown)) = self.figures.iter().find(|(name, _)| *name == boundary.reads)
            {
                boundary.reads.clone_from(shown);
            }
        }
        (variants, boundaries)
    }
}

fn empty(table: &str, column: &str) -> WhatIfResult {
    let (taken, decidable) = (Population::default(), Population::default());
    WhatIfResult { table: table.to_owned(), column: column.to_owned(), taken, decidable }
}

fn number<T: std::str::FromStr>(text: &Option<String>) -> Option<T> {
    text.as_ref().and_then(|text| text.parse().ok())
}

fn count_near([_, _, boundary, before, after]: &Head, boundaries: &mut [Boundary]) {
    if let Some(boundary) = number(boundary).and_then(|at: usize| boundaries.get_mut(at)) {
        boundary.before = number(before).unwrap_or(0);
        boundary.after = number(after).unwrap_or(0);
    }
}

fn count(head: &Head, column: &str, cells: &Cells, variants: &mut [Vec<WhatIfResult>]) {
    let [variant, part, _, rows, _] = head;
    let [taken, old, new, changed] = cells;
    let variant = number(variant).and_then(|at: usize| variants.get_mut(at));
    let result = variant.and_then(|all| all.iter_mut().find(|one| one.column == column));
    let (Some(result), Some("true")) = (result, taken.as_deref()) else { return };
    let moved = Transition { old: old.clone(), new: new.clone(), rows: number(rows).unwrap_or(0) };
    let changed = changed.as_deref() == Some("true");
    for (population, name) in [(&mut result.taken, TAKEN), (&mut result.decidable, DECIDABLE)] {
        if [Some(name), Some(BOTH)].contains(&part.as_deref()) {
            add(population, &moved, changed);
        }
    }
}

fn add(population: &mut Population, moved: &Transition, changed: bool) {
    match population.distribution.iter_mut().find(|(value, _)| *value == moved.new) {
        Some((_, sum)) => *sum += moved.rows,
        None => population.distribution.push((moved.new.clone(), moved.rows)),
    }
    if !changed {
        return;
    }
    let same = |one: &&mut Transition| one.old == moved.old && one.new == moved.new;
    match population.transitions.iter_mut().find(same) {
        Some(known) => known.rows += moved.rows,
        None => population.transitions.push(moved.clone()),
    }
}

/// Sorts in the column's own order; no value comes last in the distribution, and first among old values.
fn sort(population: &mut Population, data_type: &DataType) {
    let place = |value: &Option<String>| place(data_type, value.as_deref());
    population.distribution.sort_by_key(|(value, _)| (value.is_none(), place(value)));
    population.transitions.sort_by_key(|one| {
        (one.old.is_some(), place(&one.old), one.new.is_none(), place(&one.new))
    });
}

/// The place of a value among those of its type.
fn place(data_type: &DataType, value: Option<&str>) -> (Decimal, String) {
    let text = value.unwrap_or_default().to_owned();
    let number = match &data_type.kind {
        Kind::Enum { labels, .. } => {
            labels.iter().position(|label| *label == text).unwrap_or(labels.len()).into()
        }
        Kind::Integer { .. } | Kind::Decimal | Kind::Float => text.parse().unwrap_or_default(),
        Kind::Bool
        | Kind::Text
        | Kind::Uuid
        | Kind::Date
        | Kind::Timestamp
        | Kind::TimestampTz
        | Kind::Other => Decimal::ZERO,
    };
    (number, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{AS_OF, col, customers, priority};
    use crate::{Reach, Variant};

    #[test]
    fn the_rows_of_the_statement_become_distributions_in_the_order_of_the_enum() {
        let rule = priority([(Some(col("seen").within("6mo")), "HIGH"), (None, "LOW")]);
        let variants = [Variant { settings: vec![], rules: vec![rule] }];
        let what_if =
            WhatIf::compile(&customers(), &variants, Reach::Decidable, AS_OF, 14).expect("a rule");
        let row = |cells: [&str; 9]| -> Vec<Option<String>> {
            cells.map(|cell| (!cell.is_empty()).then(|| cell.to_owned())).to_vec()
        };
        let (results, boundaries) = what_if.read(vec![
            row(["0", "both", "", "3", "", "true", "LOW", "HIGH", "true"]),
            row(["0", "both", "", "2", "", "true", "", "LOW", "true"]),
            row(["0", "both", "", "1", "", "true", "HIGH", "HIGH", "false"]),
            row(["", "near", "0", "4", "5", "", "", "", ""]),
        ]);
        let taken = &results[0][0].taken;
        let value = |text: &str| Some(text.to_owned());
        assert_eq!(taken.distribution, [(value("LOW"), 2), (value("HIGH"), 4)]);
        assert_eq!((taken.rows(), taken.changed(), taken.count(Some("HIGH"))), (6, 5, 4));
        let moves: Vec<String> = taken.transitions.iter().map(ToString::to_string).collect();
        assert_eq!(moves, ["(none) -> LOW", "LOW -> HIGH"]);
        assert_eq!(results[0][0].decidable, *taken);
        assert_eq!((boundaries[0].before, boundaries[0].after), (4, 5));
    }
}
