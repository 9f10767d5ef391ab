//! `--report FILE.html`: the report as a page, written when the command has ended, well or not.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::Timestamp;
use leora_report::{Failure, FailureKind, Provenance, Report};
use leora_system::{UnfinishedFile, Visibility, atomic_write};

use crate::commands::context::Context;
use crate::commands::shared::run_history::user_and_machine;
use leora_render::render_html;

/// The page, if `--report` asks for one.
#[derive(Debug)]
pub(crate) struct ReportPage {
    path: Option<PathBuf>,
    writable: Result<(), Failure>,
    command: &'static str,
    started_at: Timestamp,
    started: Instant,
}

impl ReportPage {
    /// Tries whether it can be written.
    pub(crate) fn begin(command: &'static str, context: &Context) -> Self {
        let path = context.options.report.clone();
        let writable = match &path {
            Some(path) => UnfinishedFile::write(path, "", Visibility::Private)
                .map(drop)
                .map_err(|error| unwritable(path, &error)),
            None => Ok(()),
        };
        Self { path, writable, command, started_at: Timestamp::now(), started: Instant::now() }
    }

    /// Runs the work, unless the page can't be written.
    pub(crate) fn run(&self, work: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
        self.writable.clone()?;
        work()
    }

    /// Writes the page, whole or not at all.
    pub(crate) fn write(&self, report: &Report, context: &Context) {
        let (Some(path), Ok(())) = (&self.path, &self.writable) else { return };
        let provenance = Provenance {
            command: self.command,
            started: self.started_at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            who: user_and_machine(),
            took: self.started.elapsed(),
        };
        let text = render_html(report, &provenance);
        let remark = match atomic_write(path, &text, Visibility::Private) {
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
