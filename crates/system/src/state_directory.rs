//! `.leora`, where the program keeps its state. Reports contain customers' data, so git ignores the whole folder.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::Path;

use nix::unistd::geteuid;

const STATE_DIRECTORY: &str = ".leora";

/// Who may enter a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FolderAccess {
    /// Its owner alone: mode 0700.
    Private,
    /// The same; but the folders of root also those who know the name of what is in it, since the server of the sandbox
    /// runs as another user then.
    Passable,
}

impl FolderAccess {
    fn mode(self) -> u32 {
        match self {
            Self::Passable if geteuid().is_root() => 0o711,
            Self::Private | Self::Passable => 0o700,
        }
    }
}

/// Creates a folder with those above it. Where it is in a `.leora`, git ignores that, and nobody else can look into it.
///
/// # Errors
/// When a folder or the `.gitignore` can't be created; or when what is in the place of a folder of `.leora` is a link, or
/// belongs to somebody who owns neither this process nor the project.
pub fn create_untracked_folder(folder: &Path, access: FolderAccess) -> io::Result<()> {
    let is_state = |above: &&Path| above.file_name() == Some(OsStr::new(STATE_DIRECTORY));
    let Some(state) = folder.ancestors().find(is_state) else { return fs::create_dir_all(folder) };
    let project = state.parent().filter(|above| *above != Path::new("")).unwrap_or(Path::new("."));
    fs::create_dir_all(project)?;
    let trusted = [geteuid().as_raw(), 0, project.metadata()?.uid()];
    let mut parts: Vec<&Path> = folder.ancestors().take_while(|part| *part != project).collect();
    parts.reverse();
    for part in parts {
        let access = if part == folder { access } else { FolderAccess::Passable };
        create_own_folder(part, access.mode(), &trusted)?;
    }
    ignore_everything(&state.join(".gitignore"))
}

/// Creates a folder with this mode, or gives it to one that is there and belongs to one of these users.
fn create_own_folder(folder: &Path, mode: u32, trusted: &[u32]) -> io::Result<()> {
    match DirBuilder::new().mode(mode).create(folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let found = folder.symlink_metadata()?;
    let refuse = |what: String| io::Error::other(format!("{} {what}", folder.display()));
    if !found.is_dir() {
        return Err(refuse("is a link or a file, not a folder; take it away".into()));
    }
    if !trusted.contains(&found.uid()) {
        return Err(refuse(format!("belongs to another user (uid {})", found.uid())));
    }
    if found.mode() & 0o777 & !mode == 0 || found.uid() != geteuid().as_raw() {
        return Ok(());
    }
    fs::set_permissions(folder, Permissions::from_mode(found.mode() & mode))
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
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::{FolderAccess, create_untracked_folder};

    #[test]
    fn git_ignores_the_state_directory_alone() {
        let folder = tempfile::tempdir().unwrap();
        create_untracked_folder(&folder.path().join(".leora/runs"), FolderAccess::Private).unwrap();
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
        create_untracked_folder(&folder.path().join(".leora/runs"), FolderAccess::Private).unwrap();
        assert_eq!(fs::read_to_string(&gitignore).unwrap(), "runs/\n");
    }

    #[test]
    fn nobody_else_can_look_into_it() {
        let folder = tempfile::tempdir().unwrap();
        let runs = folder.path().join(".leora/runs");
        let mode = |path: &str| {
            fs::metadata(folder.path().join(path)).unwrap().permissions().mode() & 0o777
        };
        fs::create_dir_all(&runs).unwrap();
        fs::set_permissions(&runs, Permissions::from_mode(0o755)).unwrap();
        create_untracked_folder(&runs, FolderAccess::Private).unwrap();
        assert_eq!(mode(".leora/runs"), 0o700);
        assert_eq!(mode(".leora") & 0o066, 0);
    }

    #[test]
    fn a_link_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        symlink(elsewhere.path(), folder.path().join(".leora")).unwrap();
        let runs = folder.path().join(".leora/runs");
        let error = create_untracked_folder(&runs, FolderAccess::Private).unwrap_err();
        assert!(
            error.to_string().ends_with(".leora is a link or a file, not a folder; take it away"),
            "{error}"
        );
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    }
}
