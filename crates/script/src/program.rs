//! The compiled scripts of a folder, and how a step of them runs.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use leora_folder::{Limits, ScriptFolder, Sheet, SourceFile};
use leora_report::{Finding, FindingKind, Setting};
use leora_system::memory::Ceiling;
use rhai::{AST, Scope};

use crate::compiled_script::CompiledScript;
use crate::messages::runtime::{Callable, error_place, run_error};
use crate::messages::wording::Rewrite;
use crate::module_resolver::FolderModuleResolver;
use crate::run_environment::RunEnvironment;
use crate::step_context::{RunningScript, ScriptKind, StepContext, StepResult};
use crate::syntax_tree::calls::positions_of_calls;
use crate::syntax_tree::last_rule;
use crate::syntax_tree::names::find_name;
use crate::syntax_tree::source_map::SourceMap;
use crate::{ScriptError, ScriptErrorKind, engine, lint};

/// The compiled scripts of a folder. All are compiled before the first step runs.
#[derive(Debug)]
pub struct Program {
    steps: Vec<CompiledScript>,
    modules: BTreeMap<String, CompiledScript>,
    settings: Vec<Setting>,
    source_maps: Arc<BTreeMap<String, SourceMap>>,
    limits: Limits,
    sheets: Arc<BTreeMap<String, Arc<Sheet>>>,
}

impl Program {
    /// Compiles every script of a folder, within the limits of its manifest.
    ///
    /// # Errors
    /// [`ScriptError`] for the first mistake, with its place.
    pub fn compile(folder: &ScriptFolder) -> Result<Self, ScriptError> {
        let (program, mistakes) = Self::parse(folder);
        mistakes.into_iter().next().map_or(Ok(program), |first| Err(first.into()))
    }

    /// Compiles every script of a folder, and finds all mistakes and warnings that can be seen without running it, by
    /// place. The program is `None` when a mistake would end every run.
    pub fn check(folder: &ScriptFolder) -> (Option<Self>, Vec<Finding>) {
        let (program, mut findings) = Self::parse(folder);
        let compiles = findings.is_empty();
        findings.extend(lint::find_warnings(program.scripts(), &folder.manifest));
        let place = |finding: &Finding| {
            finding.place.as_ref().map(|place| (place.file.clone(), place.line, place.column))
        };
        findings.sort_by_key(place);
        (compiles.then_some(program), findings)
    }

    /// The conditions that are the same for every row: `plan` warns of them too, since the counts look right.
    pub fn conditions_without_row(&self) -> Vec<Finding> {
        self.scripts().flat_map(lint::conditions_without_row).collect()
    }

    /// The scripts that parse, and the mistakes in all of them.
    fn parse(folder: &ScriptFolder) -> (Self, Vec<Finding>) {
        let limits = folder.manifest.limits;
        let engine = engine::compiling(&limits);
        let mut mistakes = Vec::new();
        let mut compile = |source: &SourceFile| {
            let script = CompiledScript::compile(&engine, source, &limits);
            script.map_err(|error| mistakes.push(error.into_finding(FindingKind::Syntax))).ok()
        };
        let steps: Vec<CompiledScript> =
            folder.steps.iter().filter_map(|step| compile(&step.source)).collect();
        let modules: BTreeMap<String, CompiledScript> = folder
            .modules
            .iter()
            .filter_map(|(name, source)| Some((name.clone(), compile(source)?)))
            .collect();
        let names: Vec<&str> = folder.modules.keys().map(String::as_str).collect();
        mistakes.extend(lint::find_mistakes(&steps, &modules, &names));
        let scripts = || steps.iter().chain(modules.values());
        let source_maps =
            scripts().map(|one| (one.file.clone(), SourceMap::from_ast(&one.ast))).collect();
        let settings = scripts().flat_map(|one| one.settings.clone()).collect();
        let (source_maps, sheets) = (Arc::new(source_maps), Arc::new(folder.data.clone()));
        (Self { settings, source_maps, limits, sheets, steps, modules }, mistakes)
    }

    pub(crate) fn scripts(&self) -> impl Iterator<Item = &CompiledScript> {
        self.steps.iter().chain(self.modules.values())
    }

    pub(crate) fn steps(&self) -> &[CompiledScript] {
        &self.steps
    }

    pub(crate) fn module(&self, name: &str) -> Option<&CompiledScript> {
        self.modules.get(name)
    }

    fn module_asts(&self) -> BTreeMap<String, AST> {
        self.modules.iter().map(|(name, one)| (name.clone(), one.ast.clone())).collect()
    }

    /// The settings that the scripts declare.
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// How many rules the scripts hold, by the calls of `update`.
    pub fn count_rules(&self) -> usize {
        let updates =
            |one: &CompiledScript| positions_of_calls(&one.ast, |call| call.name == "update").len();
        self.scripts().map(updates).sum()
    }

