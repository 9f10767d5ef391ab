//! A folder's scripts, compiled: every step before the first one runs.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use rhai::{AST, Scope};

use super::entry::{Entry, Observer};
use super::modules::FolderModules;
use super::rules_part::RulesPart;
use super::stage::{Props, Stage};
use super::written::Written;
use super::{
    Limits, ScriptError, ScriptErrorKind, Setting, Settings, engine, explain, explain_syntax, lint,
    settings,
};
use crate::database::Interrupt;
use crate::folder::{ScriptFolder, Source};
use crate::host::Host;

/// The compiled scripts of a folder.
#[derive(Debug)]
pub struct Program {
    steps: Vec<Subject>,
    modules: BTreeMap<String, Subject>,
    written: Arc<BTreeMap<String, Written>>,
    limits: Limits,
}

/// Who answers, who listens, and what `--set` says, for the steps of a run.
#[derive(Clone)]
pub struct Stagehand {
    /// Answers the calls.
    pub host: Arc<Mutex<dyn Host>>,
    /// Hears what happens.
    pub observer: Arc<Mutex<dyn Observer>>,
    /// What `--set` says.
    pub settings: Settings,
    /// Whether somebody asked to stop.
    pub interrupt: Interrupt,
}

/// What a step did, and how it ended.
#[derive(Debug)]
pub struct Performed {
    /// What it did and found, in order.
    pub entries: Vec<Entry>,
    /// The settings it asked for, with the values in force.
    pub settings: Vec<(String, String)>,
    /// Why it could not go on, if so.
    pub failure: Option<ScriptError>,
}

impl Program {
    /// Compiles every script of a folder.
    ///
    /// # Errors
    /// [`ScriptError`] with the place of the first mistake.
    pub fn compile(folder: &ScriptFolder, limits: Limits) -> Result<Self, ScriptError> {
        Self::examine(folder, limits).map_err(|mistakes| {
            let first = mistakes.into_iter().next();
            ScriptError::from(first.expect("what does not compile has a mistake"))
        })
    }

    /// Compiles every script of a folder, and finds every mistake that would end a run.
    ///
    /// # Errors
    /// The mistakes, by file and place.
    pub fn examine(folder: &ScriptFolder, limits: Limits) -> Result<Self, Vec<Finding>> {
        let engine = engine::language(&limits);
        let mut mistakes = Vec::new();
        let mut compiled = |source: &Source| {
            let subject = compile(&engine, source, &limits);
            subject.map_err(|error| mistakes.push(Finding::of(FindingKind::Syntax, error))).ok()
        };
        let steps: Vec<Subject> =
            folder.steps.iter().filter_map(|step| compiled(&step.source)).collect();
        let modules: BTreeMap<String, Subject> = folder
            .modules
            .iter()
            .filter_map(|(name, source)| Some((name.clone(), compiled(source)?)))
            .collect();
        // A module that does not compile would make every call of its functions one of none.
        if mistakes.is_empty() {
            mistakes = lint::mistakes(&steps, &modules, vocabulary());
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let written = steps.iter().chain(modules.values());
        let written = written.map(|one| (one.file.clone(), Written::of(&one.ast))).collect();
        Ok(Self { steps, modules, written: Arc::new(written), limits })
    }

    /// Every script and module, with what a lint looks at.
    pub(super) fn subjects(&self) -> impl Iterator<Item = &Subject> {
        self.steps.iter().chain(self.modules.values())
    }

    /// Every setting that the scripts ask for.
    pub fn settings(&self) -> Vec<Setting> {
        self.subjects().flat_map(|subject| subject.settings.clone()).collect()
    }

    /// Runs one step, counted from 0.
    pub fn perform(&self, step: usize, by: &Stagehand) -> Performed {
        let script = &self.steps[step];
        self.perform_script(script, &script.ast, by)
    }

    /// Runs one step, counted from 0, as far as its last rule; nothing of a step without rules.
    pub fn perform_rules(&self, step: usize, by: &Stagehand) -> Option<Performed> {
        let script = &self.steps[step];
        let part = RulesPart::of(&script.ast, &self.modules);
        part.ast.map(|ast| self.perform_script(script, &ast, by))
    }

    /// The SQL files that a step, counted from 0, runs.
    pub fn sql_files(&self, step: usize) -> Vec<String> {
        RulesPart::of(&self.steps[step].ast, &self.modules).sql
    }

    fn perform_script(&self, script: &Script, ast: &AST, by: &Stagehand) -> Performed {
        let stage = Stage::new(Props {
            host: Arc::clone(&by.host),
            observer: Arc::clone(&by.observer),
            settings: by.settings.clone(),
            own_settings: script.settings.clone(),
            file: script.file.clone(),
            written: Arc::clone(&self.written),
            limits: self.limits,
        });
        let mut engine = engine::running(&stage, &by.interrupt);
        engine.set_module_resolver(FolderModules::new(self.modules.clone()));
        let run = || engine.run_ast_with_scope(&mut Scope::new(), ast);
        let ended = catch_unwind(AssertUnwindSafe(run));
        let mut result = stage.close(matches!(ended, Ok(Ok(()))));
        let failure = match ended {
            Err(_) => Some(crashed(&script.file)),
            Ok(Err(error)) => {
                let place = explain::place(&error, &script.file);
                let callable = explain::Callable {
                    engine: &engine,
                    script: &script.ast,
                    modules: &self.modules,
                };
                let failure = result
                    .failure
                    .take()
                    .unwrap_or_else(|| explain::run_error(&error, &callable, &script.file));
                // What ended the script from outside has no place of its own.
                Some(ScriptError { place: failure.place.clone().or(place), ..failure })
            }
            Ok(Ok(())) => result.failure.take(),
        };
        Performed {
            entries: result.entries,
            settings: result.asked,
            failure: failure.map(|one| self.located(one)),
        }
    }

    /// Points at the name that is wrong, where the script says it as such: the call that met it may stand
    /// lines below.
    fn located(&self, failure: ScriptError) -> ScriptError {
        let (Some(place), Some(name)) = (&failure.place, failure.wrong_name()) else {
            return failure;
        };
        let steps = self.steps.iter().map(|step| &step.ast);
        let ast = steps.chain(self.modules.values()).find(|ast| ast.source() == Some(&place.file));
        let written = ast.and_then(|ast| lint::written(ast, name, place));
        ScriptError { place: written.or_else(|| failure.place.clone()), ..failure }
    }
}

fn crashed(file: &str) -> ScriptError {
    ScriptError {
        kind: ScriptErrorKind::Mistake,
        message: format!("{file} made the script engine fail"),
        help: Some("this is a fault of leora-run, please report it; nothing was changed".into()),
        place: None,
    }
}
