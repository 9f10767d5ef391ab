//! What the manifest allows a folder to write.

use leora_folder::Manifest;
use leora_rule::Access;

use crate::HostError;

fn not_allowed(message: String, help: String) -> HostError {
    HostError::NotAllowed { message, help }
}

/// Whether a rule may set this column.
pub fn set(manifest: &Manifest, table: &str, column: &str) -> Result<(), HostError> {
    if manifest.may_set(table, column) {
        return Ok(());
    }
    let help = match manifest.access {
        Access::ReadOnly => {
            format!("the folder is read-only: set access = \"read-write\" in {}", manifest.path)
        }
        _ => format!("add \"{table}.{column}\" to writes = [...] in {}", manifest.path),
    };
    Err(not_allowed(format!("the manifest does not allow setting {table}.{column}"), help))
}

/// Whether rows may be inserted here.
pub fn insert(manifest: &Manifest, table: &str) -> Result<(), HostError> {
    if manifest.may_insert(table) {
        return Ok(());
    }
    Err(not_allowed(
        format!("the manifest does not allow inserting into {table}"),
        format!(
            "add \"{table}\" to writes = [...] in {}, or set access = \"rolled-back\"",
            manifest.path
        ),
    ))
}

/// Whether rows may be deleted: only where everything is rolled back.
pub fn delete(manifest: &Manifest) -> Result<(), HostError> {
    if manifest.access == Access::RolledBack {
        return Ok(());
    }
    Err(not_allowed(
        "rows can only be deleted in a folder whose access is \"rolled-back\"".into(),
        "a migration does not delete rows; change them with update(...), or use an SQL file".into(),
    ))
}

/// Whether the folder keeps what it writes, so that the history may be written.
pub fn record(manifest: &Manifest) -> Result<(), HostError> {
    if manifest.access == Access::ReadWrite {
        return Ok(());
    }
    Err(not_allowed(
        "a migration can only be recorded by a folder whose access is \"read-write\"".into(),
        format!("set access = \"read-write\" in {}", manifest.path),
    ))
}

/// Whether this SQL file may be run.
pub fn sql(manifest: &Manifest, file: &str) -> Result<(), HostError> {
    if manifest.sql.iter().any(|name| name == file) {
        return Ok(());
    }
    Err(not_allowed(
        format!("the manifest does not name the SQL file {file}"),
        format!("add \"{file}\" to sql = [...] in {}", manifest.path),
    ))
}
