//! The scripts of a folder as files, whatever else is wrong with the folder.

use std::path::Path;

use crate::error::FolderError;
use crate::limits::Limits;
use crate::manifest::Manifest;
use crate::read_file::{check_size, list_folder, read_source_file};
use crate::script_folder::no_script_folder;
use crate::source_file::SourceFile;

/// The scripts of a folder, those in its `lib/` and `examples/` too, or the one script that the path names.
///
/// # Errors
/// [`FolderError`] when there is no script, or one can't be read.
pub fn read_scripts(path: &Path) -> Result<Vec<SourceFile>, FolderError> {
    let shown = || path.display().to_string();
    if path.is_file() {
        return match is_script(path) {
            true => Ok(vec![read_source_file(path)?]),
            false => Err(FolderError::NoScript { path: shown() }),
        };
    }
    if !path.is_dir() {
        return Err(FolderError::NoFolder { path: shown(), near: None });
    }
    check_size(path)?;
    let mut scripts = Vec::new();
    for folder in ["", "lib", "examples"].map(|name| path.join(name)) {
        let is_link = folder != path.join("") && folder.is_symlink();
        if is_link {
            return Err(FolderError::LinkedFolder { path: folder.display().to_string() });
        }
        let files = if folder.is_dir() { list_folder(&folder)? } else { vec![] };
        for file in files.iter().filter(|file| is_script(file) && !file.is_dir()) {
            scripts.push(read_source_file(file)?);
        }
    }
    match scripts.is_empty() {
        true if path.join("leora.toml").is_file() => Err(FolderError::NoSteps { path: shown() }),
        true => Err(no_script_folder(path)),
        false => Ok(scripts),
    }
}

/// The limits of the manifest that a script is under; the default ones where there is none that can be read.
pub fn limits_of(script: &str) -> Limits {
    let above = Path::new(script).ancestors().skip(1).take(2);
    let mut manifests = above.map(|folder| folder.join("leora.toml"));
    let manifest = manifests.find(|path| path.is_file());
    let manifest = manifest.and_then(|path| Manifest::parse(&read_source_file(&path).ok()?).ok());
    manifest.map(|manifest| manifest.limits).unwrap_or_default()
}

fn is_script(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rhai")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{limits_of, read_scripts};

    #[test]
    fn the_scripts_of_a_folder_are_found_without_a_manifest() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("lib")).expect("a folder");
        for name in ["b.rhai", "lib/a.rhai", "a.txt", ".c.rhai", "lib/x.sql"] {
            fs::write(folder.path().join(name), "1").expect("a file");
        }
        let found = read_scripts(folder.path()).expect("scripts");
        let names: Vec<_> = found.iter().map(|one| one.path.rsplit('/').next()).collect();
        assert_eq!(names, [Some("b.rhai"), Some("a.rhai")]);
        assert_eq!(read_scripts(&folder.path().join("b.rhai")).map(|found| found.len()), Ok(1));
        for none in ["a.txt", "none", "none.rhai"] {
            assert!(read_scripts(&folder.path().join(none)).is_err(), "{none}");
        }
    }

    #[test]
    fn a_script_is_under_the_limits_of_its_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let manifest = "title = \"T\"\naccess = \"read-only\"\n[limits]\ntime = 7\n";
        fs::write(folder.path().join("leora.toml"), manifest).expect("a file");
        for name in ["a.rhai", "lib/a.rhai"] {
            let path = folder.path().join(name);
            assert_eq!(limits_of(&path.display().to_string()).time, 7, "{name}");
        }
    }
}
