//! What `why` adds to the document of a report.

use std::collections::BTreeMap;

use leora_report::{NearestValue, NextChange, WhyReport, WhyRule};
use leora_rule::{Arm, ConditionVerdict, Node};
use serde::Serialize;

use crate::json::document::object;
use crate::wording::{describe_arm_verdict, describe_condition, describe_verdict};

#[derive(Serialize)]
pub(crate) struct WhyDocument<'r> {
    row: RowDocument<'r>,
    rules: Vec<RuleDocument<'r>>,
    notes: &'r [String],
}

impl<'r> WhyDocument<'r> {
    pub(crate) fn new(report: &'r WhyReport) -> Self {
        let WhyReport { table, key, labels, rules, notes } = report;
        Self {
            row: RowDocument { table, key: object(key), called: object(labels) },
            rules: rules.iter().map(RuleDocument::new).collect(),
            notes,
        }
    }
}

#[derive(Serialize)]
struct RowDocument<'r> {
    table: &'r str,
    key: BTreeMap<&'r str, &'r String>,
    called: BTreeMap<&'r str, &'r String>,
}

#[derive(Serialize)]
struct RuleDocument<'r> {
    table: &'r str,
    column: &'r str,
    step: usize,
    file: Option<&'r str>,
    rule_line: Option<usize>,
    exists: bool,
    awaits: &'r [String],
    reads: BTreeMap<String, &'r Option<String>>,
    /// From how many rows of other tables.
    of_rows: BTreeMap<String, u64>,
    r#where: Option<String>,
    taken: bool,
    against: Vec<PartDocument<'r>>,
    arms: Vec<ArmVerdictDocument>,
    arm: Option<String>,
    line: Option<usize>,
    now: &'r Option<String>,
    gives: &'r Option<String>,
    value: &'r Option<String>,
    turns: TurnsDocument<'r>,
}

impl<'r> RuleDocument<'r> {
    fn new(one: &'r WhyRule) -> Self {
        let WhyRule { rule, explanation, .. } = one;
        let arms = rule.arms();
        let winner = explanation.winner().map(|at| &arms[at]);
        let written = rule.location.as_ref();
        let names = explanation.reads.iter().map(|(name, _)| rule.shown_name(name));
        let counted = names.zip(&explanation.of_rows);
        let of_rows = counted.filter_map(|(name, rows)| Some((name, (*rows)?))).collect();
        let reads = explanation.reads.iter();
        let reads = reads.map(|(name, value)| (rule.shown_name(name), value)).collect();
        Self {
            table: &rule.table,
            column: &rule.column,
            step: one.step,
            file: written.map(|place| place.file.as_str()),
            rule_line: written.map(|place| place.line),
            exists: one.added_by.is_empty(),
            awaits: &one.added_by,
            reads,
            of_rows,
            r#where: rule.filter.as_ref().map(ToString::to_string),
            taken: explanation.taken == ConditionVerdict::Yes,
            against: explanation.against.iter().map(PartDocument::new).collect(),
            arms: arms.iter().zip(&explanation.arms).map(ArmVerdictDocument::new).collect(),
            arm: winner.map(describe_condition),
            line: winner.and_then(|arm| arm.line),
            now: &one.now,
            gives: &explanation.given,
            value: explanation.after(),
            turns: TurnsDocument {
                day: &one.next_change,
                no_day: &one.no_next_change,
                nearest: &one.nearest,
            },
        }
    }
}

/// A part of `where` that does not hold.
#[derive(Serialize)]
struct PartDocument<'r> {
    part: &'r str,
    verdict: &'static str,
}

impl<'r> PartDocument<'r> {
    fn new((part, verdict): &'r (String, ConditionVerdict)) -> Self {
        Self { part, verdict: describe_verdict(*verdict) }
    }
}

#[derive(Serialize)]
struct ArmVerdictDocument {
    condition: String,
    gives: Option<String>,
    line: Option<usize>,
    verdict: &'static str,
}

impl ArmVerdictDocument {
    fn new((arm, verdict): (&Arm, &ConditionVerdict)) -> Self {
        Self {
            condition: describe_condition(arm),
            gives: value(arm),
            line: arm.line,
            verdict: describe_arm_verdict(*verdict),
        }
    }
}

/// The value that an arm gives, as text; a calculation as it is written.
fn value(arm: &Arm) -> Option<String> {
    match arm.value.node() {
        Node::Literal(value) => value.to_sql_text(),
        _ => Some(arm.value.to_string()),
    }
}

#[derive(Serialize)]
struct TurnsDocument<'r> {
    day: &'r Option<NextChange>,
    no_day: &'r Option<String>,
    nearest: &'r [NearestValue],
}
