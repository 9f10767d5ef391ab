//! A dry run: every step of a folder run in memory, without a database, to know the rules that it comes to.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use leora_host::{ExampleHost, GivenAnswers, ReachedRule, UnansweredQuestion};
use leora_report::Place;
use leora_system::Interrupt;

use crate::compiled_script::CompiledScript;
use crate::run_environment::RunEnvironment;
use crate::syntax_tree::calls::positions_of_calls;
use crate::syntax_tree::imports::module_aliases;
use crate::syntax_tree::position::place;
use crate::{Program, ScriptError, ScriptErrorKind, Settings};

#[derive(Debug, Default)]
pub(crate) struct DryRun {
    pub(crate) rules: Vec<ReachedRule>,
    /// The errors of steps without an unanswered question: a run would fail with them too.
    pub(crate) failures: Vec<ScriptError>,
    /// The first of each step.
    pub(crate) open_questions: Vec<OpenQuestion>,
}

/// A question without an answer, in a step whose rules may depend on it.
#[derive(Clone, Debug)]
pub(crate) struct OpenQuestion {
    pub(crate) question: UnansweredQuestion,
    pub(crate) file: String,
}

pub(crate) fn dry_run(
    program: &Program,
    given: &GivenAnswers,
    settings: &Settings,
    as_of: Date,
    interrupt: &Interrupt,
) -> DryRun {
    let host = Arc::new(Mutex::new(ExampleHost::new(given.clone()).on(as_of)));
    let environment = RunEnvironment::in_memory(host.clone(), settings, interrupt);
    let lock = || host.lock().unwrap_or_else(PoisonError::into_inner);
    let mut dry_run = DryRun::default();
    for (index, step) in program.steps().iter().enumerate() {
        let result = program.run_step(index, &environment);
        let host = lock();
        let new_rules = &host.reached_rules()[dry_run.rules.len()..];
        let depends = new_rules.iter().any(|rule| rule.after.is_some());
        if let Some(question) = host.unanswered() {
            if depends || misses_a_rule(step, program, &result.rules) {
                let (question, file) = (question.clone(), step.file.clone());
                dry_run.open_questions.push(OpenQuestion { question, file });
            }
        } else {
            dry_run.failures.extend(result.failure.filter(is_certain));
        }
        dry_run.rules = host.reached_rules().to_vec();
    }
    dry_run
}

/// Whether a run would fail so too: a script may refuse to go on for good reasons.
fn is_certain(failure: &ScriptError) -> bool {
    !matches!(failure.kind, ScriptErrorKind::Refused | ScriptErrorKind::Interrupted)
}

/// Whether the step, or a module that it imports, has a rule that it did not come to.
fn misses_a_rule(step: &CompiledScript, program: &Program, reached: &[Place]) -> bool {
    let key = |place: &Place| (place.file.clone(), place.line, place.column);
    let reached: BTreeSet<_> = reached.iter().map(key).collect();
    let imported = module_aliases(&step.ast).into_values();
    let modules = imported.filter_map(|name| program.module(&name));
    std::iter::once(step).chain(modules).any(|script| {
        let updates = positions_of_calls(&script.ast, |call| call.name == "update");
        let mut places = updates.into_iter().filter_map(|update| place(update, &script.file));
        places.any(|place| !reached.contains(&key(&place)))
    })
}

#[cfg(test)]
mod tests {
    use leora_host::GivenAnswers;
    use leora_system::Interrupt;

    use super::{DryRun, dry_run};
    use crate::testing::folder;
    use crate::{Program, Settings};

    fn run(script: &str) -> DryRun {
        let program = Program::compile(&folder(script)).expect("a script that compiles");
        dry_run(
            &program,
            &GivenAnswers::default(),
            &Settings::default(),
            jiff::civil::Date::default(),
            &Interrupt::default(),
        )
    }

    #[test]
    fn a_rule_that_depends_on_an_unanswered_question_leaves_it_open() {
        let question = "let n = table(\"T\").count();";
        for (rule, open) in [
            ("if n > 5 { update(\"T\").set(\"c\", 1); }", 1),
            ("update(\"T\").set(\"c\", n);", 1),
            ("note(`${n}`);", 0),
        ] {
            let dry_run = run(&format!("{question} {rule}"));
            assert_eq!(dry_run.open_questions.len(), open, "{rule}");
            assert_eq!(dry_run.failures.len(), 0);
        }
    }

    #[test]
    fn only_an_error_that_no_answer_can_change_is_a_failure() {
        assert_eq!(run("ago(1);").failures.len(), 1);
        assert_eq!(run("if table(\"T\").count() == 0 { throw \"no rows\"; }").failures.len(), 0);
        assert_eq!(run("refuse(\"why\", \"remedy\");").failures.len(), 0);
    }
}
