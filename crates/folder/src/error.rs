//! What can be wrong with a script folder.

use leora_report::{Failure, FailureKind, Fix, Place};
use leora_rule::format_count;

use crate::source_file::SourceFile;

/// Why a folder can't be run: the text states the fact, [`FolderError::help`] the next action.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FolderError {
    /// There is no folder of this name.
    #[error("there is no script folder {path}")]
    NoFolder {
        /// The path as given.
        path: String,
        /// The folder of this name in `scripts/`, if there is one.
        near: Option<String>,
    },
    /// The folder has no manifest.
    #[error("{path} has no leora.toml, so nobody said what its scripts may do")]
    NoManifest {
        /// The folder.
        path: String,
    },
    /// The folder has no manifest, and holds folders that have one.
    #[error("{path} is no script folder; it holds {}", format_count(folders.len() as u64, "script folder"))]
    HoldsFolders {
        /// The folder.
        path: String,
        /// Those in it.
        folders: Vec<String>,
    },
    /// A file, and not the folder that it is in.
    #[error("{path} is a file, and scripts run by the folder")]
    NotAFolder {
        /// The file.
        path: String,
        /// The folder that it is in, if that is a script folder.
        folder: Option<String>,
    },
    /// The folder has no steps.
    #[error("{path} has no steps")]
    NoSteps {
        /// The folder.
        path: String,
    },
    /// A file that is no script.
    #[error("{path} is no script: its name does not end in .rhai")]
    NoScript {
        /// The file.
        path: String,
    },
    /// A file that can't be read.
    #[error("{path} can't be read: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// The reason.
        reason: String,
        /// What to do.
        help: &'static str,
    },
    /// A file whose name fits no pattern.
    #[error("{path} is no step: its name does not fit NN_name.rhai")]
    Misnamed {
        /// The file.
        path: String,
    },
    /// A file in `lib/` or `examples/` whose name fits no pattern.
    #[error("{path} is not named like a module: name.rhai, of letters, digits and _")]
    MisnamedModule {
        /// The file.
        path: String,
    },
    /// A file in `data/` that is no CSV file.
    #[error("{path} is no data file: its name does not end in .csv")]
    MisnamedSheet {
        /// The file.
        path: String,
    },
    /// A folder inside the folder that has no meaning.
    #[error(
        "{path} is not one of the folders that a script folder may have: lib, examples, sql, data"
    )]
    UnknownFolder {
        /// The inner folder.
        path: String,
    },
    /// A link to a folder somewhere else.
    #[error("{path} is a link to another folder, and scripts come only from their own")]
    LinkedFolder {
        /// The link.
        path: String,
    },
    /// A script that is longer than the manifest allows.
    #[error("{path} has {bytes} bytes, and reached its limit script_bytes = {most}")]
    TooLong {
        /// The script.
        path: String,
        /// Its length.
        bytes: usize,
        /// The limit.
        most: u64,
    },
    /// Two steps with the same number.
    #[error("{path} and {other} have the same number, so their order is not known")]
    SameNumber {
        /// One of them.
        path: String,
        /// The other.
        other: String,
    },
    /// A mistake in the manifest.
    #[error("{message}")]
    Manifest {
        /// The manifest.
        file: SourceFile,
        /// Where in it.
        place: Place,
        /// What is wrong.
        message: String,
        /// What to do.
        help: Option<String>,
        /// What mends it, where that is the change of a text.
        fix: Option<Box<Fix>>,
    },
    /// A mistake in a data file.
    #[error("{path}:{line}: {message}")]
    Data {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
        /// What to do.
        help: String,
    },
    /// An SQL file that the manifest names and that is not there.
    #[error("the manifest names {name}, and there is no such file in {}", .looked.join(" or "))]
    NoSqlFile {
        /// The manifest.
        path: String,
        /// The file's name.
        name: String,
        /// Where it was looked for.
        looked: Vec<String>,
    },
    /// An SQL file that commits, or that only psql could run.
    #[error("{command} can't be used in an SQL file: {reason}")]
    SqlCommand {
        /// The file.
        file: SourceFile,
        /// Where in it.
        place: Place,
        /// The command.
        command: String,
        /// Why not.
        reason: String,
        /// What to do.
        help: &'static str,
    },
}

