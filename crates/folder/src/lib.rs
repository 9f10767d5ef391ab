//! A script folder: the manifest, the steps in order, the modules, examples and SQL files.
//!
//! Every file is read once, when the folder is opened: what was checked is what runs.

mod checksum;
mod error;
mod limits;
mod manifest;
mod sql_files;
mod sql_privileges;
mod sql_scanner;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;

pub use checksum::{meaning, sha256_hex};
pub use error::FolderError;
pub use limits::{LIMITS, Limit, Limits};
pub use manifest::{LockMode, Manifest, Transit};
pub use sql_privileges::SqlNeeds;
pub use sql_scanner::{Piece, Token, scan};

/// A file of the folder, as it was when the folder was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// The path as shown to people: the folder as it was given, then the file.
    pub path: String,
    /// Its text.
    pub text: String,
    /// The SHA-256 of its bytes, in lowercase hex.
    pub sha256: String,
}

/// One step: a script named `NN_name.rhai`.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its file name without the ending: `01_classify_customers`.
    pub name: String,
    /// Its title: the first `//!` line, or its name in words.
    pub title: String,
    /// The script.
    pub source: SourceFile,
}

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
    /// Prisma's migration.sql, by the migration's name.
    pub prisma: BTreeMap<String, SourceFile>,
}

/// The largest script, manifest or SQL file, in bytes; a longer one takes seconds to parse.
pub const MAX_FILE_BYTES: u64 = 1 << 20;

impl ScriptFolder {
    /// Reads a folder.
    ///
    /// # Errors
    /// [`FolderError`] when there is no such folder, a file fits no pattern, or the manifest is wrong.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let path = straight(path);
        if !path.is_dir() {
            return Err(FolderError::NoFolder { path: path.display().to_string() });
        }
        let manifest_path = path.join("leora.toml");
        if !manifest_path.is_file() {
            return Err(FolderError::NoManifest { path: path.display().to_string() });
        }
        let manifest = Manifest::parse(&read(&manifest_path)?)?;
        let steps = read_steps(path)?;
        let modules = read_named(&path.join("lib"))?;
        let examples: Vec<SourceFile> = read_named(&path.join("examples"))?.into_values().collect();
        let scripts = steps.iter().map(|step| &step.source).chain(modules.values());
        let most = manifest.limits.script_bytes;
        if let Some(long) = scripts.chain(&examples).find(|script| script.text.len() as u64 > most)
        {
            let (path, bytes) = (long.path.clone(), long.text.len());
            return Err(FolderError::TooLong { path, bytes, most });
        }
        let sql = sql_files::read_all(path, &manifest)?;
        let prisma = sql_files::read_migrations(path, &manifest)?;
        let shown = path.display().to_string();
        let path = shown.trim_end_matches('/').to_owned();
        Ok(Self { path, manifest, steps, modules, examples, sql, prisma })
    }

    /// Every file with its checksum, by path below the folder, for the history.
    pub fn checksums(&self) -> BTreeMap<&str, &str> {
        self.sources().map(|file| (file.path.as_str(), file.sha256.as_str())).collect()
    }

    /// Every file with the checksum of what it says, by path below the folder.
    pub fn meanings(&self) -> BTreeMap<String, String> {
        self.sources().map(|file| (file.path.clone(), meaning(&file.path, &file.text))).collect()
    }

    /// The files that decide what a run does.
    pub fn sources(&self) -> impl Iterator<Item = &SourceFile> {
        let steps = self.steps.iter().map(|step| &step.source);
        let sql = self.sql.values().chain(self.prisma.values());
        steps.chain(self.modules.values()).chain(sql).chain([&self.manifest.source])
    }
}

/// The path without what says nothing: `./scripts/phase2` is `scripts/phase2`, in a plan and in the history too.
fn straight(path: &Path) -> &Path {
    match path.strip_prefix(".") {
        Ok(rest) if rest != Path::new("") => rest,
        _ => path,
    }
}

/// What to do about a file that the system does not give.
const MAY_READ: &str = "check that you may read it";

/// The system's reason, without "(os error N)".
pub fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

