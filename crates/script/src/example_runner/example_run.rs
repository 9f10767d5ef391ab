//! One example, tried on its own row.

use std::collections::BTreeSet;

use jiff::civil::Date;
use leora_host::{ReachedRule, UnansweredQuestion};
use leora_report::{DecidedBy, ExampleOutcome, ExampleResult};
use leora_rule::{Decision, Record, Rule, decide, evaluate};

use crate::arms::{ArmKey, arm_place, key, place};
use crate::dry_run::DryRun;
use crate::example::Example;

/// One example on its row.
pub(crate) struct ExampleRun<'a> {
    pub(crate) example: &'a Example,
    pub(crate) table: String,
    pub(crate) column: String,
    pub(crate) as_of: Date,
}

impl ExampleRun<'_> {
    pub(crate) fn run(&self, rehearsal: &DryRun, reached: &mut BTreeSet<ArmKey>) -> ExampleResult {
        let name = [self.table.as_str(), self.column.as_str()];
        let column = name.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".");
        ExampleResult {
            label: self.example.label.clone(),
            column,
            place: self.example.place.clone(),
            outcome: self.outcome(rehearsal, reached).unwrap_or_else(|stuck| stuck),
        }
    }

    fn outcome(
        &self,
        rehearsal: &DryRun,
        reached: &mut BTreeSet<ArmKey>,
    ) -> Result<ExampleOutcome, ExampleOutcome> {
        if let Some(open) = rehearsal.open.first() {
            return Err(unanswered(&open.question, &open.file));
        }
        if let Some(failure) = rehearsal.failures.first() {
            return Err(stuck(failure.message.clone(), failure.help.clone()));
        }
        let value = |expr| {
            evaluate(expr, &Record::default(), self.as_of)
                .map_err(|error| stuck(error.to_string(), error.help()))
        };
        let mut cells = Vec::new();
        for (name, expr) in &self.example.row {
            cells.push((name.clone(), value(expr)?));
        }
        let mut row = Record::new(cells).with_types(self.example.given.column_types(&self.table));
        let mut by = DecidedBy::LeftOut(None);
        for ReachedRule { rule, .. } in
            rehearsal.rules.iter().filter(|one| one.rule.table == self.table)
        {
            let decision = decide(rule, &row, self.as_of)
                .map_err(|error| stuck(told(rule, &error.to_string()), error.help()))?;
            let found = match decision {
                Decision::LeftOut => DecidedBy::LeftOut(place(rule, None)),
                Decision::Unmatched => DecidedBy::Unmatched(place(rule, None)),
                Decision::Given { arm, value } => {
                    reached.insert(key(rule, arm));
                    row.set(&rule.column, value);
                    DecidedBy::Arm(arm_place(rule, arm))
                }
            };
            // A later rule that leaves the row alone takes nothing back.
            if rule.column == self.column
                && (matches!(found, DecidedBy::Arm(_)) || !matches!(by, DecidedBy::Arm(_)))
            {
                by = found;
            }
        }
        let expected = value(&self.example.expected)?;
        let passed = row.holds(&self.column, &expected);
        Ok(ExampleOutcome::Run { expected, got: row.value(&self.column), passed, by })
    }
}

fn stuck(message: String, help: Option<String>) -> ExampleOutcome {
    ExampleOutcome::NotRun { message, help }
}

/// What can't be decided, with the rule's place.
fn told(rule: &Rule, message: &str) -> String {
    match &rule.location {
        Some(written) => format!("{message} ({}:{})", written.file, written.line),
        None => message.to_owned(),
    }
}

fn unanswered(question: &UnansweredQuestion, file: &str) -> ExampleOutcome {
    let UnansweredQuestion { entry, subject } = question;
    let quoted = crate::api::given_shape(entry, subject);
    stuck(
        format!(
            "{file} asks the database for {entry} of {subject}, and its rules may depend on the answer, which no given(...) says"
        ),
        Some(format!("say it above the example: {quoted}")),
    )
}