impl FolderError {
    /// The file that has the mistake and the place in it, where there is one.
    pub fn place(&self) -> Option<(&SourceFile, &Place)> {
        match self {
            Self::Manifest { file, place, .. } | Self::SqlCommand { file, place, .. } => {
                Some((file, place))
            }
            _ => None,
        }
    }

    /// What mends it, where that is the change of a text.
    pub fn fix(&self) -> Option<&Fix> {
        match self {
            Self::Manifest { fix, .. } => fix.as_deref(),
            _ => None,
        }
    }

    /// The file of the folder that it is about, where that is not the manifest and no place in it is known.
    pub fn file(&self) -> Option<&str> {
        match self {
            Self::NoScript { path }
            | Self::Unreadable { path, .. }
            | Self::Misnamed { path }
            | Self::MisnamedModule { path }
            | Self::TooLong { path, .. }
            | Self::Data { path, .. }
            | Self::MisnamedSheet { path }
            | Self::SameNumber { path, .. } => Some(path),
            _ => None,
        }
    }

    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        let help = match self {
            Self::NoFolder { near: Some(near), .. } => {
                return Some(format!("did you mean {near}?"));
            }
            Self::NoFolder { .. } => {
                "give the path of a folder with a leora.toml, such as scripts/phase2"
            }
            Self::NoManifest { .. } => {
                "add one: title = \"...\", access = \"read-only\", \"rolled-back\" or \"read-write\", and for that writes = [\"Table.column\"]"
            }
            Self::HoldsFolders { folders, .. } => {
                let more = if folders.len() > MOST_NAMED { ", ..." } else { "" };
                let named = &folders[..folders.len().min(MOST_NAMED)];
                return Some(format!("give one of them: {}{more}", named.join(", ")));
            }
            Self::NotAFolder { folder: Some(folder), .. } => {
                return Some(format!("give its folder: {folder}"));
            }
            Self::NotAFolder { .. } => {
                "give the path of a folder with a leora.toml, such as scripts/phase2"
            }
            Self::NoSteps { .. } => "add a step, such as 01_first.rhai",
            Self::NoScript { .. } => "give a script folder, or a file such as 01_first.rhai",
            Self::Unreadable { help, .. } | Self::SqlCommand { help, .. } => help,
            Self::Misnamed { path } if path.ends_with(".rhai") => {
                "name it like 20_priority.rhai, or move it to lib/ or examples/"
            }
            Self::Misnamed { path } if path.ends_with(".sql") => "move it to sql/",
            Self::Misnamed { .. } => "move it out of the folder",
            Self::MisnamedModule { .. } => "rename it, or move it out of the folder",
            Self::LinkedFolder { .. } => "put a copy of the folder there",
            Self::TooLong { .. } => "split the step",
            Self::UnknownFolder { .. } => "rename it, or move it out of the folder",
            Self::SameNumber { .. } => "give one of them another number",
            Self::Manifest { help, .. } => return help.clone(),
            Self::Data { help, .. } => return Some(help.clone()),
            Self::MisnamedSheet { .. } => "save it as CSV, and name it like overrides.csv",
            Self::NoSqlFile { .. } => "add the file, or take its name out of sql = [...]",
        };
        Some(help.to_owned())
    }
}

/// The most folders that a message names.
const MOST_NAMED: usize = 10;

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Self {
        let place = error.place().map(|(_, place)| place.clone());
        Self { place, ..Self::new(FailureKind::Manifest, error.to_string(), error.help()) }
    }
}
