//! `--report FILE.html`: the report as a page, written when the command has ended, well or not.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::Timestamp;
use leora_report::{Failure, FailureKind, Provenance, Report};
use leora_system::{UnfinishedFile, Visibility, atomic_write};

use crate::commands::context::Context;
use crate::commands::shared::run_history::user_and_machine;
use crate::render::render_html;

/// The page, if `--report` asks for one.
#[derive(Debug)]
pub(crate) struct ReportPage {
    path: Option<PathBuf>,
    command: &'static str,
    started_at: Timestamp,
    started: Instant,
}

impl ReportPage {
    /// Checks, before anything runs, that the page can be written.
    pub(crate) fn open(command: &'static str, context: &Context) -> Result<Self, Failure> {
        let path = context.options.report.clone();
        if let Some(path) = &path {
            UnfinishedFile::write(path, "", Visibility::ByUmask)
                .map_err(|error| unwritable(path, &error))?;
        }
        Ok(Self { path, command, started_at: Timestamp::now(), started: Instant::now() })
    }

    /// Writes the page, whole or not at all.
    pub(crate) fn write(&self, report: &Report, context: &Context) {
        let Some(path) = &self.path else { return };
        let provenance = Provenance {
            command: self.command,
            started: self.started_at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            who: user_and_machine(),
            took: self.started.elapsed(),
        };
        let text = render_html(report, &provenance);
        let remark = match atomic_write(path, &text, Visibility::ByUmask) {
            Ok(()) => format!("The report is in {}.", path.display()),
            Err(error) => unwritable(path, &error).message,
        };
        context.screen().remark(&remark);
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(
        FailureKind::Usage,
        format!("the report can't be written to {}: {error}", path.display()),
        Some("give --report a file in a folder that can be written, such as report.html".into()),
    )
}
