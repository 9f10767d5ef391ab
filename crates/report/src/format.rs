//! What `fmt` did to scripts.

use serde::Serialize;

use crate::Finding;

/// What `fmt` did to scripts, or would do.
#[derive(Clone, Debug)]
pub struct FormatReport {
    /// Whether files are written.
    pub mode: FormatMode,
    /// The scripts that compile.
    pub files: Vec<FormattedFile>,
    /// Why the others were left alone.
    pub findings: Vec<Finding>,
}

/// Whether files are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormatMode {
    /// Those that are not formatted are written.
    Write,
    /// They are only named.
    Check,
}

/// A script that compiles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FormattedFile {
    /// Its path, as shown to people.
    pub file: String,
    /// Whether its text was another.
    pub changed: bool,
}

impl FormatReport {
    /// The scripts that were not formatted.
    pub fn changed(&self) -> impl Iterator<Item = &FormattedFile> {
        self.files.iter().filter(|file| file.changed)
    }

    /// The process's exit code: 2 where a script does not compile, 1 where one only would change, else 0.
    pub fn exit_code(&self) -> u8 {
        match (self.findings.is_empty(), self.mode, self.changed().next()) {
            (false, ..) => 2,
            (true, FormatMode::Check, Some(_)) => 1,
            _ => 0,
        }
    }
}
