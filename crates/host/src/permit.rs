//! What the manifest permits a folder to write. Each check answers with [`HostError::NotAllowed`] and the line that the
//! manifest lacks.

use leora_folder::Manifest;
use leora_rule::Access;

use crate::HostError;

fn not_allowed(message: String, help: String) -> HostError {
    HostError::NotAllowed { message, help }
}

/// Checks that a rule may set this column.
pub fn check_column(manifest: &Manifest, table: &str, column: &str) -> Result<(), HostError> {
    if manifest.may_set(table, column) {
        return Ok(());
    }
    let help = match manifest.access {
        Access::ReadOnly => {
            format!("the folder is read-only: set access = \"read-write\" in {}", manifest.path)
        }
        Access::ReadWrite | Access::RolledBack => {
            format!("add \"{table}.{column}\" to writes = [...] in {}", manifest.path)
        }
    };
    Err(not_allowed(format!("the manifest does not allow setting {table}.{column}"), help))
}

/// Checks that rows may be inserted into this table.
pub fn check_insert(manifest: &Manifest, table: &str) -> Result<(), HostError> {
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

/// Checks that rows may be deleted, which is only where everything is rolled back.
pub fn check_delete(manifest: &Manifest) -> Result<(), HostError> {
    if manifest.access == Access::RolledBack {
        return Ok(());
    }
    Err(not_allowed(
        "rows can only be deleted in a folder whose access is \"rolled-back\"".into(),
        "a migration does not delete rows; change them with update(...), or use an SQL file".into(),
    ))
}

/// Checks that the folder keeps what it writes, so that a migration can be recorded.
pub fn check_recording(manifest: &Manifest) -> Result<(), HostError> {
    if manifest.access == Access::ReadWrite {
        return Ok(());
    }
    Err(not_allowed(
        "a migration can only be recorded by a folder whose access is \"read-write\"".into(),
        format!("set access = \"read-write\" in {}", manifest.path),
    ))
}

/// Checks that this SQL file may be run.
pub fn check_sql_file(manifest: &Manifest, file: &str) -> Result<(), HostError> {
    if manifest.sql.iter().any(|name| name == file) {
        return Ok(());
    }
    Err(not_allowed(
        format!("the manifest does not name the SQL file {file}"),
        format!("add \"{file}\" to sql = [...] in {}", manifest.path),
    ))
}
