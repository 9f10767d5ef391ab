//! Where a new folder is made, and its title.

use std::path::{Path, PathBuf};

use leora_report::{Failure, FailureKind};

/// A name alone is a folder in `scripts/`, where there is one; else it is the path.
pub(super) fn find_place(name: &Path, directory: &Path) -> Result<PathBuf, Failure> {
    let last = name.file_name().map(|last| last.to_string_lossy().into_owned());
    let last = last.filter(|last| is_plain(last)).ok_or_else(|| {
        let message = format!("{} can't be the name of a folder of scripts", name.display());
        let help = "use letters, digits, - and _, as in leora-run new scripts/loyalty".to_owned();
        Failure::new(FailureKind::Usage, message, Some(help))
    })?;
    let is_alone = name.components().count() == 1;
    Ok(match is_alone && directory.join("scripts").is_dir() {
        true => Path::new("scripts").join(last),
        false => name.to_owned(),
    })
}

/// A name that shells, other systems and the manifest take as it stands.
fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
}

/// The title of a folder: its name in words.
pub(super) fn title(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let words = name.replace(['-', '_'], " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{find_place, title};

    fn place(name: &str, directory: &Path) -> Option<String> {
        let found = find_place(Path::new(name), directory).ok();
        found.map(|path| path.display().to_string())
    }

    #[test]
    fn a_name_alone_is_a_folder_in_scripts() {
        let project = tempfile::tempdir().expect("a folder");
        assert_eq!(place("loyalty", project.path()).as_deref(), Some("loyalty"));
        std::fs::create_dir(project.path().join("scripts")).expect("a folder");
        assert_eq!(place("loyalty", project.path()).as_deref(), Some("scripts/loyalty"));
        assert_eq!(place("other/loyalty", project.path()).as_deref(), Some("other/loyalty"));
    }

    #[test]
    fn names_that_need_quotes_are_refused() {
        for name in ["", "..", "a b", "scripts/-x", "a\"b", "größe", "x.toml", ".hidden"] {
            assert_eq!(place(name, Path::new("/nowhere")), None, "{name}");
        }
    }

    #[test]
    fn a_title_is_the_name_in_words() {
        assert_eq!(title(Path::new("scripts/loyalty-tiers_2")), "Loyalty tiers 2");
    }
}
