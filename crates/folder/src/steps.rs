//! The steps of a folder, in the order of their numbers, and the modules that they share.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::FolderError;
use crate::read_file::file_name;
use crate::source_file::SourceFile;
use crate::unsaved_texts::UnsavedTexts;

/// One step: a script named `NN_name.rhai`.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its file name without the extension: `01_classify_customers`.
    pub name: String,
    /// Its title: the first `//!` line, or its name in words.
    pub title: String,
    /// The script.
    pub source: SourceFile,
}

/// Refuses what has no meaning in the folder.
pub(crate) fn read_steps(folder: &Path, unsaved: &UnsavedTexts) -> Result<Vec<Step>, FolderError> {
    let mut steps: BTreeMap<u32, Step> = BTreeMap::new();
    for path in unsaved.list(folder)? {
        let name = file_name(&path);
        if path.is_dir() {
            check_subfolder(&path, &name)?;
            continue;
        }
        if name == "leora.toml" {
            continue;
        }
        let Some(number) = step_number(&name) else {
            return Err(FolderError::Misnamed { path: path.display().to_string() });
        };
        let source = unsaved.read(&path)?;
        let name = name.trim_end_matches(".rhai").to_owned();
        let step = Step { title: step_title(&source.text, &name), name, source };
        if let Some(other) = steps.insert(number, step) {
            return Err(FolderError::SameNumber {
                path: path.display().to_string(),
                other: other.source.path,
            });
        }
    }
    if steps.is_empty() {
        return Err(FolderError::NoSteps { path: folder.display().to_string() });
    }
    Ok(steps.into_values().collect())
}

fn check_subfolder(path: &Path, name: &str) -> Result<(), FolderError> {
    if path.is_symlink() {
        return Err(FolderError::LinkedFolder { path: path.display().to_string() });
    }
    if !["lib", "examples", "sql", "data"].contains(&name) {
        return Err(FolderError::UnknownFolder { path: path.display().to_string() });
    }
    Ok(())
}

/// Reads the modules in `lib/`, or the files in `examples/`, by name without the extension.
pub(crate) fn read_modules(
    folder: &Path,
    unsaved: &UnsavedTexts,
) -> Result<BTreeMap<String, SourceFile>, FolderError> {
    let mut files = BTreeMap::new();
    if folder.is_symlink() {
        return Err(FolderError::LinkedFolder { path: folder.display().to_string() });
    }
    if !unsaved.has_folder(folder) {
        return Ok(files);
    }
    for path in unsaved.list(folder)? {
        let name = file_name(&path);
        let stem = name.strip_suffix(".rhai").filter(|stem| is_identifier(stem));
        let Some(stem) = stem else {
            return Err(FolderError::MisnamedModule { path: path.display().to_string() });
        };
        files.insert(stem.to_owned(), unsaved.read(&path)?);
    }
    Ok(files)
}

fn step_number(file_name: &str) -> Option<u32> {
    let (number, name) = file_name.strip_suffix(".rhai")?.split_once('_')?;
    let two_digits = number.len() == 2 && number.bytes().all(|byte| byte.is_ascii_digit());
    (two_digits && is_identifier(name)).then(|| number.parse().ok())?
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The first `//!` line of the comment at the top, else the step's name in words.
fn step_title(script: &str, name: &str) -> String {
    let first = script.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let title = first.strip_prefix("//!").map(str::trim).filter(|title| !title.is_empty());
    title.map_or_else(|| name[3..].replace('_', " "), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{step_number, step_title};

    #[test]
    fn a_step_has_two_digits_and_an_identifier() {
        assert_eq!(step_number("01_classify_customers.rhai"), Some(1));
        assert_eq!(step_number("99_X.rhai"), Some(99));
        for misnamed in [
            "1_first.rhai",
            "001_first.rhai",
            "01-first.rhai",
            "01_first-half.rhai",
            "01_.rhai",
            "01_first.txt",
            "01_first.rhai.bak",
            "first.rhai",
            "+1_first.rhai",
        ] {
            assert_eq!(step_number(misnamed), None, "{misnamed}");
        }
    }

    #[test]
    fn the_title_is_the_first_line_of_the_comment_at_the_top() {
        let title = |script| step_title(script, "10_update_priorities");
        assert_eq!(title("//! Update priorities\n//! of customers\n"), "Update priorities");
        assert_eq!(title("\n  //!   Update priorities  \nlet a = 1;"), "Update priorities");
        for untitled in ["", "let a = 1;\n//! late", "//!\n//! second", "// a comment"] {
            assert_eq!(title(untitled), "update priorities", "{untitled}");
        }
    }
}
