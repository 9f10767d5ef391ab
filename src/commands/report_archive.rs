//! The local copy of a run's report: `.leora/runs/<id>.json`.

use std::path::Path;
use std::{fs, io};

use leora_report::Report;
use leora_system::make_folder;

use crate::commands::Context;
use crate::render::document;

/// Keeps the report of what reached a database.
pub(crate) fn keep(report: &Report, context: &Context) {
    if report.target.is_none() {
        return;
    }
    if let Err(error) = save(report, &context.directory) {
        context.screen().aside(&format!("the report could not be kept in .leora/runs: {error}"));
    }
}

/// Writes the report; whole or not at all.
fn save(report: &Report, directory: &Path) -> io::Result<()> {
    let folder = directory.join(".leora/runs");
    make_folder(&folder)?;
    let unfinished = folder.join(format!("{}.tmp", report.run));
    fs::write(&unfinished, document(report) + "\n")?;
    fs::rename(unfinished, folder.join(format!("{}.json", report.run)))
}
