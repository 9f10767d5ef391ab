//! `fmt`: formats scripts, or tells which are not formatted.

use std::path::{Path, PathBuf};
use std::{fs, io};

use leora_folder::{SourceFile, io_reason, limits_of, read_scripts};
use leora_report::{Failure, FailureKind, FindingKind, FormatMode, FormatReport, FormattedFile};
use leora_script::format_script;
use leora_system::{UnfinishedFile, Visibility};

use crate::commands::check::find_folders;
use crate::commands::context::Context;

pub(crate) fn fmt(given: &[PathBuf], mode: FormatMode, context: &Context) -> u8 {
    match format(given, mode, context) {
        Ok(report) => {
            context.screen().show_format(&report);
            report.exit_code()
        }
        Err(failure) => {
            let code = failure.kind.exit_code();
            context.screen().show_refusal(failure);
            code
        }
    }
}

fn format(given: &[PathBuf], mode: FormatMode, context: &Context) -> Result<FormatReport, Failure> {
    // All of them are read before the first is written.
    let mut scripts: Vec<SourceFile> = Vec::new();
    for path in &find_folders(given)? {
        scripts.extend(read_scripts(path)?);
    }
    let mut report = FormatReport { mode, files: Vec::new(), findings: Vec::new() };
    for script in scripts {
        context.screen().remember_source(&script.path, &script.text);
        match format_script(&script, &limits_of(&script.path)) {
            Err(error) => report.findings.push(error.into_finding(FindingKind::Syntax)),
            Ok(text) => {
                let changed = text != script.text;
                if changed && mode == FormatMode::Write {
                    write(Path::new(&script.path), &text)?;
                }
                report.files.push(FormattedFile { file: script.path, changed });
            }
        }
    }
    Ok(report)
}

/// Whole or not at all; who may read the file stays the same.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let put = || -> io::Result<()> {
        let permissions = fs::metadata(path)?.permissions();
        let unfinished = UnfinishedFile::write(path, text, Visibility::Private)?;
        fs::set_permissions(unfinished.path(), permissions)?;
        unfinished.put_in_place()
    };
    put().map_err(|error| {
        let message = format!("{} can't be written: {}", path.display(), io_reason(&error));
        let help = "check that you may write it and its folder".to_owned();
        Failure::new(FailureKind::Usage, message, Some(help))
    })
}