    /// Runs one step, counted from 0.
    pub fn run_step(&self, step: usize, environment: &RunEnvironment) -> StepResult {
        environment.enter_step(step);
        let script = &self.steps[step];
        self.run_script(script, &script.ast, ScriptKind::Step, environment)
    }

    /// Runs one step, counted from 0, as far as its last rule; `None` for a step without rules.
    pub fn run_to_last_rule(
        &self,
        step: usize,
        environment: &RunEnvironment,
    ) -> Option<StepResult> {
        let script = &self.steps[step];
        let part = last_rule::up_to_last_rule(&script.ast, &self.module_asts())?;
        environment.enter_step(step);
        Some(self.run_script(script, &part, ScriptKind::Step, environment))
    }

    /// The names of the SQL files that a step, counted from 0, runs.
    pub fn sql_files(&self, step: usize) -> Vec<String> {
        last_rule::sql_files(&self.steps[step].ast)
    }

    /// Compiles a file of examples and runs it.
    ///
    /// # Errors
    /// The mistakes in it; those of the modules are found with the steps.
    pub(crate) fn run_example_file(
        &self,
        source: &SourceFile,
        environment: &RunEnvironment,
    ) -> Result<StepResult, Vec<Finding>> {
        let engine = engine::language(&self.limits);
        let script = CompiledScript::compile(&engine, source, &self.limits)
            .map_err(|error| vec![error.into_finding(FindingKind::Syntax)])?;
        let names: Vec<&str> = self.modules.keys().map(String::as_str).collect();
        let mistakes = lint::find_mistakes(std::slice::from_ref(&script), &self.modules, &names);
        match mistakes.is_empty() {
            true => Ok(self.run_script(&script, &script.ast, ScriptKind::Examples, environment)),
            false => Err(mistakes.into_iter().filter(|one| one.is_in(&source.path)).collect()),
        }
    }

    fn run_script(
        &self,
        script: &CompiledScript,
        ast: &AST,
        kind: ScriptKind,
        environment: &RunEnvironment,
    ) -> StepResult {
        let settings = match kind {
            ScriptKind::Step => script.settings.clone(),
            // An example may give values to the settings of every step.
            ScriptKind::Examples => self.settings.clone(),
        };
        let running = RunningScript {
            file: script.file.clone(),
            kind,
            settings,
            source_maps: Arc::clone(&self.source_maps),
            limits: self.limits,
            sheets: Arc::clone(&self.sheets),
        };
        let step = StepContext::new(environment.clone(), running);
        // The limit is checked between two operations; a single one may not take more than as much again.
        let _ceiling = Ceiling::above_now(self.limits.memory_bytes().saturating_mul(2));
        let mut engine = engine::for_step(&step);
        let modules = self.module_asts();
        engine.set_module_resolver(FolderModuleResolver::new(modules.clone()));
        let run = || engine.run_ast_with_scope(&mut Scope::new(), ast);
        let ended = catch_unwind(AssertUnwindSafe(run));
        let mut result = step.finish(matches!(ended, Ok(Ok(()))));
        let failure = match ended {
            Err(_) => {
                engine.discard();
                Some(engine_failure(&script.file))
            }
            Ok(Err(error)) => {
                let callable = Callable { engine: &engine, script: &script.ast, modules: &modules };
                let failure = result.failure.take();
                let failure = failure.unwrap_or_else(|| run_error(&error, &callable, &script.file));
                // A limit or an interrupt has no place of its own.
                let place = failure.place.clone().or_else(|| error_place(&error, &script.file));
                Some(ScriptError { place, ..failure })
            }
            Ok(Ok(())) => result.failure.take(),
        };
        StepResult { failure: failure.map(|failure| self.point_at_name(failure)), ..result }
    }

    /// Moves an error to the name that is wrong, where the script writes it as such: the call that fails on it may be
    /// lines below.
    fn point_at_name(&self, failure: ScriptError) -> ScriptError {
        let (Some(place), Some(name)) = (&failure.place, failure.wrong_name()) else {
            return failure;
        };
        let script = self.scripts().find(|one| one.file == place.file);
        let written = script.and_then(|one| find_name(&one.ast, name, place));
        let rewrite = failure.nearest_name().map(|near| Rewrite::new(name, near));
        let fix = script.zip(written.as_ref()).zip(rewrite);
        let fix = fix.and_then(|((script, place), rewrite)| rewrite.at(place, &script.text));
        ScriptError { place: written.or_else(|| failure.place.clone()), fix, ..failure }
    }
}

fn engine_failure(file: &str) -> ScriptError {
    ScriptError {
        kind: ScriptErrorKind::Mistake,
        message: format!("{file} made the script engine fail"),
        help: Some("this is a fault of leora-run, please report it; nothing was changed".into()),
        place: None,
        fix: None,
    }
}
