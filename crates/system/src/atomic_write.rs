//! Writing a file so that it is there whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

/// Who may read a file that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Its owner alone: mode 0600.
    Private,
    /// Whoever the process's umask lets.
    ByUmask,
}

/// Writes a file, or replaces it; nobody ever sees a part of it. A link is neither followed nor replaced.
///
/// # Errors
/// When its folder can't be written, or `path` is a folder or a link.
pub fn atomic_write(path: &Path, text: &str, visibility: Visibility) -> io::Result<()> {
    UnfinishedFile::write(path, text, visibility)?.put_in_place()
}

/// A file that is written beside its place, and removed unless it is put there.
#[derive(Debug)]
pub struct UnfinishedFile<'a> {
    place: &'a Path,
    written: NamedTempFile,
}

impl<'a> UnfinishedFile<'a> {
    /// Writes the text into a new file, with a random name that no other file has.
    ///
    /// # Errors
    /// When the folder of `place` can't be written, or `place` is a folder or a link.
    pub fn write(place: &'a Path, text: &str, visibility: Visibility) -> io::Result<Self> {
        let mut file = Self::create(place, visibility)?;
        file.as_file().write_all(text.as_bytes())?;
        Ok(file)
    }

    /// Makes a new file, to be written through [`UnfinishedFile::as_file`].
    ///
    /// # Errors
    /// As [`UnfinishedFile::write`].
    pub fn create(place: &'a Path, visibility: Visibility) -> io::Result<Self> {
        let found = place.symlink_metadata().ok();
        if found.as_ref().is_some_and(|found| found.is_dir()) {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        // Where one comes there later, it is replaced and not followed, since the file is renamed.
        if found.is_some_and(|found| found.is_symlink()) {
            return Err(io::Error::other(
                "it is a link, which is not followed; name the file itself",
            ));
        }
        let folder = place.parent().filter(|folder| *folder != Path::new(""));
        let mode = match visibility {
            Visibility::Private => 0o600,
            Visibility::ByUmask => 0o666,
        };
        let create =
            |path: &Path| OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
        let written = Builder::new()
            .prefix(".leora-run-")
            .make_in(folder.unwrap_or(Path::new(".")), create)?;
        Ok(Self { place, written })
    }

    /// What is written so far.
    pub fn as_file(&mut self) -> &mut File {
        self.written.as_file_mut()
    }

    /// Where it is until it is put in its place.
    pub fn path(&self) -> &Path {
        self.written.path()
    }

    /// Puts it in its place, over what is there.
    ///
    /// # Errors
    /// When it can't be renamed.
    pub fn put_in_place(self) -> io::Result<()> {
        self.written.persist(self.place).map(drop).map_err(|error| error.error)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use super::{UnfinishedFile, Visibility, atomic_write};

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        names.collect()
    }

    #[test]
    fn replaces_a_file_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        for text in ["first", "second"] {
            atomic_write(&path, text, Visibility::ByUmask).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(names(folder.path()), ["plan.json"]);
    }

    #[test]
    fn keeps_a_private_file_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        atomic_write(&path, "", Visibility::Private).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn removes_what_is_not_put_in_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.html");
        drop(UnfinishedFile::write(&path, "half", Visibility::ByUmask).unwrap());
        assert_eq!(names(folder.path()), Vec::<String>::new());
    }

    #[test]
    fn refuses_a_link_in_the_place_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        fs::write(&target, "kept").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert!(atomic_write(&link, "written", Visibility::Private).is_err());
        assert_eq!(fs::read_to_string(&target).unwrap(), "kept");
        let late = folder.path().join("late");
        let unfinished = UnfinishedFile::write(&late, "x", Visibility::Private);
        std::os::unix::fs::symlink(&target, &late).unwrap();
        unfinished.unwrap().put_in_place().unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "kept");
    }

    #[test]
    fn refuses_a_folder_in_the_place_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        assert!(atomic_write(folder.path(), "", Visibility::ByUmask).is_err());
        assert_eq!(names(folder.path()), Vec::<String>::new());
    }
}
