//! The local copy of a run's report: `.leora/runs/<id>.json`.

use std::fs;
use std::io;
use std::path::Path;

use crate::render::document;
use crate::report::Report;

/// Writes the report; whole or not at all.
pub(super) fn save(report: &Report, directory: &Path) -> io::Result<()> {
    let folder = directory.join(".leora/runs");
    fs::create_dir_all(&folder)?;
    let unfinished = folder.join(format!("{}.tmp", report.run));
    fs::write(&unfinished, document(report) + "\n")?;
    fs::rename(unfinished, folder.join(format!("{}.json", report.run)))
}
