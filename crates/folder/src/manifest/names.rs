//! The names in a manifest: columns, SQL files, migrations.

use toml::Spanned;

use crate::manifest::mistakes::mistake;
use crate::{FolderError, SourceFile, SqlNeeds};

/// `Table.column` or `Table`.
pub(crate) fn is_target(entry: &str) -> bool {
    let parts: Vec<&str> = entry.split('.').collect();
    parts.len() <= 2 && parts.iter().all(|part| !part.trim().is_empty() && part.trim() == *part)
}

pub(crate) fn bad_write(
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
    mistake(source, Some(entry.span()), message.into(), Some(help.into()))
}

pub(crate) fn needs_of_nothing(
    source: &SourceFile,
    file: &str,
    needs: &Spanned<SqlNeeds>,
) -> FolderError {
    let message = format!("sql = [...] does not name {file}");
    let help =
        "privileges are told for the SQL files of the folder: name it there, or take this out";
    mistake(source, Some(needs.span()), message, Some(help.into()))
}

pub(crate) fn check_sql_name(
    source: &SourceFile,
    file: &Spanned<String>,
    read_only: bool,
) -> Result<(), FolderError> {
    let name = file.get_ref();
    let plain = name.ends_with(".sql")
        && !name.starts_with('.')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    let message = match (plain, read_only) {
        (true, false) => return Ok(()),
        (true, true) => "a read-only folder can't run SQL files",
        (false, _) => "this is no plain file name that ends in .sql",
    };
    let help = match plain {
        true => "take it out, or set access = \"read-write\"",
        false => "SQL files live in the folder's own sql/, or in sql/ beside scripts/",
    };
    Err(mistake(source, Some(file.span()), message.into(), Some(help.into())))
}

/// A key is for a table whose columns rules may set.
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
    Err(mistake(source, Some(key.span()), message, Some(help)))
}

/// A migration's name becomes a folder's.
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
    Err(mistake(source, Some(file.span()), message, Some(help)))
}
