//! Texts that an editor holds and has not saved: they stand in for the files on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::checksum::sha256_hex;
use crate::error::FolderError;
use crate::read_file::{list_folder, read_source_file};
use crate::source_file::SourceFile;

/// Texts by path; a file without one is read from the disk. The paths are written as the folder's own is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnsavedTexts(BTreeMap<PathBuf, String>);

impl UnsavedTexts {
    /// Puts a text in the place of a file, which need not exist yet.
    pub fn insert(&mut self, path: PathBuf, text: String) {
        self.0.insert(path, text);
    }

    /// Whether there is such a file, or a text in its place.
    pub(crate) fn has_file(&self, path: &Path) -> bool {
        self.0.contains_key(path) || path.is_file()
    }

    pub(crate) fn has_folder(&self, path: &Path) -> bool {
        self.0.keys().any(|file| file.parent() == Some(path)) || path.is_dir()
    }

    pub(crate) fn read(&self, path: &Path) -> Result<SourceFile, FolderError> {
        let Some(text) = self.0.get(path) else { return read_source_file(path) };
        let sha256 = sha256_hex(text.as_bytes());
        Ok(SourceFile { path: path.display().to_string(), text: text.clone(), sha256 })
    }

    /// The files and folders in a folder, sorted by name, with those that are not saved yet.
    pub(crate) fn list(&self, folder: &Path) -> Result<Vec<PathBuf>, FolderError> {
        let mut paths = if folder.is_dir() { list_folder(folder)? } else { vec![] };
        paths.extend(self.0.keys().filter(|file| file.parent() == Some(folder)).cloned());
        paths.sort();
        paths.dedup();
        Ok(paths)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::UnsavedTexts;
    use crate::ScriptFolder;

    #[test]
    fn unsaved_texts_stand_in_for_files_and_add_new_ones() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::write(path("leora.toml"), "title = \"T\"\n").expect("a file");
        fs::write(path("01_first.rhai"), "1").expect("a file");
        assert!(ScriptFolder::open(folder.path()).is_err());
        let mut unsaved = UnsavedTexts::default();
        let manifest = "title = \"T\"\naccess = \"read-write\"\nsql = [\"a.sql\"]\n";
        for (name, text) in [
            ("leora.toml", manifest),
            ("01_first.rhai", "2"),
            ("02_second.rhai", "3"),
            ("lib/shared.rhai", "4"),
            ("sql/a.sql", "SELECT 5;"),
        ] {
            unsaved.insert(path(name), text.into());
        }
        let opened = ScriptFolder::open_with(folder.path(), &unsaved).expect("a folder");
        let texts: Vec<&str> = opened.sources().map(|file| file.text.as_str()).collect();
        assert_eq!(texts, ["2", "3", "4", "SELECT 5;", manifest]);
    }
}
