//! The folders that `check` works on.

use std::fs;
use std::path::PathBuf;

use leora_folder::ScriptFolder;
use leora_report::{Failure, FailureKind};

use crate::commands::context::Context;

/// The given folders, else every one under scripts/.
pub(crate) fn find_folders(given: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    if !given.is_empty() {
        return Ok(given.to_vec());
    }
    let entries = fs::read_dir("scripts").into_iter().flatten().filter_map(Result::ok);
    let paths = entries.map(|entry| entry.path());
    let mut folders: Vec<PathBuf> =
        paths.filter(|path| path.join("leora.toml").is_file()).collect();
    folders.sort();
    if folders.is_empty() {
        return Err(Failure::new(
            FailureKind::Usage,
            "there is no script folder under scripts/ here",
            Some("give one, as in leora-run check scripts/phase2".into()),
        ));
    }
    Ok(folders)
}

/// Lets the screen show the lines of the folder's files, examples included.
pub(crate) fn remember_sources(folder: &ScriptFolder, context: &Context) {
    for source in folder.sources().chain(&folder.examples) {
        context.screen().remember_source(&source.path, &source.text);
    }
}
