//! What rules say together: arms that can never match, values that a list or lookup misses.

use std::collections::BTreeSet;

use jiff::civil::Date;
use leora_folder::{Manifest, ScriptFolder};
use leora_host::{ReachedRule, permit};
use leora_report::{Finding, FindingKind, Place};
use leora_rule::{Arm, Assignment, Expr, Node, Rule, Value, unreachable_arms};

use crate::ScriptError;

/// What is wrong with the rules that a folder came to.
pub(crate) fn of_rules(
    reached: &[ReachedRule],
    folder: &ScriptFolder,
    as_of: Date,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for (index, ReachedRule { rule, .. }) in reached.iter().enumerate() {
        found.extend(not_allowed(rule, folder, &folder.manifest));
        found.extend(unreachable(rule, folder, as_of));
        found.extend(unlisted(rule, folder));
        found.extend(unmapped(rule, &reached[..index], folder));
    }
    found
}

/// The first sign of a line: rules and arms know their line alone.
fn place(rule: &Rule, line: Option<usize>, folder: &ScriptFolder) -> Option<Place> {
    let written = rule.location.as_ref()?;
    let line = line.unwrap_or(written.line);
    let source = folder.sources().find(|source| source.path == written.file)?;
    let text = source.text.lines().nth(line.checked_sub(1)?)?;
    let indent = text.chars().take_while(|sign| sign.is_whitespace()).count();
    Some(Place { file: written.file.clone(), line, column: indent + 1 })
}

fn not_allowed(rule: &Rule, folder: &ScriptFolder, manifest: &Manifest) -> Option<Finding> {
    let refused = permit::check_column(manifest, &rule.table, &rule.column).err()?;
    let error = ScriptError { place: place(rule, None, folder), ..refused.into() };
    Some(error.into_finding(FindingKind::NotAllowed))
}

fn unreachable(rule: &Rule, folder: &ScriptFolder, as_of: Date) -> Vec<Finding> {
    let arms = rule.arms();
    let finding = |one: leora_rule::UnreachableArm| {
        let line =
            |arm: usize| arms[arm].line.map(|line| format!(", line {line},")).unwrap_or_default();
        let (number, before) = (one.arm + 1, one.covered_by + 1);
        Finding {
            kind: FindingKind::UnreachableArm,
            message: format!(
                "arm {number} can never match: arm {before}{} takes every row that it would",
                line(one.covered_by)
            ),
            help: Some(
                "put the narrower of the two first, or check the limits that they use".into(),
            ),
            place: place(rule, arms[one.arm].line, folder),
        }
    };
    match rule.assignment {
        Assignment::Arms(_) => unreachable_arms(rule, as_of).into_iter().map(finding).collect(),
        _ => vec![],
    }
}

/// The values that a rule's arms give as they are written.
fn values(rule: &Rule) -> Vec<Value> {
    let literal = |arm: &Arm| match arm.value.node() {
        Node::Literal(value) if *value != Value::Null => Some(value.clone()),
        _ => None,
    };
    rule.arms().iter().filter_map(literal).collect()
}

fn texts(values: &[Value]) -> BTreeSet<String> {
    values.iter().map(ToString::to_string).collect()
}

/// A list in `where`, of the column that the rule sets, that has some of the values of its arms and not all: when it runs
/// again, rows that it gave the others are left out.
fn unlisted(rule: &Rule, folder: &ScriptFolder) -> Option<Finding> {
    let given = texts(&values(rule));
    let list = lists(rule.filter.as_ref()?, &rule.column).into_iter().find(|list| {
        let several = list.len() > 1 && list.is_subset(&given);
        several && list.len() < given.len()
    })?;
    let missing: Vec<&str> = given.difference(&list).map(String::as_str).collect();
    Some(Finding {
        kind: FindingKind::MissingValue,
        message: format!(
            "the list in `where` misses {}, which the rule's own arms give: rows that have it are never looked at again",
            missing.join(" and ")
        ),
        help: Some(format!("add it to .is_one_of([...]) on {}", rule.column)),
        place: place(rule, None, folder),
    })
}

/// The lists that a condition asks a column for.
fn lists(condition: &Expr, column: &str) -> Vec<BTreeSet<String>> {
    let own = match condition.node() {
        Node::IsOneOf(a, values) if *a.node() == Node::Column(column.to_owned()) => {
            Some(texts(values))
        }
        _ => None,
    };
    let inside = condition.node().children().into_iter().flat_map(|child| lists(child, column));
    own.into_iter().chain(inside).collect()
}

/// A lookup that lacks values which earlier rules give the column that it looks at.
fn unmapped(rule: &Rule, earlier: &[ReachedRule], folder: &ScriptFolder) -> Option<Finding> {
    let Assignment::Lookup { column, pairs } = &rule.assignment else { return None };
    let of_column = |one: &&ReachedRule| one.rule.table == rule.table && one.rule.column == *column;
    let given: Vec<Value> =
        earlier.iter().filter(of_column).flat_map(|one| values(&one.rule)).collect();
    let keys: Vec<Value> = pairs.iter().map(|pair| pair.key.clone()).collect();
    let (given, keys) = (texts(&given), texts(&keys));
    let missing: Vec<&str> = given.difference(&keys).map(String::as_str).collect();
    if missing.is_empty() {
        return None;
    }
    let line = pairs.iter().filter_map(|pair| pair.line).min();
    Some(Finding {
        kind: FindingKind::MissingValue,
        message: format!(
            "this lookup has no value for {}, which an earlier rule gives {column}: such rows are left alone",
            missing.join(" and ")
        ),
        help: Some(format!("add it, as in #{{ {}: \"...\" }}", missing[0])),
        place: place(rule, line, folder),
    })
}
