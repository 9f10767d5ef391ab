//! The days at which arms begin or stop to match.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};

use crate::analysis::breakpoints::{threshold, threshold_moment};
use crate::analysis::what_if::Variant;
use crate::{Boundary, Expr, Node, Relation, Rule};

/// A boundary, and the first variant that has it.
pub(crate) struct Edge {
    pub(crate) variant: usize,
    pub(crate) at: DateTime,
    pub(crate) told: Boundary,
}

pub(crate) fn before(at: DateTime, days: u16) -> DateTime {
    at.saturating_sub(i64::from(days).days())
}

pub(crate) fn after(at: DateTime, days: u16) -> DateTime {
    at.saturating_add(i64::from(days).days())
}

/// The days at which the arms of the variants begin or stop to match.
pub(crate) fn edges(source: &Relation, variants: &[Variant], as_of: Date, near: u16) -> Vec<Edge> {
    let mut edges: Vec<Edge> = Vec::new();
    for (number, variant) in variants.iter().enumerate() {
        for rule in &variant.rules {
            let mut found = Vec::new();
            for condition in rule.arms().iter().filter_map(|arm| arm.condition.as_ref()) {
                comparisons(condition, &mut found);
            }
            for condition in found {
                let Some(edge) = edge(source, rule, &condition, as_of, near) else { continue };
                let edge = Edge { variant: number, ..edge };
                let settings = settings_of(&condition, &variant.settings);
                let same = |known: &&mut Edge| {
                    known.at == edge.at
                        && known.told.column == rule.column
                        && known.told.reads == edge.told.reads
                };
                let known = match edges.iter_mut().find(same) {
                    Some(known) => known,
                    None => {
                        edges.push(edge);
                        edges.last_mut().expect("one was pushed")
                    }
                };
                for setting in settings {
                    if !known.told.settings.contains(&setting) {
                        known.told.settings.push(setting);
                    }
                }
            }
        }
    }
    edges.sort_by_key(|edge| {
        (edge.told.column.clone(), edge.told.reads.clone(), std::cmp::Reverse(edge.at))
    });
    edges
}

fn comparisons(expr: &Expr, found: &mut Vec<Expr>) {
    if matches!(expr.node(), Node::Within(..) | Node::Compare(..)) {
        found.push(expr.clone());
    }
    expr.node().children().into_iter().for_each(|child| comparisons(child, found));
}

fn edge(source: &Relation, rule: &Rule, condition: &Expr, as_of: Date, near: u16) -> Option<Edge> {
    let threshold = threshold(condition, as_of)?;
    let column = source.table.column(threshold.column)?;
    let at = threshold_moment(&threshold, column)?;
    let told = Boundary {
        table: rule.table.clone(),
        column: rule.column.clone(),
        reads: column.name.clone(),
        condition: condition.to_string(),
        settings: vec![],
        on: at.date(),
        days: near,
        before: 0,
        after: 0,
    };
    Some(Edge { variant: 0, at, told })
}

/// The settings whose value is the period of a condition.
fn settings_of(condition: &Expr, settings: &[(String, String)]) -> Vec<String> {
    let periods: Vec<String> = match condition.node() {
        Node::Within(_, period) => vec![period.to_string()],
        Node::Compare(_, a, b) => [a, b]
            .iter()
            .filter_map(|side| match side.node() {
                Node::Ago(period) => Some(period.to_string()),
                _ => None,
            })
            .collect(),
        _ => vec![],
    };
    settings
        .iter()
        .filter(|(_, value)| periods.contains(value))
        .map(|(name, value)| format!("{name}={value}"))
        .collect()
}
