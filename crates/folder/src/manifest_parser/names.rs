//! Checks of the names in a manifest: columns, SQL files, migrations.

use leora_rule::Access;
use toml::Spanned;

use crate::error::FolderError;
use crate::manifest_parser::errors::manifest_error;
use crate::source_file::SourceFile;
use crate::sql_privileges::SqlPrivileges;

/// `Table.column` or `Table`.
pub(crate) fn is_column_or_table(entry: &str) -> bool {
    let parts: Vec<&str> = entry.split('.').collect();
    parts.len() <= 2 && parts.iter().all(|part| !part.trim().is_empty() && part.trim() == *part)
}

pub(crate) fn wrong_write(
    source: &SourceFile,
    entry: &Spanned<String>,
    read_only: bool,
) -> FolderError {
    let (message, help) = if read_only {
        ("a read-only folder writes nothing", "take it out, or set access = \"read-write\"")
    } else {
        (
            "this names no column",
            "write it like \"Customer.accountType\", or \"CallPlan\" to allow inserts",
        )
    };
    manifest_error(source, Some(entry.span()), message.into(), Some(help.into()))
}

pub(crate) fn privileges_of_unnamed_file(
    source: &SourceFile,
    file: &str,
    privileges: &Spanned<SqlPrivileges>,
) -> FolderError {
    let message = format!("sql = [...] does not name {file}");
    let help = "privileges are for the SQL files of the folder: name it there, or take this out";
    manifest_error(source, Some(privileges.span()), message, Some(help.into()))
}

pub(crate) fn check_sql_name(
    source: &SourceFile,
    file: &Spanned<String>,
    read_only: bool,
) -> Result<(), FolderError> {
    let name = file.get_ref();
    let is_file_name = name.ends_with(".sql")
        && !name.starts_with('.')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    let message = match (is_file_name, read_only) {
        (true, false) => return Ok(()),
        (true, true) => "a read-only folder can't run SQL files",
        (false, _) => "this is no plain file name that ends in .sql",
    };
    let help = match is_file_name {
        true => "take it out, or set access = \"read-write\"",
        false => "SQL files live in the folder's own sql/, or in sql/ beside scripts/",
    };
    Err(manifest_error(source, Some(file.span()), message.into(), Some(help.into())))
}

/// The history keeps names of up to 255 characters, as Prisma does.
const LONGEST_MIGRATION_NAME: usize = 255;

pub(crate) fn check_record(
    source: &SourceFile,
    name: &Spanned<String>,
    access: Access,
) -> Result<(), FolderError> {
    let text = name.get_ref();
    let is_name = !text.trim().is_empty()
        && text.chars().count() <= LONGEST_MIGRATION_NAME
        && !text.chars().any(char::is_control);
    let (message, help) = match (is_name, access) {
        (true, Access::ReadWrite) => return Ok(()),
        (true, _) => (
            "only a read-write folder records migrations",
            "take it out, or set access = \"read-write\"",
        ),
        (false, _) => (
            "this is no name of a migration",
            "write it like \"20251025173000_phase2_complete\", in up to 255 characters",
        ),
    };
    Err(manifest_error(source, Some(name.span()), message.into(), Some(help.into())))
}

pub(crate) fn check_key(
    source: &SourceFile,
    table: &str,
    key: &Spanned<Vec<String>>,
    writes: &[Spanned<String>],
) -> Result<(), FolderError> {
    let columns = key.get_ref();
    let set = |entry: &Spanned<String>| {
        entry.get_ref().split_once('.').map(|(table, _)| table.to_owned())
    };
    let repeated = (1..columns.len()).any(|at| columns[..at].contains(&columns[at]));
    let (message, help) = if columns.is_empty() || repeated {
        (
            format!("this is no key of {table}"),
            format!("name the columns that tell its rows apart, as in {table} = [\"id\"]"),
        )
    } else if !writes.iter().any(|entry| set(entry).as_deref() == Some(table)) {
        (
            format!("writes = [...] names no column of {table}"),
            "a key is for a table that rules change: name the column there, or take this out"
                .into(),
        )
    } else {
        return Ok(());
    };
    Err(manifest_error(source, Some(key.span()), message, Some(help)))
}

/// The name of a migration becomes the name of its folder.
pub(crate) fn check_migration_name(
    source: &SourceFile,
    file: &Spanned<String>,
    name: &str,
) -> Result<(), FolderError> {
    if !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
    {
        return Ok(());
    }
    let message = format!("{name} is no name of a migration");
    let help = "write it like 20251025173000_phase2_complete = \"prisma-migration.sql\"".to_owned();
    Err(manifest_error(source, Some(file.span()), message, Some(help)))
}
