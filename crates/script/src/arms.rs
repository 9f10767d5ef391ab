//! The arms of rules, each told from the others by where it is written.

use leora_report::{ArmPlace, Place};
use leora_rule::{Assignment, Node, Rule};

/// An arm, told from others: the rule's file and line, its column, and the arm's number.
pub(crate) type ArmKey = (String, usize, String, usize);

pub(crate) fn key(rule: &Rule, arm: usize) -> ArmKey {
    let written = rule.location.as_ref();
    let file = written.map_or_else(String::new, |written| written.file.clone());
    (file, written.map_or(0, |written| written.line), rule.column.clone(), arm)
}

pub(crate) fn arms(rule: &Rule) -> Vec<(ArmKey, ArmPlace)> {
    (0..rule.arms().len()).map(|arm| (key(rule, arm), arm_place(rule, arm))).collect()
}

pub(crate) fn arm_place(rule: &Rule, arm: usize) -> ArmPlace {
    let tried = &rule.arms()[arm];
    let value = match tried.value.node() {
        Node::Literal(value) => Some(value.to_string()),
        _ => None,
    };
    ArmPlace {
        column: format!("{}.{}", rule.table, rule.column),
        arm: arm + 1,
        key: match &rule.assignment {
            Assignment::Lookup { pairs, .. } => Some(pairs[arm].key.to_string()),
            Assignment::Arms(_) | Assignment::Value(_) => None,
        },
        value,
        place: place(rule, tried.line),
    }
}

pub(crate) fn place(rule: &Rule, line: Option<usize>) -> Option<Place> {
    let written = rule.location.as_ref()?;
    Some(Place { file: written.file.clone(), line: line.unwrap_or(written.line), column: 1 })
}
