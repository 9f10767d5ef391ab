//! `--report FILE.html`: the report as a page, written when the work has ended, well or not.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Instant;
use std::{fs, io};

use jiff::Timestamp;
use leora_report::{Failure, FailureKind, Occasion, Report};

use crate::commands::{Context, run_record as history};
use crate::render::html_page;

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
            try_out(path).map_err(|error| unwritable(path, &error))?;
        }
        Ok(Self { path, verb, began: Timestamp::now(), started: Instant::now() })
    }

    /// Writes the page of what happened; whole or not at all.
    pub(crate) fn write(&self, report: &Report, context: &Context) {
        let Some(path) = &self.path else { return };
        let occasion = Occasion {
            verb: self.verb,
            began: self.began.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            who: history::started_from(),
            took: self.started.elapsed(),
        };
        let text = html_page(report, &occasion);
        let done =
            fs::write(unfinished(path), text).and_then(|()| fs::rename(unfinished(path), path));
        let told = match done {
            Ok(()) => format!("The report is in {}.", path.display()),
            Err(error) => unwritable(path, &error).message,
        };
        context.screen().remark(&told);
    }
}

/// Begins the file beside the page, and takes it away again.
fn try_out(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    }
    fs::write(unfinished(path), "")?;
    fs::remove_file(unfinished(path))
}

/// The name under which the page is written, until it is whole.
fn unfinished(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".unfinished");
    path.with_file_name(name)
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(
        FailureKind::Usage,
        format!("the report can't be written to {}: {error}", path.display()),
        Some("give --report a file in a folder that can be written, such as report.html".into()),
    )
}
