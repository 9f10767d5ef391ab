//! The local copy of a report: `.leora/runs/<id>.json`.

use std::io;
use std::path::Path;

use leora_report::Report;
use leora_system::{FolderAccess, Visibility, atomic_write, create_untracked_folder};

use crate::commands::context::Context;
use leora_render::render_json;

/// Saves the report of a command that reached a database.
pub(crate) fn archive_report(report: &Report, context: &Context) {
    if report.target.is_none() {
        return;
    }
    if let Err(error) = save(report, &context.directory) {
        context.screen().note(&format!("the report could not be saved in .leora/runs: {error}"));
    }
}

fn save(report: &Report, directory: &Path) -> io::Result<()> {
    let folder = directory.join(".leora/runs");
    create_untracked_folder(&folder, FolderAccess::Private)?;
    let path = folder.join(format!("{}.json", report.run));
    atomic_write(&path, &(render_json(report) + "\n"), Visibility::Private)
}
