//! Runs scripts on the host in memory, for the unit tests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use leora_folder::{Limits, Manifest, ScriptFolder, SourceFile, Step};
use leora_host::{ExampleHost, GivenAnswers};
use leora_report::{Entry, ExampleOutcome, Finding};
use leora_rule::Rule;
use leora_system::Interrupt;
use rhai::AST;

use crate::example::Example;
use crate::run_environment::RunEnvironment;
use crate::step_context::StepResult;
use crate::{Program, Settings, engine, read_examples, run_examples};

/// A script with the step's outcome, and the rules that it came to.
pub(crate) struct Ran {
    pub(crate) result: StepResult,
    pub(crate) rules: Vec<Rule>,
}

impl Ran {
    /// The texts that the script noted or showed.
    pub(crate) fn notes(&self) -> Vec<&str> {
        let entries = self.result.entries.iter();
        let notes = entries.filter_map(|entry| match entry {
            Entry::Note(text) => Some(text.as_str()),
            _ => None,
        });
        notes.collect()
    }
}

fn source(path: &str, text: &str) -> SourceFile {
    SourceFile { path: path.into(), text: text.into(), sha256: String::new() }
}

/// A folder with one step, which may set `T.c`, insert into `T` and run `a.sql`.
pub(crate) fn folder(script: &str) -> ScriptFolder {
    let manifest = "title = \"Try\"\naccess = \"read-write\"\nwrites = [\"T.c\", \"T.d\", \"T\"]\nsql = [\"a.sql\"]\nrecords = [\"m\"]\n";
    let manifest =
        Manifest::parse(&source("scripts/try/leora.toml", manifest)).expect("a manifest");
    let step = Step {
        name: "01_step".into(),
        title: "Step".into(),
        source: source("scripts/try/01_step.rhai", script),
    };
    ScriptFolder {
        path: "scripts/try".into(),
        manifest,
        steps: vec![step],
        modules: BTreeMap::new(),
        examples: vec![],
        sql: BTreeMap::new(),
        data: BTreeMap::new(),
        prisma: BTreeMap::new(),
    }
}

/// A folder with one step and the module `lib/shared.rhai`.
pub(crate) fn folder_with_module(script: &str, module: &str) -> ScriptFolder {
    let module = source("scripts/try/lib/shared.rhai", module);
    ScriptFolder { modules: BTreeMap::from([("shared".into(), module)]), ..folder(script) }
}

/// Runs a script that compiles.
pub(crate) fn run(script: &str) -> Ran {
    run_with(script, GivenAnswers::default(), Settings::default())
}

/// Runs a script with these answers of the database, and these settings.
pub(crate) fn run_with(script: &str, given: GivenAnswers, settings: Settings) -> Ran {
    let program = Program::compile(&folder(script)).expect("a script that compiles");
    let host = Arc::new(Mutex::new(ExampleHost::new(given)));
    let environment = RunEnvironment::in_memory(host.clone(), &settings, &Interrupt::default());
    let result = program.run_step(0, &environment);
    let rules =
        host.lock().expect("the host").reached_rules().iter().map(|one| one.rule.clone()).collect();
    Ran { result, rules }
}

/// The notes of a script that runs to its end.
pub(crate) fn notes(script: &str) -> Vec<String> {
    let ran = run(script);
    assert!(ran.result.failure.is_none(), "{:?}", ran.result.failure);
    ran.notes().into_iter().map(str::to_owned).collect()
}

/// The rules of a script that runs to its end.
pub(crate) fn rules(script: &str) -> Vec<Rule> {
    let ran = run(script);
    assert!(ran.result.failure.is_none(), "{:?}", ran.result.failure);
    ran.rules
}

/// The message of a script that does not parse, or that fails while it runs: place, text and help.
pub(crate) fn failure(script: &str) -> String {
    let error = match Program::compile(&folder(script)) {
        Err(error) => error,
        Ok(_) => run(script).result.failure.expect("a script that fails"),
    };
    let place = error.place.map_or_else(String::new, |at| format!("{}:{}: ", at.line, at.column));
    let help = error.help.map_or_else(String::new, |help| format!("; {help}"));
    format!("{place}{}{help}", error.message)
}

/// The findings of `check` in a script, as `line:column: kind: message`.
pub(crate) fn findings(folder: &ScriptFolder) -> Vec<String> {
    Program::check(folder).1.iter().map(describe_finding).collect()
}

pub(crate) fn describe_finding(finding: &Finding) -> String {
    let place = finding.place.as_ref();
    let place = place.map_or_else(String::new, |at| format!("{}:{}: ", at.line, at.column));
    format!("{place}{}: {}", finding.kind.word(), finding.message)
}

/// A script that parses.
pub(crate) fn parse(script: &str) -> AST {
    engine::language(&Limits::default()).compile(script).expect("a script that parses")
}

/// The examples of a file, and the findings in it, as [`describe_finding`] writes them.
pub(crate) fn example_file(script: &str) -> (Vec<Example>, Vec<String>) {
    let (examples, findings) = read_example_file(script);
    (examples, findings.iter().map(describe_finding).collect())
}

/// The findings in a file of examples, as `line:column: message; help`.
pub(crate) fn example_failures(script: &str) -> Vec<String> {
    let describe = |finding: &Finding| {
        let place = finding.place.as_ref().expect("a place");
        let help = finding.help.as_deref().unwrap_or_default();
        format!("{}:{}: {}; {help}", place.line, place.column, finding.message)
    };
    read_example_file(script).1.iter().map(describe).collect()
}

fn read_example_file(examples: &str) -> (Vec<Example>, Vec<Finding>) {
    example_file_for("update(\"T\").set(\"c\", 1);", examples)
}

/// The examples of a file beside a step, and the findings in it.
pub(crate) fn example_file_for(step: &str, examples: &str) -> (Vec<Example>, Vec<Finding>) {
    let examples = vec![source("scripts/try/examples/all.rhai", examples)];
    let folder = ScriptFolder { examples, ..folder(step) };
    let program = Program::compile(&folder).expect("a script that compiles");
    read_examples(&program, &folder, &Settings::default(), &Interrupt::default())
}

/// What comes of the examples of a file beside a step: `held`, or what they give or fail with, and all findings as
/// `message; help`.
pub(crate) fn example_outcomes(step: &str, examples: &str) -> Vec<String> {
    let sources = vec![source("scripts/try/examples/all.rhai", examples)];
    let folder = ScriptFolder { examples: sources, ..folder(step) };
    let program = Program::compile(&folder).expect("a script that compiles");
    let (settings, interrupt) = (Settings::default(), Interrupt::default());
    let (examples, mut findings) = read_examples(&program, &folder, &settings, &interrupt);
    let results =
        run_examples(&examples, &program, &settings, jiff::civil::date(2025, 10, 25), &interrupt);
    findings.extend(results.findings);
    let outcome = |result: leora_report::ExampleResult| match result.outcome {
        ExampleOutcome::Run { passed: true, .. } => "held".to_owned(),
        ExampleOutcome::Run { got, .. } => format!("got {got}"),
        ExampleOutcome::NotRun { message, .. } => message,
    };
    let told = |one: Finding| format!("{}; {}", one.message, one.help.unwrap_or_default());
    results.examples.into_iter().map(outcome).chain(findings.into_iter().map(told)).collect()
}
