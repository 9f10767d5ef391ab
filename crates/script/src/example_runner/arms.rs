//! The arms of rules, identified by where they are written: several dry runs come to the same arm.

use leora_report::{ArmPlace, Place};
use leora_rule::{Arm, Assignment, Node, Rule};

/// The file and line of the rule, its column, and the number of the arm.
pub(crate) type ArmKey = (String, usize, String, usize);

fn is_in_data_file(rule: &Rule) -> bool {
    rule.location.as_ref().is_some_and(|location| location.data_file.is_some())
}

pub(crate) fn arm_key(rule: &Rule, arm: usize) -> ArmKey {
    let arm = if is_in_data_file(rule) { 0 } else { arm };
    let (file, line) = match &rule.location {
        Some(written) => (written.file.clone(), written.line),
        None => (String::new(), 0),
    };
    (file, line, rule.column.clone(), arm)
}

/// The arms that examples should reach: of a lookup in a data file, the first stands for all.
pub(crate) fn arms(rule: &Rule) -> Vec<(ArmKey, ArmPlace)> {
    let arms = rule.arms();
    let count = if is_in_data_file(rule) { arms.len().min(1) } else { arms.len() };
    (0..count).map(|number| (arm_key(rule, number), place_of(rule, &arms, number))).collect()
}

pub(crate) fn arm_place(rule: &Rule, number: usize) -> ArmPlace {
    place_of(rule, &rule.arms(), number)
}

fn place_of(rule: &Rule, arms: &[Arm], number: usize) -> ArmPlace {
    let arm = &arms[number];
    ArmPlace {
        column: format!("{}.{}", rule.table, rule.column),
        arm: number + 1,
        key: match &rule.assignment {
            Assignment::Lookup { pairs, .. } => Some(pairs[number].key.to_string()),
            Assignment::Arms(_) | Assignment::Value(_) => None,
        },
        value: match arm.value.node() {
            Node::Literal(value) => Some(value.to_string()),
            _ => None,
        },
        place: line_of(rule, arm.line),
    }
}

/// A line of a rule, or the rule's own.
pub(crate) fn line_of(rule: &Rule, line: Option<usize>) -> Option<Place> {
    let written = rule.location.as_ref()?;
    let (file, line) = match line {
        Some(line) => (written.arm_file(), line),
        None => (written.file.as_str(), written.line),
    };
    Some(Place { file: file.to_owned(), line, column: 1 })
}
