//! `.leora`: what the program keeps beside the scripts. Reports have customers' data in them, so git is told to leave it alone.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// The folder's name.
const OWN: &str = ".leora";

/// Makes a folder with those above it, and in a `.leora` above it a `.gitignore` that leaves out all.
///
/// # Errors
/// When one of them can't be made.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    match folder.ancestors().find(|above| above.file_name() == Some(OsStr::new(OWN))) {
        Some(own) => leave_out(&own.join(".gitignore")),
        None => Ok(()),
    }
}

/// Writes the `.gitignore`, unless there is one.
fn leave_out(ignore: &Path) -> io::Result<()> {
    match File::create_new(ignore) {
        Ok(mut file) => file.write_all(b"*\n"),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}
