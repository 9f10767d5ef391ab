//! One example on its own row, through the rules of a dry run.

use std::collections::BTreeSet;

use jiff::civil::Date;
use leora_host::ReachedRule;
use leora_report::{DecidedBy, ExampleOutcome, ExampleResult, ValueRead};
use leora_rule::{Decision, Expr, Record, Rule, Value, decide, evaluate, values_read};

use crate::api::write_given;
use crate::dry_run::{DryRun, OpenQuestion};
use crate::example::{Example, ExampleRow};
use crate::example_runner::arms::{ArmKey, arm_key, arm_place, line_of};

pub(crate) struct ExampleRun<'a> {
    pub(crate) example: &'a Example,
    /// Empty where a question without an answer leaves it open.
    pub(crate) table: String,
    pub(crate) column: String,
    pub(crate) as_of: Date,
}

impl ExampleRun<'_> {
    pub(crate) fn run(&self, dry_run: &DryRun, reached: &mut BTreeSet<ArmKey>) -> ExampleResult {
        let name = [self.table.as_str(), self.column.as_str()];
        let column = name.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".");
        ExampleResult {
            label: self.example.label.clone(),
            column,
            place: self.example.place.clone(),
            outcome: self.outcome(dry_run, reached).unwrap_or_else(|not_run| not_run),
        }
    }

    fn outcome(
        &self,
        dry_run: &DryRun,
        reached: &mut BTreeSet<ArmKey>,
    ) -> Result<ExampleOutcome, ExampleOutcome> {
        if let Some(open) = dry_run.open_questions.first() {
            return Err(unanswered(open));
        }
        if let Some(failure) = dry_run.failures.first() {
            return Err(not_run(failure.message.clone(), failure.help.clone()));
        }
        let mut row = self.row()?;
        let all = dry_run.rules.iter().map(|reached: &ReachedRule| &reached.rule);
        let rules: Vec<Rule> = all.filter(|rule| rule.table == self.table).cloned().collect();
        let (by, decided) = self.apply_rules(&rules, &mut row, reached)?;
        let expected = self.value(&self.example.expected)?;
        let passed = row
            .holds(&self.column, &expected)
            .map_err(|error| not_run(error.to_string(), error.help()))?;
        let read = if passed { vec![] } else { self.read(&rules, decided)? };
        Ok(ExampleOutcome::Run { expected, got: row.value(&self.column), passed, by, read })
    }

    /// What the rule of this number read, of the row as the rules before it left it.
    fn read(
        &self,
        rules: &[Rule],
        decided: Option<usize>,
    ) -> Result<Vec<ValueRead>, ExampleOutcome> {
        let Some(decided) = decided else { return Ok(vec![]) };
        let first = rules[..=decided].iter().rposition(|rule| !rule.joins_previous);
        let mut row = self.row()?;
        self.apply_rules(&rules[..first.unwrap_or_default()], &mut row, &mut BTreeSet::new())?;
        let read = values_read(&rules[decided], &row, self.as_of).into_iter();
        Ok(read.map(|(name, value)| ValueRead { name, value }).collect())
    }

    fn row(&self) -> Result<Record, ExampleOutcome> {
        self.record(&self.example.row, &self.table)
    }

    /// A row of this table, with the rows that belong to it.
    fn record(&self, row: &ExampleRow, table: &str) -> Result<Record, ExampleOutcome> {
        let cell = |(name, expr): &(String, Expr)| Ok((name.clone(), self.value(expr)?));
        let cells = row.cells.iter().map(cell).collect::<Result<Vec<_>, _>>()?;
        let records = |rows: &[ExampleRow], table: &str| {
            rows.iter().map(|row| self.record(row, table)).collect::<Result<Vec<_>, _>>()
        };
        let mut record = Record::new(cells)
            .with_types(self.example.given.column_types(table))
            .with_others(records(&row.others, table)?);
        for (table, rows) in &row.related {
            record = record.with_related(table, records(rows, table)?);
        }
        for (name, parent) in &row.parents {
            record = record.with_parent(name, self.record(parent, name)?);
        }
        Ok(record)
    }

    fn value(&self, expr: &Expr) -> Result<Value, ExampleOutcome> {
        evaluate(expr, &Record::default(), self.as_of)
            .map_err(|error| not_run(error.to_string(), error.help()))
    }

    /// Returns what decided the column's value, and the number of that rule.
    fn apply_rules(
        &self,
        rules: &[Rule],
        row: &mut Record,
        reached: &mut BTreeSet<ArmKey>,
    ) -> Result<(DecidedBy, Option<usize>), ExampleOutcome> {
        let (mut by, mut decided, mut number) = (DecidedBy::LeftOut(None), None, 0);
        for set in Rule::by_set(rules) {
            let decisions = set.iter().map(|rule| self.decide(rule, row));
            let decisions = decisions.collect::<Result<Vec<_>, _>>()?;
            for (rule, decision) in set.iter().zip(decisions) {
                let found = match decision {
                    Decision::LeftOut => DecidedBy::LeftOut(line_of(rule, None)),
                    Decision::Unmatched => DecidedBy::Unmatched(line_of(rule, None)),
                    Decision::Given { arm, value } => {
                        reached.insert(arm_key(rule, arm));
                        row.set(&rule.column, value);
                        DecidedBy::Arm(arm_place(rule, arm))
                    }
                };
                // A later rule that leaves the row alone takes nothing back.
                let decides =
                    matches!(found, DecidedBy::Arm(_)) || !matches!(by, DecidedBy::Arm(_));
                if rule.column == self.column && decides {
                    (by, decided) = (found, Some(number));
                }
                number += 1;
            }
        }
        Ok((by, decided))
    }

    fn decide(&self, rule: &Rule, row: &Record) -> Result<Decision, ExampleOutcome> {
        decide(rule, row, self.as_of)
            .map_err(|error| not_run(with_place(rule, &error.to_string()), error.help()))
    }
}

fn not_run(message: String, help: Option<String>) -> ExampleOutcome {
    ExampleOutcome::NotRun { message, help }
}

fn with_place(rule: &Rule, message: &str) -> String {
    match &rule.location {
        Some(written) => format!("{message} ({}:{})", written.file, written.line),
        None => message.to_owned(),
    }
}

fn unanswered(OpenQuestion { question, file }: &OpenQuestion) -> ExampleOutcome {
    let (entry, subject) = (question.entry, &question.subject);
    not_run(
        format!(
            "{file} asks the database for {entry} of {subject}, and its rules may depend on the answer, which no given(...) provides"
        ),
        Some(format!("add it above the example: {}", write_given(entry, subject))),
    )
}
