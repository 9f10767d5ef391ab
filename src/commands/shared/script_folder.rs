//! What a verb tells about a folder before it works with it.

use std::path::Path;
use std::sync::Arc;

use leora_folder::{FolderError, ScriptFolder};
use leora_report::{Failure, Report, SourceReport};
use leora_rule::nearest;
use leora_script::Program;

use crate::commands::context::Context;

/// Opens a folder; a mistake in its manifest or an SQL file can then be shown on its line.
pub(crate) fn open(path: &Path, context: &Context) -> Result<Arc<ScriptFolder>, Failure> {
    let known = |error: &FolderError| {
        if let Some((file, ..)) = error.place() {
            context.screen().remember_source(&file.path, &file.text);
        }
    };
    ScriptFolder::open(path).map(Arc::new).inspect_err(known).map_err(|error| {
        match (&error, command_like(path)) {
            (FolderError::NoFolder { .. }, Some(command)) => Failure {
                help: Some(format!("did you mean the command {command}?")),
                ..Failure::from(error)
            },
            _ => Failure::from(error),
        }
    })
}

/// Tells the report and the screen what is run.
pub(crate) fn introduce(folder: &ScriptFolder, report: &mut Report, context: &Context) {
    report.folder.clone_from(&folder.path);
    report.title.clone_from(&folder.manifest.title);
    report.access = Some(folder.manifest.access);
    report.next = addressed(&folder.manifest.next, context);
    report.back = addressed(&folder.manifest.back, context);
    report.sources.clear();
    for source in folder.sources() {
        context.screen().remember_source(&source.path, &source.text);
        report.sources.push(SourceReport { path: source.path.clone(), text: source.text.clone() });
    }
}

/// Tells the report what the comments beside the settings say.
pub(crate) fn explain_settings(program: &Program, report: &mut Report) {
    for setting in program.settings() {
        if let Some(comment) = &setting.comment {
            report.setting_comments.insert(setting.name.clone(), comment.clone());
        }
    }
}

/// Commands to go on with, for the same database.
pub(crate) fn addressed(commands: &[String], context: &Context) -> Vec<String> {
    let one = |command: &String| match context.options.sandbox && command.starts_with("leora-run ")
    {
        true => format!("{command} --sandbox"),
        false => command.clone(),
    };
    commands.iter().map(one).collect()
}

/// The command that a folder's name was most likely meant to be.
fn command_like(path: &Path) -> Option<&'static str> {
    nearest(path.to_str()?, ["run", "plan", "check", "undo", "status", "doctor", "sandbox", "help"])
}
