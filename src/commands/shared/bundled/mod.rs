//! The folders that the program brings: those of `scripts/`, with their SQL files.
//!
//! They are in the program itself, so that it can be tried from an empty directory, however it was installed. On the
//! sandbox a folder that is not here is taken from them. On any other database it is not: there a run of what nobody has
//! read, and of thresholds that somebody may have changed elsewhere, would be a surprise.

mod files;
mod placed;

use std::io;
use std::path::{Component, Path, PathBuf};

use leora_report::{Failure, FailureKind};
use leora_system::{FolderAccess, create_untracked_folder};

use crate::commands::context::Context;
use files::FILES;
pub(crate) use placed::{NotPlaced, place_beside};

/// Where they are while a command on the sandbox uses them.
const PLACE: &str = ".leora/bundled";

/// Whether the program brings a folder of this name, such as `scripts/phase2`.
pub(crate) fn is_bundled(folder: &Path) -> bool {
    let folder = folder.strip_prefix(".").unwrap_or(folder);
    let plain = folder.components().all(|part| matches!(part, Component::Normal(_)));
    plain && FILES.iter().any(|file| Path::new(file.path) == folder.join("leora.toml"))
}

/// The folder to open for the one that was given: itself where it is there, else the bundled one of its name on the sandbox.
pub(crate) fn folder_or_bundled(given: &Path, context: &Context) -> Result<PathBuf, Failure> {
    let folder = given.strip_prefix(".").unwrap_or(given);
    let is_here = given.symlink_metadata().is_ok();
    if is_here || !context.options.sandbox || !is_bundled(folder) {
        return Ok(given.to_owned());
    }
    write_anew(&context.directory.join(PLACE)).map_err(|error| {
        let message = format!("{PLACE} can't be written: {error}");
        let help = "start it in a directory that can be written".to_owned();
        Failure::new(FailureKind::Usage, message, Some(help))
    })?;
    let shown = folder.display();
    let note = format!(
        "there is no {shown} here, so the one that leora-run brings is used; leora-run new --bundled writes it here"
    );
    context.screen().note(&note);
    Ok(Path::new(PLACE).join(folder))
}

/// Writes them, unless exactly they are there. Another command may do so at the same time.
fn write_anew(place: &Path) -> io::Result<()> {
    if placed::is_complete(place) {
        return Ok(());
    }
    let above = place.parent().unwrap_or(Path::new("."));
    create_untracked_folder(above, FolderAccess::Passable)?;
    let unfinished = tempfile::Builder::new().prefix("bundled.").tempdir_in(above)?;
    let (new, old) = (unfinished.path().join("new"), unfinished.path().join("old"));
    placed::write_files(&new)?;
    let _ = std::fs::rename(place, old);
    match std::fs::rename(new, place) {
        Err(_) if placed::is_complete(place) => Ok(()),
        other => other,
    }
}
