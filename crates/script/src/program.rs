//! A folder's scripts, compiled: every step before the first one runs.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use leora_folder::{Limits, ScriptFolder, SourceFile};
use leora_host::{ExampleHost, Host};
use leora_report::{Entry, Finding, FindingKind, Observer, Place, Setting};
use leora_system::Interrupt;
use leora_system::memory::Ceiling;
use rhai::{AST, Engine, Scope};

use crate::entry::NoObserver;
use crate::lint::{Subject, Vocabulary};
use crate::messages::{runtime as explain, syntax as explain_syntax};
use crate::modules::FolderModules;
use crate::source_map::SourceMap;
use crate::step_context::{ScriptRole, StepContext, StepContextParts};
use crate::up_to_last_rule::RulesPart;
use crate::{Example, ScriptError, ScriptErrorKind, Settings, engine, lint, settings};

/// The compiled scripts of a folder.
#[derive(Debug)]
pub struct Program {
    steps: Vec<Subject>,
    modules: BTreeMap<String, Subject>,
    settings: Vec<Setting>,
    written: Arc<BTreeMap<String, SourceMap>>,
    limits: Limits,
}

/// Who answers, who listens, and what `--set` says, for the steps of a run.
#[derive(Clone)]
pub struct RunEnvironment {
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
pub struct StepResult {
    /// What it did and found, in order.
    pub entries: Vec<Entry>,
    /// The settings it asked for, with the values in force.
    pub settings: Vec<(String, String)>,
    /// Where the rules began that it came to.
    pub updates: Vec<Place>,
    /// Examples, of a file of them.
    pub examples: Vec<Example>,
    /// Why it could not go on, if so.
    pub failure: Option<ScriptError>,
}

impl Program {
    /// Compiles every script of a folder, within the limits of its manifest.
    ///
    /// # Errors
    /// [`ScriptError`] with the place of the first mistake.
    pub fn compile(folder: &ScriptFolder) -> Result<Self, ScriptError> {
        let (program, mistakes) = Self::read(folder);
        mistakes.into_iter().next().map_or(Ok(program), |first| Err(first.into()))
    }

    /// Compiles every script of a folder, and finds every mistake and doubt that can be seen in them. There is no
    /// program where a run would end at a mistake.
    pub fn check(folder: &ScriptFolder) -> (Option<Self>, Vec<Finding>) {
        let (program, mut findings) = Self::read(folder);
        let sound = findings.is_empty();
        findings.extend(lint::doubts(program.subjects(), &folder.manifest));
        let place = |finding: &Finding| {
            finding.place.as_ref().map(|place| (place.file.clone(), place.line, place.column))
        };
        findings.sort_by_key(place);
        (sound.then_some(program), findings)
    }

    /// The scripts that parse, and the mistakes of all.
    fn read(folder: &ScriptFolder) -> (Self, Vec<Finding>) {
        let limits = folder.manifest.limits;
        let engine = engine::compiling(&limits);
        let mut mistakes = Vec::new();
        let mut compiled = |source: &SourceFile| {
            let subject = compile(&engine, source, &limits);
            subject.map_err(|error| mistakes.push(error.into_finding(FindingKind::Syntax))).ok()
        };
        let steps: Vec<Subject> =
            folder.steps.iter().filter_map(|step| compiled(&step.source)).collect();
        let modules: BTreeMap<String, Subject> = folder
            .modules
            .iter()
            .filter_map(|(name, source)| Some((name.clone(), compiled(source)?)))
            .collect();
        let named: Vec<&str> = folder.modules.keys().map(String::as_str).collect();
        mistakes.extend(lint::mistakes(&steps, &modules, &named, vocabulary()));
        let written = steps.iter().chain(modules.values());
        let written = written.map(|one| (one.file.clone(), SourceMap::of(&one.ast))).collect();
        let settings = steps.iter().chain(modules.values());
        let settings = settings.flat_map(|subject| subject.settings.clone()).collect();
        (Self { steps, modules, settings, written: Arc::new(written), limits }, mistakes)
    }

    /// Every script and module, with what a lint looks at.
    pub(crate) fn subjects(&self) -> impl Iterator<Item = &Subject> {
        self.steps.iter().chain(self.modules.values())
    }

    pub(crate) fn steps(&self) -> &[Subject] {
        &self.steps
    }

    pub(crate) fn module(&self, name: &str) -> Option<&Subject> {
        self.modules.get(name)
    }

    fn module_names(&self) -> Vec<&str> {
        self.modules.keys().map(String::as_str).collect()
    }

    fn module_texts(&self) -> BTreeMap<String, AST> {
        self.modules.iter().map(|(name, one)| (name.clone(), one.ast.clone())).collect()
    }

    /// Every setting that the scripts ask for.
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// Runs one step, counted from 0.
    pub fn run_step(&self, step: usize, by: &RunEnvironment) -> StepResult {
        enter_step(by, step);
        let script = &self.steps[step];
        self.play(script, &script.ast, ScriptRole::Step, by)
    }

    /// Runs one step, counted from 0, as far as its last rule; nothing of a step without rules.
    pub fn run_to_last_rule(&self, step: usize, by: &RunEnvironment) -> Option<StepResult> {
        let script = &self.steps[step];
        let part = RulesPart::of(&script.ast, &self.module_texts());
        part.ast.map(|ast| {
            enter_step(by, step);
            self.play(script, &ast, ScriptRole::Step, by)
        })
    }

    /// The SQL files that a step, counted from 0, runs.
    pub fn sql_files(&self, step: usize) -> Vec<String> {
        RulesPart::of(&self.steps[step].ast, &self.module_texts()).sql
    }

