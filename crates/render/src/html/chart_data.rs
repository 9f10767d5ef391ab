//! The numbers behind a chart: how many rows had each value before and after, and which went where.

use std::cmp::Reverse;

use leora_report::ValueCount;
use leora_rule::Transition;

use crate::wording::describe_value;

/// The most values that a chart shows one by one; the others share one.
const SHOWN: usize = 10;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChartValue {
    pub(crate) label: String,
    /// The colour's class; `none` for no value.
    pub(crate) class: String,
    pub(crate) before: u64,
    pub(crate) after: u64,
}

/// Rows that go from one value to another, or stay; positions in the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flow {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) rows: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct ChartData {
    pub(crate) values: Vec<ChartValue>,
    pub(crate) flows: Vec<Flow>,
}

impl ChartData {
    /// From the distribution before, where it was read, and the transitions.
    pub(crate) fn new(before: &[ValueCount], transitions: &[Transition]) -> Self {
        let names = distinct_values(before, transitions);
        let shown = names.len().min(SHOWN + 1);
        let position = |value: &Option<String>| {
            let at = names.iter().position(|one| one == value).unwrap_or(names.len());
            at.min(shown - 1)
        };
        let mut values: Vec<ChartValue> = (0..shown).map(|at| chart_value(&names, at)).collect();
        for one in before {
            values[position(&one.value)].before += one.rows;
            values[position(&one.value)].after += one.rows;
        }
        let mut flows: Vec<Flow> = Vec::new();
        for one in transitions {
            let (from, to) = (position(&one.old), position(&one.new));
            if before.is_empty() {
                values[from].before += one.rows;
                values[from].after += one.rows;
            }
            values[from].after = values[from].after.saturating_sub(one.rows);
            values[to].after += one.rows;
            add_flow(&mut flows, Flow { from, to, rows: one.rows });
        }
        for (at, one) in values.iter().enumerate() {
            let left: u64 = flows.iter().filter(|flow| flow.from == at).map(|flow| flow.rows).sum();
            let stays = one.before.saturating_sub(left);
            if stays > 0 {
                add_flow(&mut flows, Flow { from: at, to: at, rows: stays });
            }
        }
        flows.sort_by_key(|flow| (flow.from, flow.to));
        Self { values, flows }
    }

    pub(crate) fn total(&self) -> u64 {
        self.values.iter().map(|one| one.before).sum()
    }
}

fn add_flow(flows: &mut Vec<Flow>, flow: Flow) {
    match flows.iter_mut().find(|known| (known.from, known.to) == (flow.from, flow.to)) {
        Some(known) => known.rows += flow.rows,
        None => flows.push(flow),
    }
}

/// Every value once: those that rows have before in the column's order, then those that they come to have, none last.
/// When there are many, those of most rows come first.
fn distinct_values(before: &[ValueCount], transitions: &[Transition]) -> Vec<Option<String>> {
    let mut values: Vec<Option<String>> = Vec::new();
    let new = transitions.iter().map(|one| &one.new);
    let old = transitions.iter().map(|one| &one.old);
    for value in before.iter().map(|one| &one.value).chain(new).chain(old) {
        if !values.contains(value) {
            values.push(value.clone());
        }
    }
    if values.len() <= SHOWN {
        values.sort_by_key(Option::is_none);
        return values;
    }
    values.sort_by_key(|value| {
        let had = before.iter().filter(|one| one.value == *value).map(|one| one.rows);
        let get = transitions.iter().filter(|one| one.new == *value).map(|one| one.rows);
        Reverse(had.sum::<u64>().max(get.sum()))
    });
    values
}

fn chart_value(values: &[Option<String>], at: usize) -> ChartValue {
    let (label, class) = match at {
        SHOWN => (format!("{} others", values.len() - SHOWN), "none".into()),
        _ => (describe_value(&values[at]).to_owned(), color_class(at, &values[at])),
    };
    ChartValue { label, class, before: 0, after: 0 }
}

pub(crate) fn color_class(at: usize, value: &Option<String>) -> String {
    if value.is_none() { "none".into() } else { format!("v{}", at % 8) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(value: &str, rows: u64) -> ValueCount {
        ValueCount { value: Some(value.into()), rows }
    }

    fn transition(old: Option<&str>, new: &str, rows: u64) -> Transition {
        Transition { old: old.map(Into::into), new: Some(new.into()), rows }
    }

    #[test]
    fn rows_that_no_transition_takes_stay() {
        let before = [count("A", 10), count("B", 4)];
        let chart = ChartData::new(&before, &[transition(Some("A"), "B", 3)]);
        let counts: Vec<_> = chart.values.iter().map(|one| (one.before, one.after)).collect();
        assert_eq!(counts, [(10, 7), (4, 7)]);
        let flows: Vec<_> = chart.flows.iter().map(|one| (one.from, one.to, one.rows)).collect();
        assert_eq!(flows, [(0, 0, 7), (0, 1, 3), (1, 1, 4)]);
        assert_eq!(chart.total(), 14);
    }

    #[test]
    fn without_a_distribution_the_transitions_are_all_there_is() {
        let chart = ChartData::new(&[], &[transition(None, "A", 2), transition(None, "B", 1)]);
        let values: Vec<_> =
            chart.values.iter().map(|one| (one.label.as_str(), one.before, one.after)).collect();
        assert_eq!(values, [("A", 0, 2), ("B", 0, 1), ("(none)", 3, 0)]);
    }

    #[test]
    fn many_values_share_one_for_the_rest() {
        let before: Vec<_> = (0..14).map(|at| count(&format!("v{at:02}"), 100 - at)).collect();
        let chart = ChartData::new(&before, &[]);
        assert_eq!(chart.values.len(), 11);
        assert_eq!(
            (chart.values[10].label.as_str(), chart.values[10].before),
            ("4 others", 90 + 89 + 88 + 87)
        );
    }
}
