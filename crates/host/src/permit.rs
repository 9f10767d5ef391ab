//! What the manifest permits a folder to write. Each check answers with [`HostError::NotAllowed`] and the line that the
//! manifest lacks.

use leora_folder::Manifest;
use leora_report::toml_string;
use leora_rule::{Access, nearest};

use crate::{HostError, ManifestEntry};

fn not_allowed(message: String, help: String) -> HostError {
    HostError::NotAllowed { message, help, entry: None }
}

fn lacks_entry(message: String, help: String, list: &'static str, entry: &str) -> HostError {
    let entry = Some(ManifestEntry { list, entry: entry.to_owned() });
    HostError::NotAllowed { message, help, entry }
}

/// Checks that a rule may set this column.
pub fn check_column(manifest: &Manifest, table: &str, column: &str) -> Result<(), HostError> {
    if manifest.may_set(table, column) {
        return Ok(());
    }
    let message = format!("the manifest does not allow setting {table}.{column}");
    Err(match manifest.access {
        Access::ReadOnly => not_allowed(
            message,
            format!("the folder is read-only: set access = \"read-write\" in {}", manifest.path),
        ),
        Access::ReadWrite | Access::RolledBack => {
            let entry = format!("{table}.{column}");
            let quoted = toml_string(&entry);
            let add = format!("add {quoted} to writes = [...] in {}", manifest.path);
            let own = manifest.writes.iter().filter_map(|entry| entry.split_once('.'));
            let own = own.filter(|(of, _)| *of == table).map(|(_, column)| column);
            let help = match nearest(column, own) {
                Some(near) => format!("did you mean {near}? Otherwise {add}"),
                None => add,
            };
            lacks_entry(message, help, "writes", &entry)
        }
    })
}

/// Checks that rows may be inserted into this table.
pub fn check_insert(manifest: &Manifest, table: &str) -> Result<(), HostError> {
    if manifest.may_insert(table) {
        return Ok(());
    }
    let (message, help) = (
        format!("the manifest does not allow inserting into {table}"),
        format!(
            "add {} to writes = [...] in {}, or set access = \"rolled-back\"",
            toml_string(table),
            manifest.path
        ),
    );
    Err(match manifest.access {
        Access::ReadWrite => lacks_entry(message, help, "writes", table),
        Access::ReadOnly | Access::RolledBack => not_allowed(message, help),
    })
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

/// Checks that this migration may be recorded, or taken back.
pub fn check_record(manifest: &Manifest, migration: &str) -> Result<(), HostError> {
    check_recording(manifest)?;
    if manifest.may_record(migration) {
        return Ok(());
    }
    Err(lacks_entry(
        format!("the manifest does not allow recording the migration {migration}"),
        format!("add \"{migration}\" to records = [...] in {}", manifest.path),
        "records",
        migration,
    ))
}

/// Checks that this SQL file may be run.
pub fn check_sql_file(manifest: &Manifest, file: &str) -> Result<(), HostError> {
    if manifest.sql.iter().any(|name| name == file) {
        return Ok(());
    }
    let message = format!("the manifest does not name the SQL file {file}");
    let help = format!("add {} to sql = [...] in {}", toml_string(file), manifest.path);
    Err(match manifest.access {
        Access::ReadOnly => not_allowed(message, help),
        Access::ReadWrite | Access::RolledBack => lacks_entry(message, help, "sql", file),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_manifest::manifest;

    fn refusal(answer: Result<(), HostError>) -> (String, String) {
        let error = answer.expect_err("it is not permitted");
        (error.to_string(), error.help().unwrap_or_default())
    }

    #[test]
    fn only_columns_and_tables_in_writes_can_be_written() {
        let manifest = manifest("read-write", "writes = [\"Customer.accountType\", \"CallPlan\"]");
        assert!(check_column(&manifest, "Customer", "accountType").is_ok());
        assert!(check_insert(&manifest, "CallPlan").is_ok());
        let (message, help) = refusal(check_column(&manifest, "Customer", "name"));
        assert_eq!(message, "the manifest does not allow setting Customer.name");
        assert_eq!(help, "add \"Customer.name\" to writes = [...] in s/leora.toml");
        let (message, _) = refusal(check_insert(&manifest, "Customer"));
        assert_eq!(message, "the manifest does not allow inserting into Customer");
    }

    #[test]
    fn a_read_only_folder_is_told_to_change_its_access() {
        let (_, help) = refusal(check_column(&manifest("read-only", ""), "Customer", "name"));
        assert!(help.starts_with("the folder is read-only: set access = \"read-write\""), "{help}");
    }

    #[test]
    fn rows_are_deleted_only_where_all_is_rolled_back_and_migrations_recorded_only_where_it_is_kept()
     {
        let (kept, rolled_back) = (manifest("read-write", ""), manifest("rolled-back", ""));
        assert!(check_delete(&rolled_back).is_ok() && check_recording(&kept).is_ok());
        assert!(check_delete(&kept).is_err() && check_recording(&rolled_back).is_err());
    }

    #[test]
    fn only_migrations_in_records_can_be_recorded() {
        let manifest = manifest("read-write", "records = [\"one\"]");
        assert!(check_record(&manifest, "one").is_ok());
        let (message, help) = refusal(check_record(&manifest, "two"));
        assert_eq!(message, "the manifest does not allow recording the migration two");
        assert_eq!(help, "add \"two\" to records = [...] in s/leora.toml");
    }

    #[test]
    fn an_sql_file_must_be_named() {
        let (message, _) = refusal(check_sql_file(&manifest("read-write", ""), "extra.sql"));
        assert_eq!(message, "the manifest does not name the SQL file extra.sql");
    }
}
