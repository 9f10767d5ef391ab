//! The files of this project, as they are in the clone.

use std::fs;
use std::path::{Path, PathBuf};

/// The path of a file or folder of this project.
pub fn own_path(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The text of a file of this project.
#[track_caller]
pub fn own_text(path: &str) -> String {
    fs::read_to_string(own_path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