/// Reads a file of the folder.
fn read(path: &Path) -> Result<SourceFile, FolderError> {
    let shown = path.display().to_string();
    let unreadable = |reason: String, help: &'static str| FolderError::Unreadable {
        path: shown.clone(),
        reason,
        help,
    };
    let refused = |error: std::io::Error| unreadable(plain(&error), MAY_READ);
    let no_file = || {
        let reason = "it is a link or a folder, not a regular file".into();
        unreadable(reason, "put a copy of the file there")
    };
    if fs::symlink_metadata(path).map_err(refused)?.is_symlink() {
        return Err(no_file());
    }
    // Not through a link that was put there meanwhile, and without waiting for somebody to write into a pipe.
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
    let file = fs::OpenOptions::new().read(true).custom_flags(flags.bits()).open(path);
    let file = file.map_err(refused)?;
    let about = file.metadata().map_err(refused)?;
    if !about.is_file() {
        return Err(no_file());
    }
    if about.len() > MAX_FILE_BYTES {
        let reason = format!("it has {} bytes, and at most {MAX_FILE_BYTES} are read", about.len());
        return Err(unreadable(reason, "split it"));
    }
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES).read_to_end(&mut bytes).map_err(refused)?;
    let sha256 = sha256_hex(&bytes);
    let text = String::from_utf8(bytes)
        .map_err(|_| unreadable("it is not UTF-8 text".into(), "save it as UTF-8"))?;
    Ok(SourceFile { path: shown, text, sha256 })
}

fn read_steps(folder: &Path) -> Result<Vec<Step>, FolderError> {
    let mut steps: BTreeMap<u32, Step> = BTreeMap::new();
    for path in entries(folder)? {
        let name = file_name(&path);
        if path.is_dir() || name == "leora.toml" {
            check_known(&path, &name)?;
            continue;
        }
        let Some(number) = step_number(&name) else {
            return Err(FolderError::Misnamed { path: path.display().to_string() });
        };
        let source = read(&path)?;
        let name = name.trim_end_matches(".rhai").to_owned();
        let step = Step { title: title(&source.text, &name), name, source };
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

/// A folder inside the folder must be one that has a meaning.
fn check_known(path: &Path, name: &str) -> Result<(), FolderError> {
    if path.is_symlink() && path.is_dir() {
        return Err(FolderError::LinkedFolder { path: path.display().to_string() });
    }
    if path.is_dir() && !["lib", "examples", "sql"].contains(&name) {
        return Err(FolderError::UnknownFolder { path: path.display().to_string() });
    }
    Ok(())
}

/// Reads `lib/` or `examples/`: files named `name.rhai`, by name.
fn read_named(folder: &Path) -> Result<BTreeMap<String, SourceFile>, FolderError> {
    let mut files = BTreeMap::new();
    if folder.is_symlink() {
        return Err(FolderError::LinkedFolder { path: folder.display().to_string() });
    }
    if !folder.is_dir() {
        return Ok(files);
    }
    for path in entries(folder)? {
        let name = file_name(&path);
        let stem = name.strip_suffix(".rhai").filter(|stem| is_identifier(stem));
        let Some(stem) = stem else {
            return Err(FolderError::MisnamedModule { path: path.display().to_string() });
        };
        files.insert(stem.to_owned(), read(&path)?);
    }
    Ok(files)
}

/// What is in a folder, by name, without the hidden files that editors leave.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, FolderError> {
    let unreadable = |error: std::io::Error| FolderError::Unreadable {
        path: folder.display().to_string(),
        reason: plain(&error),
        help: MAY_READ,
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if !file_name(&path).starts_with('.') {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The number of a step's file name, `NN_name.rhai`.
fn step_number(name: &str) -> Option<u32> {
    let (number, rest) = name.strip_suffix(".rhai")?.split_once('_')?;
    let digits = number.len() == 2 && number.bytes().all(|byte| byte.is_ascii_digit());
    (digits && is_identifier(rest)).then(|| number.parse().ok())?
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The first `//!` line of the comment at the top, else the step's name in words.
fn title(script: &str, name: &str) -> String {
    let first = script.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let said = first.strip_prefix("//!").map(str::trim).filter(|text| !text.is_empty());
    said.map_or_else(|| name[3..].replace('_', " "), str::to_owned)
}
