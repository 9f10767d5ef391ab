//! `.leora`, where the program keeps its state. Reports contain customers' data, so git ignores the whole folder.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

const STATE_DIRECTORY: &str = ".leora";

/// Creates a folder with those above it; where it is in a `.leora`, git ignores that.
///
/// # Errors
/// When a folder or the `.gitignore` can't be created.
pub fn create_untracked_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    match folder.ancestors().find(|above| above.file_name() == Some(OsStr::new(STATE_DIRECTORY))) {
        Some(state) => ignore_everything(&state.join(".gitignore")),
        None => Ok(()),
    }
}

/// Writes a `.gitignore`, unless there is one: the user may have edited it.
fn ignore_everything(gitignore: &Path) -> io::Result<()> {
    match File::create_new(gitignore) {
        Ok(mut file) => file.write_all(b"*\n"),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::create_untracked_folder;

    #[test]
    fn git_ignores_the_state_directory_alone() {
        let folder = tempfile::tempdir().unwrap();
        create_untracked_folder(&folder.path().join(".leora/runs")).unwrap();
        let gitignore = folder.path().join(".leora/.gitignore");
        assert_eq!(fs::read_to_string(&gitignore).unwrap(), "*\n");
        assert!(!folder.path().join(".gitignore").exists());
    }

    #[test]
    fn an_edited_gitignore_stays() {
        let folder = tempfile::tempdir().unwrap();
        let gitignore = folder.path().join(".leora/.gitignore");
        fs::create_dir(folder.path().join(".leora")).unwrap();
        fs::write(&gitignore, "runs/\n").unwrap();
        create_untracked_folder(&folder.path().join(".leora/runs")).unwrap();
        assert_eq!(fs::read_to_string(&gitignore).unwrap(), "runs/\n");
    }
}
