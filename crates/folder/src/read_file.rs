//! Reading files and folders: regular files only, of bounded length, and no hidden ones.

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use leora_rule::format_number;
use nix::fcntl::OFlag;

use crate::checksum::sha256_hex;
use crate::error::FolderError;
use crate::source_file::SourceFile;

/// In bytes; a longer script, manifest or SQL file takes seconds to parse.
const MAX_FILE_BYTES: u64 = 1 << 20;

const BYTE_ORDER_MARK: char = '\u{feff}';

const CHECK_PERMISSIONS: &str = "check that you may read it";

/// The system's reason for an error, without its "(os error N)".
pub fn io_reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

pub(crate) fn read_source_file(path: &Path) -> Result<SourceFile, FolderError> {
    let shown = path.display().to_string();
    let unreadable = |reason: String, help: &'static str| FolderError::Unreadable {
        path: shown.clone(),
        reason,
        help,
    };
    let refused = |error: io::Error| unreadable(io_reason(&error), CHECK_PERMISSIONS);
    let not_a_file = || {
        let reason = "it is a link or a folder, not a regular file".into();
        unreadable(reason, "put a copy of the file there")
    };
    if fs::symlink_metadata(path).map_err(refused)?.is_symlink() {
        return Err(not_a_file());
    }
    // Not through a link that was put there meanwhile, and without waiting for somebody to write into a pipe.
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
    let file = fs::OpenOptions::new().read(true).custom_flags(flags.bits()).open(path);
    let file = file.map_err(refused)?;
    let metadata = file.metadata().map_err(refused)?;
    if !metadata.is_file() {
        return Err(not_a_file());
    }
    if metadata.len() > MAX_FILE_BYTES {
        let [bytes, most] = [metadata.len(), MAX_FILE_BYTES].map(format_number);
        let reason = format!("it has {bytes} bytes, and at most {most} are read");
        return Err(unreadable(reason, "split it"));
    }
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES).read_to_end(&mut bytes).map_err(refused)?;
    let sha256 = sha256_hex(&bytes);
    let mut text = String::from_utf8(bytes)
        .map_err(|_| unreadable("it is not UTF-8 text".into(), "save it as UTF-8"))?;
    // Some editors begin a file with the mark of its encoding, which would be a letter to Rhai and PostgreSQL.
    if text.starts_with(BYTE_ORDER_MARK) {
        text.remove(0);
    }
    Ok(SourceFile { path: shown, text, sha256 })
}

const MAX_FILES: usize = 1_000;
const MAX_FOLDER_BYTES: u64 = 32 << 20;
/// What the sheets of a folder have together.
const MAX_SHEET_BYTES: u64 = 128 << 20;

/// Refuses a folder with more files or bytes than are read, before any is read.
pub(crate) fn check_size(folder: &Path) -> Result<(), FolderError> {
    let (mut files, mut bytes) = (0_usize, 0_u64);
    let mut of_sheets = 0_u64;
    for name in ["", "lib", "examples", "sql", "data"] {
        let inner = folder.join(name);
        if !inner.is_dir() || inner.is_symlink() {
            continue;
        }
        for path in list_folder(&inner)? {
            let file = fs::symlink_metadata(&path).ok().filter(fs::Metadata::is_file);
            files += usize::from(file.is_some());
            let size = file.map_or(0, |file| file.len());
            match name {
                "data" => of_sheets = of_sheets.saturating_add(size),
                _ => bytes = bytes.saturating_add(size.min(MAX_FILE_BYTES)),
            }
        }
    }
    if of_sheets > MAX_SHEET_BYTES {
        let most = [of_sheets, MAX_SHEET_BYTES].map(format_number).join(" bytes, and at most ");
        return Err(FolderError::Unreadable {
            path: folder.join("data").display().to_string(),
            reason: format!("it has {most} are read"),
            help: "put what is as large as that into a table of the database",
        });
    }
    let most = match (files > MAX_FILES, bytes > MAX_FOLDER_BYTES) {
        (true, _) => {
            [files as u64, MAX_FILES as u64].map(format_number).join(" files, and at most ")
        }
        (_, true) => [bytes, MAX_FOLDER_BYTES].map(format_number).join(" bytes, and at most "),
        _ => return Ok(()),
    };
    Err(FolderError::Unreadable {
        path: folder.display().to_string(),
        reason: format!("it has {most} are read"),
        help: "split it into several folders",
    })
}

/// Sorted by name, without hidden files, which editors leave.
pub(crate) fn list_folder(folder: &Path) -> Result<Vec<PathBuf>, FolderError> {
    let unreadable = |error: io::Error| FolderError::Unreadable {
        path: folder.display().to_string(),
        reason: io_reason(&error),
        help: CHECK_PERMISSIONS,
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if !file_name(&path).starts_with('.') {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
