//! Every step of a folder, run without a database: which rules it comes to.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use leora_folder::ScriptFolder;
use leora_host::{ExampleHost, GivenAnswers, ReachedRule, UnansweredQuestion};
use leora_report::{Finding, FindingKind, Place};
use leora_system::Interrupt;
use rhai::AST;

use crate::entry::NoObserver;
use crate::lint::{self, Subject};
use crate::{Example, Program, RunEnvironment, ScriptError, ScriptErrorKind, Settings};

/// What the steps of a folder come to without a database.
#[derive(Debug, Default)]
pub(crate) struct DryRun {
    /// The rules, in order.
    pub(crate) rules: Vec<ReachedRule>,
    /// Why steps failed that had asked nothing which nobody answered: a run would fail so too.
    pub(crate) failures: Vec<ScriptError>,
    /// The first question of each step whose rules may depend on its answer.
    pub(crate) open: Vec<OpenQuestion>,
    /// The settings that were asked for, with the values in force.
    pub(crate) settings: Vec<(String, String)>,
}

/// A question that nobody answered, in a step with rules that may depend on it.
#[derive(Clone, Debug)]
pub(crate) struct OpenQuestion {
    /// The question.
    pub(crate) question: UnansweredQuestion,
    /// The step's file.
    pub(crate) file: String,
}

/// Runs the steps in memory, with these answers and settings.
pub(crate) fn dry_run(
    program: &Program,
    given: &GivenAnswers,
    settings: &Settings,
    interrupt: &Interrupt,
) -> DryRun {
    let host = Arc::new(Mutex::new(ExampleHost::new(given.clone())));
    let by = RunEnvironment {
        host: host.clone(),
        observer: Arc::new(Mutex::new(NoObserver)),
        settings: settings.clone(),
        interrupt: interrupt.clone(),
    };
    let locked = || host.lock().unwrap_or_else(PoisonError::into_inner);
    let mut rehearsal = DryRun::default();
    for (index, step) in program.steps().iter().enumerate() {
        let performed = program.run_step(index, &by);
        rehearsal.settings.extend(performed.settings);
        let host = locked();
        let depends =
            host.reached_rules()[rehearsal.rules.len()..].iter().any(|rule| rule.after.is_some());
        if let Some(question) = host.unanswered() {
            if depends || missed_a_rule(step, program, &performed.updates) {
                let (question, file) = (question.clone(), step.file.clone());
                rehearsal.open.push(OpenQuestion { question, file });
            }
        } else {
            rehearsal.failures.extend(performed.failure.filter(is_certain));
        }
        rehearsal.rules = host.reached_rules().to_vec();
    }
    rehearsal
}

/// What a run would fail with, and what is wrong with the rules: with these settings, then also with every switch on.
pub fn check_rules(
    program: &Program,
    folder: &ScriptFolder,
    settings: &Settings,
    as_of: Date,
    interrupt: &Interrupt,
) -> Vec<Finding> {
    let on = settings.switched_on(program.settings());
    let mut found: Vec<Finding> = Vec::new();
    for settings in [settings, &on] {
        let rehearsal = dry_run(program, &GivenAnswers::default(), settings, interrupt);
        for finding in rehearsal.findings(folder, as_of) {
            if !found.iter().any(|known| known.message == finding.message) {
                found.push(finding);
            }
        }
        if on == *settings || program.settings().iter().all(|setting| !setting.switch) {
            break;
        }
    }
    found
}

/// Whether a run would fail so too: a script may refuse to go on for good reasons.
fn is_certain(failure: &ScriptError) -> bool {
    !matches!(failure.kind, ScriptErrorKind::Refused | ScriptErrorKind::Interrupted)
}

/// Whether the step, or a module that it imports, has a rule that it did not come to.
fn missed_a_rule(step: &Subject, program: &Program, reached: &[Place]) -> bool {
    let reached: BTreeSet<(&str, usize, usize)> =
        reached.iter().map(|place| (place.file.as_str(), place.line, place.column)).collect();
    let imported = lint::aliases(&step.ast).into_values();
    let modules = imported.filter_map(|name| program.module(&name));
    std::iter::once(step).chain(modules).any(|subject| {
        updates(&subject.ast)
            .iter()
            .any(|(line, column)| !reached.contains(&(subject.file.as_str(), *line, *column)))
    })
}

/// How many rules the steps and modules of a folder hold, by how often one is begun.
pub fn count_rules(program: &Program) -> usize {
    program.subjects().map(|subject| updates(&subject.ast).len()).sum()
}

/// Where a script begins rules.
fn updates(ast: &AST) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    ast.walk(&mut |path| {
        if let Some((call, at)) = path.last().and_then(lint::called)
            && call.name == "update"
        {
            found.push((at.line().unwrap_or(0), at.position().unwrap_or(0)));
        }
        true
    });
    found
}

impl DryRun {
    /// What a run would fail with, and what is wrong with the rules.
    fn findings(&self, folder: &ScriptFolder, as_of: Date) -> Vec<Finding> {
        let finding = |error: &ScriptError| error.clone().into_finding(FindingKind::Script);
        let failures = self.failures.iter().map(finding);
        failures.chain(lint::of_rules(&self.rules, folder, as_of)).collect()
    }
}

/// Reads the examples of a folder, and what is wrong with their files.
pub fn read_examples(
    program: &Program,
    folder: &ScriptFolder,
    settings: &Settings,
    interrupt: &Interrupt,
) -> (Vec<Example>, Vec<Finding>) {
    let by = RunEnvironment {
        host: Arc::new(Mutex::new(ExampleHost::default())),
        observer: Arc::new(Mutex::new(NoObserver)),
        settings: settings.clone(),
        interrupt: interrupt.clone(),
    };
    let (mut examples, mut findings) = (Vec::new(), Vec::new());
    for source in &folder.examples {
        match program.run_examples(source, &by) {
            Ok(performed) => {
                let failure = performed.failure.into_iter();
                findings.extend(failure.map(|error| error.into_finding(FindingKind::Script)));
                examples.extend(performed.examples);
            }
            Err(mistakes) => findings.extend(mistakes),
        }
    }
    (examples, findings)
}
