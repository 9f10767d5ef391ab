//! The nearest value of a single column with which a rule would give the row something else.

use std::collections::BTreeMap;

use leora_execution::CollectedRule;
use leora_postgres::Reader;
use leora_report::{Failure, NearestValue};
use leora_rule::{Counterfactual, RowExplanation, Value, midnight};

use crate::commands::shared::rule_failure;
use crate::commands::why::asked_row::AskedRow;
use crate::commands::why::distance::Distance;

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
        match nearest.iter_mut().find(|(known, _)| known.gives == gives) {
            Some((_, known)) if !distance.is_nearer_than(known) => {}
            found => {
                let (value, words) = (value_text(&value), distance.describe());
                let better = (NearestValue { column, value, distance: words, gives }, distance);
                match found {
                    Some(known) => *known = better,
                    None => nearest.push(better),
                }
            }
        }
    }
    Ok(nearest.into_iter().map(|(value, _)| value).collect())
}

fn value_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Timestamp(at) if *at == midnight(at.date()) => Some(at.date().to_string()),
        other => Some(other.to_string()),
    }
}
