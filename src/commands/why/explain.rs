//! What the rules make of a row today, and on which day to come they first give another value.

use std::collections::BTreeSet;

use jiff::civil::Date;
use leora_execution::CollectedRule;
use leora_postgres::Reader;
use leora_report::{Failure, FailureKind, NextChange, WhyRule};
use leora_rule::{Relation, RowExplanation, RowExplanationQuery, Rule, TriedArms};

use crate::commands::shared::{Switches, rule_failure};
use crate::commands::why::asked_row::AskedRow;
use crate::commands::why::nearest_values::nearest_values;

/// The most days to come that are tried.
const MAX_DAYS: usize = 40;

pub(crate) fn explain_rules<'r>(
    row: &AskedRow<'_>,
    rules: impl Iterator<Item = (&'r CollectedRule, Switches)>,
) -> Result<Vec<WhyRule>, Failure> {
    let mut explained: Vec<WhyRule> = Vec::new();
    for (collected, switches) in rules {
        let explanation = explain_rule(row, collected)?;
        let earlier = explained.iter().find(|earlier| earlier.rule.column == collected.rule.column);
        let now = earlier.map_or_else(|| explanation.before.clone(), |earlier| earlier.now.clone());
        let nearest = nearest_values(row, collected, &explanation)?;
        let CollectedRule { rule, skipped_sql, step, .. } = collected.clone();
        explained.push(WhyRule {
            rule,
            step,
            added_by: skipped_sql,
            now,
            explanation,
            next_change: None,
            no_next_change: None,
            nearest,
            switches,
        });
    }
    Ok(explained)
}

fn explain_rule(row: &AskedRow<'_>, collected: &CollectedRule) -> Result<RowExplanation, Failure> {
    let rule = &collected.rule;
    let relation = &collected.relation.with_row_counts(row.as_of).map_err(rule_failure)?;
    let compile = |tried| {
        let query = RowExplanationQuery::compile(rule, relation, row.key, tried, row.as_of);
        query.map_err(rule_failure)
    };
    let query = compile(TriedArms::Always)?;
    let rows = row.collector.with_session(|session| Reader::new(session).try_texts(&query.sql))?;
    let explanation = match rows {
        Some(rows) => query.read(rows),
        None => {
            let query = compile(TriedArms::WhereTaken)?;
            let texts =
                row.collector.with_session(|session| Reader::new(session).texts(&query.sql))?;
            query.read(texts)
        }
    };
    explanation.ok_or_else(|| Failure::new(FailureKind::Usage, "the row is gone", None))
}

/// Finds the first day on which each rule gives another value, if the row stays as it is.
pub(crate) fn predict_changes(
    row: &AskedRow<'_>,
    rules: &[CollectedRule],
    explained: &mut [WhyRule],
) -> Result<(), Failure> {
    let mut days: BTreeSet<Date> = BTreeSet::new();
    for rule in explained.iter() {
        let value = |column: &str| rule.explanation.value_read(column);
        days.extend(rule.rule.future_change_days(row.stored, &value, row.as_of));
    }
    for day in days.into_iter().take(MAX_DAYS) {
        let mut relation = row.stored.without_figures().clone();
        let mut sets = explained.chunk_by_mut(|_, next| next.rule.joins_previous);
        for of_set in rules.chunk_by(|_, next| next.rule.joins_previous) {
            let Some(explained) = sets.next() else { break };
            let figures = of_set.iter().map(|collected| &collected.relation);
            let rows = relation.with_figures_of(figures, day).map_err(rule_failure)?;
            for rule in explained.iter_mut().filter(|rule| rule.next_change.is_none()) {
                rule.next_change = change_on(row, rule, &rows, day)?;
            }
            let set: Vec<Rule> = of_set.iter().map(|collected| collected.rule.clone()).collect();
            relation = rows.after_set(&set, day).map_err(rule_failure)?;
        }
    }
    for rule in explained.iter_mut().filter(|rule| rule.next_change.is_none()) {
        rule.no_next_change = why_no_change(rule, row.stored);
    }
    for rule in explained.iter_mut().filter(|rule| rule.rule.reads_other_rows_of_a_day()) {
        let text = "on another day other rows count: --as-of DATE tells what they give then";
        rule.no_next_change = Some(text.into());
    }
    Ok(())
}

/// The change of a rule's value on a day, after the rules before it.
fn change_on(
    row: &AskedRow<'_>,
    explained: &WhyRule,
    relation: &Relation,
    day: Date,
) -> Result<Option<NextChange>, Failure> {
    let query =
        RowExplanationQuery::compile(&explained.rule, relation, row.key, TriedArms::Always, day);
    let query = query.map_err(rule_failure)?;
    let rows = row.collector.with_session(|session| Reader::new(session).try_texts(&query.sql))?;
    let then = rows.and_then(|rows| query.read(rows)).map(|then| then.given);
    let days = i64::from((day - row.as_of).get_days());
    let changed = then.filter(|gives| *gives != explained.explanation.given);
    Ok(changed.map(|gives| NextChange { on: day, days, gives }))
}

/// Why no day to come changes the value of a rule that depends on the date.
fn why_no_change(explained: &WhyRule, stored: &Relation) -> Option<String> {
    let columns = explained.rule.time_dependent_columns(stored);
    let first = columns.first()?;
    let shown = stored.table.shown_name(first);
    Some(match explained.explanation.value_read(first) {
        None => format!("no day to come changes that: {shown} has no value"),
        Some(value) if value.ends_with("infinity") => {
            format!("no day to come changes that: {shown} is {value}")
        }
        Some(_) => "no day to come changes that, while the row stays as it is".into(),
    })
}
