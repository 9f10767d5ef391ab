//! For each other value that a rule could give the row: the nearest values of single columns with which it would.

use std::collections::BTreeMap;

use leora_execution::CollectedRule;
use leora_postgres::Reader;
use leora_report::{Failure, NearestValue};
use leora_rule::{Counterfactual, RowExplanation, Value, midnight};

use crate::commands::shared::rule_failure;
use crate::commands::why::asked_row::AskedRow;
use crate::commands::why::distance::Distance;

/// The most columns that are told of each other value.
const MOST_COLUMNS: usize = 3;

pub(crate) fn nearest_values(
    row: &AskedRow<'_>,
    collected: &CollectedRule,
    explanation: &RowExplanation,
) -> Result<Vec<NearestValue>, Failure> {
    let CollectedRule { rule, relation, .. } = collected;
    let mut counterfactuals = rule.counterfactuals(relation, row.as_of);
    if counterfactuals.is_empty() {
        return Ok(vec![]);
    }
    let ask = |tried: &[Counterfactual]| -> Result<Option<Vec<Vec<Option<String>>>>, Failure> {
        let compiled = rule.compile_counterfactuals(tried, relation, row.key, row.as_of);
        let sql = compiled.map_err(rule_failure)?;
        Ok(row.collector.with_session(|session| Reader::new(session).try_texts(&sql))?)
    };
    let answers = match ask(&counterfactuals)? {
        Some(answers) => Some(answers),
        // One that is computed may be too large for its column.
        None => {
            counterfactuals.retain(|one| !one.is_computed());
            if counterfactuals.is_empty() { None } else { ask(&counterfactuals)? }
        }
    };
    // The number of each counterfactual, what the rule gives under it, and its value. The server may give them in any order.
    let read = |answer: Vec<Option<String>>| {
        let mut cells = answer.into_iter();
        let number = cells.next().flatten()?.parse::<usize>().ok()?;
        Some((number, (cells.next().flatten(), cells.next().flatten())))
    };
    let given: BTreeMap<usize, (Option<String>, Option<String>)> =
        answers.into_iter().flatten().filter_map(read).collect();
    let mut nearest: Vec<(NearestValue, Distance)> = Vec::new();
    for (number, (gives, text)) in given {
        let Some(tried) = counterfactuals.get(number) else { continue };
        if gives == explanation.given {
            continue;
        }
        let Some(value) = tried.value(text.as_deref(), relation) else { continue };
        if !rule.can_have(&tried.column, &value) {
            continue;
        }
        let now = explanation.value_read(&tried.column);
        let column = relation.table.shown_name(&tried.column).to_owned();
        let distance = Distance::between(now.as_deref(), &value);
        // Distances of different columns can't be compared: each has its own.
        let same = |(known, _): &&mut (NearestValue, Distance)| {
            known.gives == gives && known.column == column
        };
        match nearest.iter_mut().find(same) {
            Some((_, known)) if !distance.is_nearer_than(known) => {}
            found => {
                let counts_rows = rule.is_number_of_rows(&tried.column);
                let words = if counts_rows { distance.in_rows() } else { distance.describe() };
                let value = value_text(&value);
                let better = (NearestValue { column, value, distance: words, gives }, distance);
                match found {
                    Some(known) => *known = better,
                    None => nearest.push(better),
                }
            }
        }
    }
    let mut shown: Vec<NearestValue> = Vec::new();
    for (value, _) in nearest {
        if shown.iter().filter(|known| known.gives == value.gives).count() < MOST_COLUMNS {
            shown.push(value);
        }
    }
    // Of each other value together, in the order in which they were found.
    let mut values: Vec<Option<String>> = Vec::new();
    for one in &shown {
        if !values.contains(&one.gives) {
            values.push(one.gives.clone());
        }
    }
    shown.sort_by_key(|one| values.iter().position(|gives| *gives == one.gives));
    Ok(shown)
}

fn value_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Timestamp(at) if *at == midnight(at.date()) => Some(at.date().to_string()),
        other => Some(other.to_string()),
    }
}
