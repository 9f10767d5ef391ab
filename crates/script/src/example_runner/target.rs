//! The table and column that an example is about, and findings about its names.

use std::collections::BTreeSet;

use leora_report::{Finding, FindingKind};
use leora_rule::{Rule, nearest};

use crate::dry_run::DryRun;
use crate::example::Example;
use crate::example_runner::known_row::KnownRow;

pub(crate) fn find_target(
    example: &Example,
    dry_run: &DryRun,
) -> Result<(String, String), Finding> {
    let targets: BTreeSet<(&str, &str)> =
        rules(dry_run).map(|rule| (rule.table.as_str(), rule.column.as_str())).collect();
    let named = example.column.split_once('.');
    let fits = |(table, column): &&(&str, &str)| match named {
        Some(named) => (*table, *column) == named,
        None => *column == example.column,
    };
    let fitting: Vec<&(&str, &str)> = targets.iter().filter(fits).collect();
    match fitting.as_slice() {
        [(table, column)] => Ok(((*table).to_owned(), (*column).to_owned())),
        // Which rules a step has may depend on the question without an answer.
        [] if !dry_run.open_questions.is_empty() => {
            let (table, column) = named.unwrap_or(("", &example.column));
            Ok((table.to_owned(), column.to_owned()))
        }
        [] => {
            let column = named.map_or(example.column.as_str(), |(_, column)| column);
            let help = nearest(column, targets.iter().map(|(_, column)| *column)).map_or_else(
                || "a rule sets a column with update(...).set(\"column\", ...), and switches may leave it out: see leora-run check --settings".to_owned(),
                |near| format!("did you mean {near}?"),
            );
            Err(finding(example, format!("no rule of this folder sets {}", example.column), help))
        }
        [(table, column), ..] => Err(finding(
            example,
            format!("rules of several tables set {}", example.column),
            format!("name the table: \"{table}.{column}\""),
        )),
    }
}

/// What an example gives and no rule of its table reads or sets.
pub(crate) fn unknown_columns(example: &Example, table: &str, dry_run: &DryRun) -> Vec<Finding> {
    if !dry_run.open_questions.is_empty() {
        return vec![];
    }
    let mut known = KnownRow::default();
    rules(dry_run).filter(|rule| rule.table == table).for_each(|rule| known.add_rule(rule));
    known.unknown(&example.row, table, &|message, help| finding(example, message, help))
}

fn rules(dry_run: &DryRun) -> impl Iterator<Item = &Rule> {
    dry_run.rules.iter().map(|reached| &reached.rule)
}

fn finding(example: &Example, message: String, help: String) -> Finding {
    let place = example.place.clone();
    Finding { kind: FindingKind::Example, message, help: Some(help), place, fix: None }
}
