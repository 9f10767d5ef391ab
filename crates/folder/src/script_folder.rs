//! A script folder, opened: every file is read once, so that what was checked is what runs.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::checksum::normalized_checksum;
use crate::error::FolderError;
use crate::manifest::Manifest;
use crate::read_file::{check_size, list_folder};
use crate::sheet::{Sheet, read_sheets};
use crate::source_file::SourceFile;
use crate::sql_files;
use crate::steps::{Step, read_modules, read_steps};
use crate::unsaved_texts::UnsavedTexts;

/// A folder that was opened: its files are in memory.
#[derive(Clone, Debug)]
pub struct ScriptFolder {
    /// The path as it was given.
    pub path: String,
    /// What the operator allows.
    pub manifest: Manifest,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The modules in `lib/`, by the name that `import` uses.
    pub modules: BTreeMap<String, SourceFile>,
    /// The examples.
    pub examples: Vec<SourceFile>,
    /// The SQL files that the manifest names, by name.
    pub sql: BTreeMap<String, SourceFile>,
    /// The data files in `data/`, by name.
    pub data: BTreeMap<String, Arc<Sheet>>,
    /// Prisma's migration.sql, by the migration's name.
    pub prisma: BTreeMap<String, SourceFile>,
}

/// Why a path without a manifest is no script folder.
pub(crate) fn no_script_folder(path: &Path) -> FolderError {
    let shown = |path: &Path| path.display().to_string();
    let has_manifest = |folder: &&Path| folder.join("leora.toml").is_file();
    if path.is_file() {
        let folder = path.ancestors().skip(1).take(2).find(has_manifest).map(shown);
        return FolderError::NotAFolder { path: shown(path), folder };
    }
    if !path.is_dir() {
        let near = Path::new("scripts").join(path);
        let near = has_manifest(&near.as_path()).then(|| shown(&near));
        return FolderError::NoFolder { path: shown(path), near };
    }
    // Those of a project's root are in scripts/.
    let inner = [path.to_owned(), path.join("scripts")];
    let inner = inner.iter().filter_map(|folder| list_folder(folder).ok()).flatten();
    let folders = inner.filter(|folder| has_manifest(&folder.as_path()));
    let folders: Vec<String> =
        folders.map(|folder| shown(without_current_directory(&folder))).collect();
    match folders.is_empty() {
        true => FolderError::NoManifest { path: shown(path) },
        false => FolderError::HoldsFolders { path: shown(path), folders },
    }
}

impl ScriptFolder {
    /// Reads a folder.
    ///
    /// # Errors
    /// [`FolderError`] when there is no such folder, a file fits no pattern, or the manifest is wrong.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        Self::open_with(path, &UnsavedTexts::default())
    }

    /// Reads a folder, with texts that are not saved yet in the place of files.
    ///
    /// # Errors
    /// As [`ScriptFolder::open`].
    pub fn open_with(path: &Path, unsaved: &UnsavedTexts) -> Result<Self, FolderError> {
        let path = without_current_directory(path);
        let manifest_path = path.join("leora.toml");
        if !unsaved.has_file(&manifest_path) {
            return Err(no_script_folder(path));
        }
        check_size(path)?;
        let manifest = Manifest::parse(&unsaved.read(&manifest_path)?)?;
        let folder = Self {
            path: path.display().to_string().trim_end_matches('/').to_owned(),
            steps: read_steps(path, unsaved)?,
            modules: read_modules(&path.join("lib"), unsaved)?,
            examples: read_modules(&path.join("examples"), unsaved)?.into_values().collect(),
            sql: sql_files::read_sql_files(path, &manifest, unsaved)?,
            data: read_sheets(&path.join("data"), manifest.limits.data_rows)?,
            prisma: sql_files::read_prisma_migrations(path, &manifest, unsaved)?,
            manifest,
        };
        folder.check_lengths()?;
        Ok(folder)
    }

    fn check_lengths(&self) -> Result<(), FolderError> {
        let steps = self.steps.iter().map(|step| &step.source);
        let mut scripts = steps.chain(self.modules.values()).chain(&self.examples);
        let most = self.manifest.limits.script_bytes;
        match scripts.find(|script| script.text.len() as u64 > most) {
            None => Ok(()),
            Some(SourceFile { path, text, .. }) => {
                Err(FolderError::TooLong { path: path.clone(), bytes: text.len(), most })
            }
        }
    }

    /// The SHA-256 of every file's bytes, by path.
    pub fn checksums(&self) -> BTreeMap<&str, &str> {
        let sheets = self.data.values().map(|sheet| (sheet.path.as_str(), sheet.sha256.as_str()));
        let files = self.sources().map(|file| (file.path.as_str(), file.sha256.as_str()));
        files.chain(sheets).collect()
    }

    /// The [`normalized_checksum`] of every file, by path: it only changes when what the file does may change.
    pub fn normalized_checksums(&self) -> BTreeMap<String, String> {
        let checksum = |file: &SourceFile| normalized_checksum(&file.path, &file.text);
        let sheets = self.data.values().map(|sheet| (sheet.path.clone(), sheet.sha256.clone()));
        self.sources().map(|file| (file.path.clone(), checksum(file))).chain(sheets).collect()
    }

    /// The scripts and texts that decide what a run does: all but the examples, and beside the data files.
    pub fn sources(&self) -> impl Iterator<Item = &SourceFile> {
        let steps = self.steps.iter().map(|step| &step.source);
        let sql = self.sql.values().chain(self.prisma.values());
        steps.chain(self.modules.values()).chain(sql).chain([&self.manifest.source])
    }
}

/// `scripts/phase2` for `./scripts/phase2`: plans and the history compare folders by path.
fn without_current_directory(path: &Path) -> &Path {
    match path.strip_prefix(".") {
        Ok(rest) if rest != Path::new("") => rest,
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::without_current_directory;

    #[test]
    fn a_path_from_the_current_directory_is_the_same_path() {
        for (given, path) in [
            ("./scripts/phase2", "scripts/phase2"),
            ("scripts/phase2", "scripts/phase2"),
            ("/scripts", "/scripts"),
            ("../scripts", "../scripts"),
            (".", "."),
        ] {
            assert_eq!(without_current_directory(Path::new(given)), Path::new(path));
        }
    }
}
