//! Runs examples: each on its own row, through the rules of every step in order.

mod arms;
mod example_run;
mod known_row;
mod read;
mod target;

use std::collections::BTreeSet;

use jiff::civil::Date;
use leora_host::GivenAnswers;
use leora_report::{ArmPlace, ExampleResult, Finding, FindingKind};
use leora_system::Interrupt;

use crate::dry_run::{DryRun, dry_run};
use crate::example::Example;
use crate::example_runner::arms::arms;
use crate::example_runner::example_run::ExampleRun;
use crate::example_runner::target::{find_target, unknown_columns};
use crate::{Program, Settings};

pub use read::read_examples;

/// The results of a folder's examples.
#[derive(Debug, Default)]
pub struct ExampleResults {
    /// The result of each example that names a rule.
    pub examples: Vec<ExampleResult>,
    /// The arms that no example reaches.
    pub unreached: Vec<ArmPlace>,
    /// Examples that no rule applies to, and errors of steps under what an example gives.
    pub findings: Vec<Finding>,
}

/// Runs examples on the rules of a folder, with these settings, on this business date.
pub fn run_examples(
    examples: &[Example],
    program: &Program,
    settings: &Settings,
    as_of: Date,
    interrupt: &Interrupt,
) -> ExampleResults {
    let mut dry_runs: Vec<(GivenAnswers, DryRun)> = Vec::new();
    let mut results = ExampleResults::default();
    let mut reached = BTreeSet::new();
    for example in examples {
        let known = dry_runs.iter().position(|(given, _)| *given == example.given);
        let index = known.unwrap_or_else(|| {
            let settings = settings.with_example(&example.given.settings);
            let dry_run = dry_run(program, &example.given, &settings, as_of, interrupt);
            results.note_failures(&dry_run);
            dry_runs.push((example.given.clone(), dry_run));
            dry_runs.len() - 1
        });
        let dry_run = &dry_runs[index].1;
        match find_target(example, dry_run) {
            Ok((table, column)) => {
                results.findings.extend(unknown_columns(example, &table, dry_run));
                let run = ExampleRun { example, table, column, as_of };
                results.examples.push(run.run(dry_run, &mut reached));
            }
            // The failure is reported, and it is why the rule is missing.
            Err(_) if !dry_run.failures.is_empty() => {}
            Err(finding) => results.findings.push(finding),
        }
    }
    let rules = dry_runs.iter().flat_map(|(_, dry_run)| &dry_run.rules);
    let unreached = rules.flat_map(|reached| arms(&reached.rule));
    // An arm that several dry runs come to is reported once.
    let unreached = unreached.filter(|(key, _)| reached.insert(key.clone()));
    results.unreached = unreached.map(|(_, arm)| arm).collect();
    results
}

impl ExampleResults {
    /// Notes the errors of steps under what an example gives; without it they did not fail.
    fn note_failures(&mut self, dry_run: &DryRun) {
        for failure in &dry_run.failures {
            if !self.findings.iter().any(|known| known.message == failure.message) {
                self.findings.push(failure.clone().into_finding(FindingKind::Script));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use leora_report::{DecidedBy, ExampleOutcome};
    use leora_system::Interrupt;

    use super::{ExampleResults, run_examples};
    use crate::testing::{example_file_for, folder};
    use crate::{Program, Settings};

    const RULE: &str = "update(\"T\").where(col(\"open\")).set(\"c\", [\n  [col(\"at\").within(months(6)), \"A\"],\n  [otherwise, \"B\"],\n]);";

    fn results(script: &str, examples: &str) -> ExampleResults {
        let program = Program::compile(&folder(script)).expect("a script that compiles");
        let (examples, findings) = example_file_for(script, examples);
        assert_eq!(findings, []);
        let settings = Settings::default();
        run_examples(&examples, &program, &settings, date(2025, 10, 25), &Interrupt::default())
    }

    /// How the first example ended, in short.
    fn outcome(results: &ExampleResults) -> String {
        match &results.examples[0].outcome {
            ExampleOutcome::Run { got, passed, by, .. } => {
                let by = match by {
                    DecidedBy::Arm(arm) => format!("arm {}", arm.arm),
                    DecidedBy::LeftOut(_) => "left out".into(),
                    DecidedBy::Unmatched(_) => "unmatched".into(),
                };
                format!("{got} by {by}, {passed}")
            }
            ExampleOutcome::NotRun { message, .. } => message.clone(),
        }
    }

    #[test]
    fn an_example_says_which_arm_decided() {
        for (row, expected) in [
            ("open: true, at: ago(days(7))", "A by arm 1, true"),
            ("open: true, at: ()", "B by arm 2, false"),
            ("open: false, at: ()", "(none) by left out, false"),
        ] {
            let example = format!("example(\"x\", #{{ {row} }}, \"c\", \"A\");");
            assert_eq!(outcome(&results(RULE, &example)), expected, "{row}");
        }
    }

    #[test]
    fn each_column_of_a_set_is_decided_on_the_row_as_it_was() {
        let set = "update(\"T\").where(col(\"c\").is_null()).set(#{ c: \"A\", d: coalesce([col(\"c\"), \"old\"]) });";
        for (column, expected) in [("c", "A by arm 1, true"), ("d", "old by arm 1, false")] {
            let example = format!("example(\"x\", #{{ c: () }}, \"{column}\", \"A\");");
            assert_eq!(outcome(&results(set, &example)), expected, "{column}");
        }
    }

    #[test]
    fn arms_that_no_example_reaches_are_listed_once() {
        let example = "example(\"x\", #{ open: true, at: () }, \"c\", \"B\");";
        let given = "given(#{ count: #{ U: 1 } });";
        let all = results(RULE, &format!("{example} {given} {example}"));
        let unreached: Vec<usize> = all.unreached.iter().map(|arm| arm.arm).collect();
        assert_eq!(unreached, [1]);
    }

    #[test]
    fn a_question_without_an_answer_keeps_the_example_from_running() {
        let script = format!("if table(\"U\").count() > 0 {{ {RULE} }}");
        let example = "example(\"x\", #{ at: () }, \"c\", \"B\");";
        let message = "scripts/try/01_step.rhai asks the database for count of U, and its rules may depend on the answer, which no given(...) provides";
        assert_eq!(outcome(&results(&script, example)), message);
    }

    #[test]
    fn names_that_no_rule_knows_are_findings() {
        for (example, message) in [
            ("example(\"x\", #{}, \"d\", 1);", "no rule of this folder sets d"),
            (
                "example(\"x\", #{ opne: true }, \"c\", 1);",
                "no rule on T reads or sets opne, so it changes nothing in this example",
            ),
        ] {
            assert_eq!(results(RULE, example).findings[0].message, message);
        }
        let both = "update(\"T\").set(\"c\", 1); update(\"U\").set(\"c\", 1);";
        let found = results(both, "example(\"x\", #{}, \"c\", 1);").findings.remove(0);
        assert_eq!(found.message, "rules of several tables set c");
        assert_eq!(found.help.as_deref(), Some("name the table: \"T.c\""));
    }
}
