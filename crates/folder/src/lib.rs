//! A script folder: the manifest, the steps in order, the modules, examples and SQL files.

mod checksum;
mod error;
mod limits;
mod manifest;
mod manifest_fix;
mod manifest_keys;
mod manifest_parser;
mod read_file;
mod row_label;
mod script_folder;
mod scripts;
mod sheet;
mod source_file;
mod sql_files;
mod sql_privileges;
mod steps;
mod unsaved_texts;

pub use checksum::{normalized_checksum, sha256_hex};
pub use error::FolderError;
pub use limits::{LIMITS, Limit, Limits};
pub use manifest::{ForbiddenTransition, LockMode, Manifest, TriggerRights};
pub use manifest_keys::{MANIFEST_KEYS, ManifestKey};
pub use read_file::io_reason;
pub use row_label::RowLabel;
pub use script_folder::ScriptFolder;
pub use scripts::{limits_of, read_scripts};
pub use sheet::Sheet;
pub use source_file::SourceFile;
pub use sql_files::sql_folders;
pub use sql_privileges::SqlPrivileges;
pub use steps::Step;
pub use unsaved_texts::UnsavedTexts;
