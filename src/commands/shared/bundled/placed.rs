//! Writing the bundled files, and telling whether they are there.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::FILES;

/// Writes all files below a directory.
pub(super) fn write_files(directory: &Path) -> io::Result<()> {
    for file in FILES {
        let path = directory.join(file.path);
        fs::create_dir_all(path.parent().unwrap_or(directory))?;
        fs::write(path, file.text)?;
    }
    Ok(())
}

/// Whether exactly these files are in a directory: one more would be a further step of a folder.
pub(super) fn is_complete(directory: &Path) -> bool {
    let is_as_brought = |path: &PathBuf| {
        let file = FILES.iter().find(|file| directory.join(file.path) == *path);
        file.is_some_and(|file| fs::read(path).is_ok_and(|found| found == file.text.as_bytes()))
    };
    let found = files_below(directory);
    found.is_ok_and(|found| found.len() == FILES.len() && found.iter().all(is_as_brought))
}

fn files_below(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        // A link is no folder here.
        match entry.file_type()?.is_dir() {
            true => found.extend(files_below(&entry.path())?),
            false => found.push(entry.path()),
        }
    }
    Ok(found)
}

/// Puts the bundled folders and SQL files into a project, beside what it has; returns what was put there. Nothing is
/// written when one of them is there already, which is returned as the error's place.
pub(crate) fn place_beside(project: &Path) -> Result<Vec<PathBuf>, NotPlaced> {
    let places = places();
    if let Some(taken) = places.iter().find(|place| project.join(place).symlink_metadata().is_ok())
    {
        return Err(NotPlaced::Taken(taken.clone()));
    }
    let unfinished = tempfile::Builder::new().prefix(".leora-run-").tempdir_in(project)?;
    write_files(unfinished.path())?;
    for place in &places {
        fs::create_dir_all(project.join(place).parent().unwrap_or(project))?;
        fs::rename(unfinished.path().join(place), project.join(place))?;
    }
    Ok(places)
}

/// Why the bundled folders were not put into a project.
#[derive(Debug)]
pub(crate) enum NotPlaced {
    /// There is something of this name.
    Taken(PathBuf),
    /// The system's reason.
    Failed(io::Error),
}

impl From<io::Error> for NotPlaced {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

/// The folders of scripts, and the SQL files.
fn places() -> Vec<PathBuf> {
    let place = |path: &str| Path::new(path).components().take(2).collect::<PathBuf>();
    let mut places: Vec<PathBuf> = FILES.iter().map(|file| place(file.path)).collect();
    places.dedup();
    places
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{NotPlaced, is_complete, place_beside, write_files};

    #[test]
    fn a_file_more_or_another_text_is_not_what_was_brought() {
        let directory = tempfile::tempdir().unwrap();
        write_files(directory.path()).unwrap();
        assert!(is_complete(directory.path()));
        let further = directory.path().join("scripts/phase2/07_further.rhai");
        fs::write(&further, "").unwrap();
        assert!(!is_complete(directory.path()));
        fs::remove_file(further).unwrap();
        fs::write(directory.path().join("sql/phase2-migration.sql"), "SELECT 1;").unwrap();
        assert!(!is_complete(directory.path()));
    }

    #[test]
    fn nothing_is_written_where_one_is_there() {
        let project = tempfile::tempdir().unwrap();
        fs::create_dir_all(project.path().join("scripts/verify")).unwrap();
        let refused = place_beside(project.path());
        assert!(matches!(refused, Err(NotPlaced::Taken(place)) if place.ends_with("verify")));
        assert!(!project.path().join("scripts/phase2").exists());
        fs::remove_dir(project.path().join("scripts/verify")).unwrap();
        let places = place_beside(project.path()).unwrap();
        assert!(places.contains(&"sql/phase2-migration.sql".into()), "{places:?}");
        assert!(is_complete(project.path()));
    }
}
