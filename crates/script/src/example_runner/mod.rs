//! Examples tried: each on its own row, through the rules of every step in order.

pub(crate) mod example_run;

use std::collections::BTreeSet;

use jiff::civil::Date;
use leora_host::{GivenAnswers, ReachedRule};
use leora_report::{ArmPlace, ExampleResult, Finding, FindingKind};
use leora_rule::{Expr, nearest};
use leora_system::Interrupt;

use crate::arms::arms;
use crate::dry_run::{DryRun, dry_run};
use crate::example::Example;
use crate::example_runner::example_run::ExampleRun;
use crate::{Program, Settings};

/// What the examples of a folder came to.
#[derive(Debug, Default)]
pub struct ExampleResults {
    /// Each example.
    pub examples: Vec<ExampleResult>,
    /// The arms that no example reaches.
    pub unreached: Vec<ArmPlace>,
    /// Examples that name nothing.
    pub findings: Vec<Finding>,
}

/// Tries examples on the rules of a folder, with these settings, on this business date.
pub fn run_examples(
    examples: &[Example],
    program: &Program,
    settings: &Settings,
    as_of: Date,
    interrupt: &Interrupt,
) -> ExampleResults {
    let mut rehearsals: Vec<(GivenAnswers, DryRun)> = Vec::new();
    let mut trials = ExampleResults::default();
    let mut reached = BTreeSet::new();
    for example in examples {
        if !rehearsals.iter().any(|(given, _)| *given == example.given) {
            let settings = settings.tried_with(&example.given.settings);
            let rehearsal = dry_run(program, &example.given, &settings, interrupt);
            trials.fail(&rehearsal);
            rehearsals.push((example.given.clone(), rehearsal));
        }
        let rehearsal = rehearsals.iter().find(|(given, _)| *given == example.given);
        let Some((_, rehearsal)) = rehearsal else { continue };
        match table_of(example, rehearsal) {
            Ok((table, column)) => {
                trials.findings.extend(unknown_columns(example, &table, rehearsal));
                let attempt = ExampleRun { example, table, column, as_of };
                trials.examples.push(attempt.run(rehearsal, &mut reached));
            }
            // What failed is told, and why the rule is missing.
            Err(_) if !rehearsal.failures.is_empty() => {}
            Err(finding) => trials.findings.push(finding),
        }
    }
    let rules = rehearsals.iter().flat_map(|(_, rehearsal)| &rehearsal.rules);
    let missed = rules.flat_map(|one| arms(&one.rule));
    // An arm that several rehearsals came to is told once.
    let missed = missed.filter(|(key, _)| reached.insert(key.clone()));
    trials.unreached = missed.map(|(_, arm)| arm).collect();
    trials
}

impl ExampleResults {
    /// Notes why steps failed with what an example gives; without it they did not.
    fn fail(&mut self, rehearsal: &DryRun) {
        for failure in &rehearsal.failures {
            if !self.findings.iter().any(|known| known.message == failure.message) {
                self.findings.push(failure.clone().into_finding(FindingKind::Script));
            }
        }
    }
}

/// The table and column that an example is of.
fn table_of(example: &Example, rehearsal: &DryRun) -> Result<(String, String), Finding> {
    let wrong = |message: String, help: String| Finding {
        kind: FindingKind::Example,
        message,
        help: Some(help),
        place: example.place.clone(),
    };
    let set: BTreeSet<(&str, &str)> = rehearsal
        .rules
        .iter()
        .map(|one| (one.rule.table.as_str(), one.rule.column.as_str()))
        .collect();
    let named = example.column.split_once('.');
    let fits = |(table, column): &&(&str, &str)| match named {
        Some(named) => (*table, *column) == named,
        None => *column == example.column,
    };
    let fitting: Vec<&(&str, &str)> = set.iter().filter(fits).collect();
    match fitting.as_slice() {
        [(table, column)] => Ok(((*table).to_owned(), (*column).to_owned())),
        // Which rules a step has may hang on what it asks.
        [] if !rehearsal.open.is_empty() => {
            let (table, column) = named.unwrap_or(("", &example.column));
            Ok((table.to_owned(), column.to_owned()))
        }
        [] => {
            let columns = set.iter().map(|(_, column)| *column);
            let bare = named.map_or(example.column.as_str(), |(_, column)| column);
            let help = nearest(bare, columns).map_or_else(
                || "a rule sets a column with update(...).set(\"column\", ...), and switches may leave it out: see leora-run check --settings".to_owned(),
                |near| format!("did you mean {near}?"),
            );
            Err(wrong(format!("no rule of this folder sets {}", example.column), help))
        }
        [(table, column), ..] => Err(wrong(
            format!("rules of several tables set {}", example.column),
            format!("name the table: \"{table}.{column}\""),
        )),
    }
}

/// Columns of an example's row that no rule of its table reads or sets.
fn unknown_columns(example: &Example, table: &str, rehearsal: &DryRun) -> Vec<Finding> {
    let mut known: BTreeSet<String> = BTreeSet::new();
    for ReachedRule { rule, .. } in rehearsal.rules.iter().filter(|one| one.rule.table == table) {
        known.insert(rule.column.clone());
        known.extend(rule.arm_columns());
        known.extend(rule.filter.iter().flat_map(|one| one.columns()).map(str::to_owned));
    }
    let unknown = example.row.iter().filter(|(name, _)| !known.contains(name));
    let finding = |(name, _): &(String, Expr)| {
        let help = nearest(name, known.iter().map(String::as_str)).map_or_else(
            || format!("the rules know {}", known.iter().cloned().collect::<Vec<_>>().join(", ")),
            |near| format!("did you mean {near}?"),
        );
        Finding {
            kind: FindingKind::Example,
            message: format!(
                "no rule on {table} reads or sets {name}, so this example says nothing with it"
            ),
            help: Some(help),
            place: example.place.clone(),
        }
    };
    match rehearsal.open.is_empty() {
        true => unknown.map(finding).collect(),
        false => vec![],
    }
}
