//! The SQL files that a manifest names: finding and reading them, and refusing what would commit.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use leora_report::Place;
use leora_rule::{SqlToken, SqlTokenKind, UnreadableSql, lex, split_statements};

use crate::error::FolderError;
use crate::manifest::Manifest;
use crate::source_file::SourceFile;
use crate::unsaved_texts::UnsavedTexts;

/// Reads the SQL files of a manifest, from the folder's own `sql/`, else from `sql/` beside `scripts/`.
pub(crate) fn read_sql_files(
    folder: &Path,
    manifest: &Manifest,
    unsaved: &UnsavedTexts,
) -> Result<BTreeMap<String, SourceFile>, FolderError> {
    let mut files = BTreeMap::new();
    for name in &manifest.sql {
        let source = read_sql_file(folder, manifest, name, unsaved)?;
        check(&source)?;
        files.insert(name.clone(), source);
    }
    Ok(files)
}

/// The migrations are recorded, not run, so they may commit.
pub(crate) fn read_prisma_migrations(
    folder: &Path,
    manifest: &Manifest,
    unsaved: &UnsavedTexts,
) -> Result<BTreeMap<String, SourceFile>, FolderError> {
    let read = |(name, file): (&String, &String)| {
        Ok((name.clone(), read_sql_file(folder, manifest, file, unsaved)?))
    };
    manifest.prisma.iter().map(read).collect()
}

fn read_sql_file(
    folder: &Path,
    manifest: &Manifest,
    name: &str,
    unsaved: &UnsavedTexts,
) -> Result<SourceFile, FolderError> {
    let folders = sql_folders(folder);
    let found = folders.iter().map(|folder| folder.join(name)).find(|path| unsaved.has_file(path));
    let link = found.as_deref().and_then(Path::parent).filter(|folder| folder.is_symlink());
    if let Some(link) = link {
        return Err(FolderError::LinkedFolder { path: link.display().to_string() });
    }
    match found {
        Some(path) => unsaved.read(&path),
        None => Err(FolderError::NoSqlFile {
            path: manifest.path.clone(),
            name: name.to_owned(),
            looked: folders.iter().map(|folder| folder.display().to_string()).collect(),
        }),
    }
}

/// Where the SQL files of a folder are looked for, in this order.
pub fn sql_folders(folder: &Path) -> Vec<PathBuf> {
    let beside = folder.parent().map(|scripts| match scripts.parent() {
        Some(above) => above.join("sql"),
        None => scripts.join("../sql"),
    });
    [Some(folder.join("sql")), beside].into_iter().flatten().collect()
}

/// Refuses what would end the run's transaction, what only psql could run, and what the server reads otherwise.
fn check(source: &SourceFile) -> Result<(), FolderError> {
    let text = source.text.as_str();
    match lex(text) {
        Ok(tokens) => check_statements(source, &tokens),
        // What comes before may be the reason: the rows of a COPY hold any quotes.
        Err(UnreadableSql { start, what, reason, help }) => {
            check_statements(source, &lex(&text[..start]).unwrap_or_default())?;
            Err(refused(source, start, what, (reason, help)))
        }
    }
}

fn check_statements(source: &SourceFile, tokens: &[SqlToken<'_>]) -> Result<(), FolderError> {
    for statement in split_statements(tokens) {
        let first = &statement[0];
        let is_transaction = statement.get(1).is_some_and(|next| next.is_word("TRANSACTION"));
        let word = first.text.to_ascii_uppercase();
        if first.kind == SqlTokenKind::Word && ends_transaction(&word, is_transaction) {
            return Err(refused(source, first.start, &word, reason(&word)));
        }
        if let Some(backslash) = statement.iter().find(|token| token.is_symbol("\\")) {
            let command = source.text[backslash.start..].lines().next().unwrap_or_default();
            return Err(refused(source, backslash.start, command, PSQL_COMMAND));
        }
    }
    Ok(())
}

/// Whether a statement that starts with this word begins or ends a transaction, or reaches out of it.
fn ends_transaction(word: &str, before_transaction: bool) -> bool {
    match word {
        "BEGIN" | "COMMIT" | "ROLLBACK" | "ABORT" | "END" | "SAVEPOINT" | "RELEASE" => true,
        "START" | "PREPARE" => before_transaction,
        "COPY" | "LISTEN" | "DISCARD" => true,
        _ => false,
    }
}

const PSQL_COMMAND: (&str, &str) = ("only psql knows it", "take it out, or write it as SQL");

/// Why a command can't be used, and what to do instead.
fn reason(word: &str) -> (&'static str, &'static str) {
    match word {
        "COPY" => ("it reads or writes outside the database", "write the rows with INSERT"),
        "LISTEN" | "DISCARD" => ("it changes more than the run's transaction", "take it out"),
        _ => (
            "it would end or split the run's transaction",
            "take it out; the run itself begins and commits, and all of it or nothing stays",
        ),
    }
}

fn refused(
    source: &SourceFile,
    start: usize,
    command: &str,
    (reason, help): (&'static str, &'static str),
) -> FolderError {
    FolderError::SqlCommand {
        file: source.clone(),
        place: Place::from_byte_offset(&source.path, &source.text, start),
        command: command.trim_end().to_owned(),
        reason: reason.to_owned(),
        help,
    }
}
