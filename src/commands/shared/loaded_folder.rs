//! Opening and compiling the folder that a command works on, and what its report says about it.

use std::path::Path;
use std::sync::Arc;

use leora_execution::RunContext;
use leora_folder::{FolderError, ScriptFolder};
use leora_report::{Failure, Report, SourceReport};
use leora_rule::nearest;
use leora_script::{Program, Settings};

use crate::commands::context::Context;
use crate::commands::shared::bundled::{folder_or_bundled, is_bundled};

/// A folder whose scripts compile, with the settings that were given for it.
pub(crate) struct LoadedFolder {
    pub(crate) folder: Arc<ScriptFolder>,
    pub(crate) program: Program,
    pub(crate) settings: Settings,
}

impl LoadedFolder {
    /// Opens and compiles a folder, and checks the settings.
    pub(crate) fn load(path: &Path, context: &Context) -> Result<Self, Failure> {
        let loaded = Self::compile(open_folder(path, context)?, context)?;
        loaded.check_settings()?;
        Ok(loaded)
    }

    /// The same, and describes the folder in the report.
    pub(crate) fn load_for(
        report: &mut Report,
        path: &Path,
        context: &Context,
    ) -> Result<Self, Failure> {
        let folder = open_folder(path, context)?;
        describe_folder(&folder, report, context);
        let loaded = Self::compile(folder, context)?;
        loaded.describe_settings(report);
        loaded.check_settings()?;
        Ok(loaded)
    }

    pub(crate) fn compile(folder: Arc<ScriptFolder>, context: &Context) -> Result<Self, Failure> {
        let program = Program::compile(&folder)?;
        Ok(Self { folder, program, settings: Settings::new(context.options.set.clone()) })
    }

    /// Refuses settings that no script has.
    pub(crate) fn check_settings(&self) -> Result<(), Failure> {
        Ok(self.settings.check_known(self.program.settings())?)
    }

    /// Puts the comments beside the settings into the report.
    pub(crate) fn describe_settings(&self, report: &mut Report) {
        for setting in self.program.settings() {
            if let Some(comment) = &setting.comment {
                report.setting_comments.insert(setting.name.clone(), comment.clone());
            }
        }
    }

    /// What the hosts of a run share; a command that records no run leaves its id empty.
    pub(crate) fn run_context(&self, run: &str, context: &Context) -> Arc<RunContext> {
        Arc::new(RunContext {
            run: run.to_owned(),
            as_of: context.options.as_of,
            folder: Arc::clone(&self.folder),
            allow_large_change: context.options.allow_large_change,
            approval: None,
            resumed: None,
        })
    }
}

/// What to do about a folder that the program brings and that is not here.
const BUNDLED: &str = "\
    leora-run brings one of this name, which --sandbox tries; for another database, leora-run new --bundled writes it \
    here, to be read and changed";

/// Opens a folder, on the sandbox also a bundled one; a mistake in its manifest or an SQL file can then be shown on its line.
pub(crate) fn open_folder(path: &Path, context: &Context) -> Result<Arc<ScriptFolder>, Failure> {
    let place = folder_or_bundled(path, context)?;
    ScriptFolder::open(&place).map(Arc::new).map_err(|error| {
        if let Some((file, _)) = error.place() {
            context.screen().remember_source(&file.path, &file.text);
        }
        match (&error, similar_command(path)) {
            (FolderError::NoFolder { .. }, Some(command)) => Failure {
                help: Some(format!("did you mean the command {command}?")),
                ..Failure::from(error)
            },
            (FolderError::NoFolder { .. }, None) if is_bundled(path) => {
                Failure { help: Some(BUNDLED.to_owned()), ..Failure::from(error) }
            }
            _ => Failure::from(error),
        }
    })
}

/// The command that a folder's name was most likely meant to be.
fn similar_command(path: &Path) -> Option<&'static str> {
    nearest(path.to_str()?, ["run", "plan", "check", "undo", "status", "doctor", "sandbox", "help"])
}

/// Puts the folder, its files and its next commands into the report, and its files onto the screen.
pub(crate) fn describe_folder(folder: &ScriptFolder, report: &mut Report, context: &Context) {
    report.folder.clone_from(&folder.path);
    report.title.clone_from(&folder.manifest.title);
    report.access = Some(folder.manifest.access);
    report.next = for_same_target(&folder.manifest.next, context);
    report.back = for_same_target(&folder.manifest.back, context);
    report.sources.clear();
    for source in folder.sources() {
        context.screen().remember_source(&source.path, &source.text);
        report.sources.push(SourceReport { path: source.path.clone(), text: source.text.clone() });
    }
}

/// Commands that go on with the same database.
pub(crate) fn for_same_target(commands: &[String], context: &Context) -> Vec<String> {
    let sandbox = context.options.sandbox;
    let with_target = |command: &String| match sandbox && command.starts_with("leora-run ") {
        true => format!("{command} --sandbox"),
        false => command.clone(),
    };
    commands.iter().map(with_target).collect()
}
