//! `--report FILE.html`: the report as a page, written when the work has ended, well or not.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::Timestamp;
use leora_report::{Failure, FailureKind, Provenance, Report};
use leora_system::{UnfinishedFile, Visibility, atomic_write};

use crate::commands::context::Context;
use crate::commands::shared::run_record as history;
use crate::render::render_html;

/// The page that was asked for, if one was.
#[derive(Debug)]
pub(crate) struct Page {
    path: Option<PathBuf>,
    verb: &'static str,
    began: Timestamp,
    started: Instant,
}

impl Page {
    /// Checks, before anything runs, that the page can be written.
    pub(crate) fn open(verb: &'static str, context: &Context) -> Result<Self, Failure> {
        let path = context.options.report.clone();
        if let Some(path) = &path {
            UnfinishedFile::write(path, "", Visibility::ByUmask)
                .map_err(|error| unwritable(path, &error))?;
        }
        Ok(Self { path, verb, began: Timestamp::now(), started: Instant::now() })
    }

    /// Writes the page of what happened; whole or not at all.
    pub(crate) fn write(&self, report: &Report, context: &Context) {
        let Some(path) = &self.path else { return };
        let provenance = Provenance {
            command: self.verb,
            started: self.began.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            who: history::started_from(),
            took: self.started.elapsed(),
        };
        let text = render_html(report, &provenance);
        let told = match atomic_write(path, &text, Visibility::ByUmask) {
            Ok(()) => format!("The report is in {}.", path.display()),
            Err(error) => unwritable(path, &error).message,
        };
        context.screen().remark(&told);
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(
        FailureKind::Usage,
        format!("the report can't be written to {}: {error}", path.display()),
        Some("give --report a file in a folder that can be written, such as report.html".into()),
    )
}