    /// Compiles a file of examples and runs it.
    ///
    /// # Errors
    /// The mistakes in it.
    pub(crate) fn run_examples(
        &self,
        source: &SourceFile,
        by: &RunEnvironment,
    ) -> Result<StepResult, Vec<Finding>> {
        let engine = engine::language(&self.limits);
        let subject = compile(&engine, source, &self.limits)
            .map_err(|error| vec![error.into_finding(FindingKind::Syntax)])?;
        let subject = std::slice::from_ref(&subject);
        let mistakes = lint::mistakes(subject, &self.modules, &self.module_names(), vocabulary());
        if mistakes.is_empty() {
            return Ok(self.play(&subject[0], &subject[0].ast, ScriptRole::Examples, by));
        }
        // Those of the modules are told with the steps.
        Err(mistakes.into_iter().filter(|one| one.is_in(&source.path)).collect())
    }

    fn play(
        &self,
        script: &Subject,
        ast: &AST,
        role: ScriptRole,
        by: &RunEnvironment,
    ) -> StepResult {
        let stage = StepContext::new(StepContextParts {
            host: Arc::clone(&by.host),
            observer: Arc::clone(&by.observer),
            settings: by.settings.clone(),
            own_settings: match role {
                ScriptRole::Step => script.settings.clone(),
                // An example may say the settings of every step.
                ScriptRole::Examples => self.settings.clone(),
            },
            file: script.file.clone(),
            written: Arc::clone(&self.written),
            limits: self.limits,
            role,
        });
        // The limit is looked at between two operations; one alone may not take more than as much again.
        let _ceiling = Ceiling::above_now(self.limits.memory_bytes().saturating_mul(2));
        let mut engine = engine::running(&stage, &by.interrupt);
        let modules = self.module_texts();
        engine.set_module_resolver(FolderModules::new(modules.clone()));
        let run = || engine.run_ast_with_scope(&mut Scope::new(), ast);
        let ended = catch_unwind(AssertUnwindSafe(run));
        let mut result = stage.close(matches!(ended, Ok(Ok(()))));
        let failure = match ended {
            Err(_) => Some(crashed(&script.file)),
            Ok(Err(error)) => {
                let place = explain::place(&error, &script.file);
                let callable =
                    explain::Callable { engine: &engine, script: &script.ast, modules: &modules };
                let failure = result
                    .failure
                    .take()
                    .unwrap_or_else(|| explain::run_error(&error, &callable, &script.file));
                // What ended the script from outside has no place of its own.
                Some(ScriptError { place: failure.place.clone().or(place), ..failure })
            }
            Ok(Ok(())) => result.failure.take(),
        };
        StepResult {
            entries: result.entries,
            settings: result.asked,
            updates: result.updates,
            examples: result.examples,
            failure: failure.map(|one| self.located(one)),
        }
    }

    /// Points at the name that is wrong, where the script says it as such: the call that met it may stand
    /// lines below.
    fn located(&self, failure: ScriptError) -> ScriptError {
        let (Some(place), Some(name)) = (&failure.place, failure.wrong_name()) else {
            return failure;
        };
        let subject = self.subjects().find(|one| one.file == place.file);
        let written = subject.and_then(|one| lint::written(&one.ast, name, place));
        ScriptError { place: written.or_else(|| failure.place.clone()), ..failure }
    }
}

/// Tells the host which step, counted from 0, its next calls belong to.
fn enter_step(by: &RunEnvironment, step: usize) {
    // A panic of an earlier step has been reported; the host still works.
    by.host.lock().unwrap_or_else(PoisonError::into_inner).enter_step(step + 1);
}

/// Compiles one script or module.
pub(crate) fn compile(
    engine: &Engine,
    source: &SourceFile,
    limits: &Limits,
) -> Result<Subject, ScriptError> {
    let mut ast = engine
        .compile(&source.text)
        .map_err(|error| explain_syntax::parse_error(&error, source, limits))?;
    ast.set_source(source.path.as_str());
    let settings = settings::collect(&ast, &source.path, &source.text);
    Ok(Subject { file: source.path.clone(), ast, settings })
}

/// What scripts can call, which is the same for every folder.
fn vocabulary() -> &'static Vocabulary {
    static VOCABULARY: OnceLock<Vocabulary> = OnceLock::new();
    VOCABULARY.get_or_init(|| Vocabulary::of(&whole()))
}

/// The functions of our own that the engine has, each with how many values it takes.
pub fn registered_functions() -> Vec<(String, usize)> {
    let told =
        |info: rhai::FuncInfo<'_>| Some((info.metadata.name.to_string(), info.metadata.num_params));
    whole().collect_fn_metadata(None, told, false)
}

/// An engine that has the whole API, for nobody.
fn whole() -> Engine {
    let stage = StepContext::new(StepContextParts {
        host: Arc::new(Mutex::new(ExampleHost::default())),
        observer: Arc::new(Mutex::new(NoObserver)),
        settings: Settings::default(),
        own_settings: vec![],
        file: String::new(),
        written: Arc::default(),
        limits: Limits::default(),
        role: ScriptRole::Step,
    });
    engine::running(&stage, &Interrupt::default())
}

fn crashed(file: &str) -> ScriptError {
    ScriptError {
        kind: ScriptErrorKind::Mistake,
        message: format!("{file} made the script engine fail"),
        help: Some("this is a fault of leora-run, please report it; nothing was changed".into()),
        place: None,
    }
}
