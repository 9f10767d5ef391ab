//! What `what-if` adds to the document of a report.

use std::collections::BTreeMap;

use leora_report::{Combination, WhatIfReport};
use leora_rule::{Boundary, WhatIfResult};
use serde::Serialize;

use crate::json::document::object;

#[derive(Serialize)]
pub(crate) struct WhatIfDocument<'r> {
    varied: BTreeMap<&'r str, &'r Vec<String>>,
    combinations: Vec<CombinationDocument<'r>>,
    boundaries: &'r [Boundary],
    notes: &'r [String],
    reading_ms: u64,
}

impl<'r> WhatIfDocument<'r> {
    pub(crate) fn new(report: &'r WhatIfReport) -> Self {
        Self {
            varied: object(&report.varied),
            combinations: report.combinations.iter().map(CombinationDocument::new).collect(),
            boundaries: &report.boundaries,
            notes: &report.notes,
            reading_ms: report.reading_ms,
        }
    }
}

#[derive(Serialize)]
struct CombinationDocument<'r> {
    settings: BTreeMap<&'r str, &'r String>,
    in_force: bool,
    distribution: Vec<ValueDocument<'r>>,
    transitions: Vec<MoveDocument<'r>>,
}

impl<'r> CombinationDocument<'r> {
    fn new(combination: &'r Combination) -> Self {
        let Combination { settings, in_force, results } = combination;
        Self {
            settings: object(settings),
            in_force: *in_force,
            distribution: results.iter().flat_map(values).collect(),
            transitions: results.iter().flat_map(moves).collect(),
        }
    }
}

/// How many rows come to have a value: those that `where` takes now, and all that the rule could decide.
#[derive(Serialize)]
struct ValueDocument<'r> {
    table: &'r str,
    column: &'r str,
    value: Option<&'r str>,
    rows: u64,
    decidable: u64,
}

fn values(result: &WhatIfResult) -> impl Iterator<Item = ValueDocument<'_>> {
    let WhatIfResult { table, column, taken, decidable } = result;
    decidable.distribution.iter().map(move |(value, rows)| {
        let value = value.as_deref();
        ValueDocument { table, column, value, rows: taken.count(value), decidable: *rows }
    })
}

/// How many rows go from one value to another, of the same two populations.
#[derive(Serialize)]
struct MoveDocument<'r> {
    table: &'r str,
    column: &'r str,
    old: Option<&'r str>,
    new: Option<&'r str>,
    rows: u64,
    decidable: u64,
}

fn moves(result: &WhatIfResult) -> impl Iterator<Item = MoveDocument<'_>> {
    let WhatIfResult { table, column, taken, decidable } = result;
    decidable.transitions.iter().map(move |one| {
        let same =
            taken.transitions.iter().find(|other| (&other.old, &other.new) == (&one.old, &one.new));
        MoveDocument {
            table,
            column,
            old: one.old.as_deref(),
            new: one.new.as_deref(),
            rows: same.map_or(0, |other| other.rows),
            decidable: one.rows,
        }
    })
}
