//! The SQL files that a manifest names: finding and reading them, and refusing what would commit.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use leora_report::Place;

use crate::error::FolderError;
use crate::manifest::Manifest;
use crate::read_file::read_source_file;
use crate::source_file::SourceFile;
use crate::sql_scanner::{Piece, Token, scan};

/// Reads the SQL files of a manifest, from the folder's own `sql/`, else from `sql/` beside `scripts/`.
pub(crate) fn read_sql_files(
    folder: &Path,
    manifest: &Manifest,
) -> Result<BTreeMap<String, SourceFile>, FolderError> {
    let mut files = BTreeMap::new();
    for name in &manifest.sql {
        let source = read_sql_file(folder, manifest, name)?;
        check(&source)?;
        files.insert(name.clone(), source);
    }
    Ok(files)
}

/// Reads Prisma's migration.sql of each migration that a manifest names. They are recorded, not run, so they may commit.
pub(crate) fn read_prisma_migrations(
    folder: &Path,
    manifest: &Manifest,
) -> Result<BTreeMap<String, SourceFile>, FolderError> {
    let read = |(name, file): (&String, &String)| {
        Ok((name.clone(), read_sql_file(folder, manifest, file)?))
    };
    manifest.prisma.iter().map(read).collect()
}

fn read_sql_file(
    folder: &Path,
    manifest: &Manifest,
    name: &str,
) -> Result<SourceFile, FolderError> {
    let folders = sql_folders(folder);
    let found = folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file());
    let link = found.as_deref().and_then(Path::parent).filter(|folder| folder.is_symlink());
    if let Some(link) = link {
        return Err(FolderError::LinkedFolder { path: link.display().to_string() });
    }
    match found {
        Some(path) => read_source_file(&path),
        None => Err(FolderError::NoSqlFile {
            path: manifest.path.clone(),
            name: name.to_owned(),
            looked: folders.iter().map(|folder| folder.display().to_string()).collect(),
        }),
    }
}

fn sql_folders(folder: &Path) -> Vec<PathBuf> {
    let beside = folder.parent().map(|scripts| match scripts.parent() {
        Some(above) => above.join("sql"),
        None => scripts.join("../sql"),
    });
    [Some(folder.join("sql")), beside].into_iter().flatten().collect()
}

/// Refuses what would end the run's transaction, or what only psql could run.
fn check(source: &SourceFile) -> Result<(), FolderError> {
    let tokens = scan(&source.text);
    let mut statement_start = true;
    let mut atomic_bodies = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        if let Piece::Backslash(command) = &token.kind {
            let reason = ("only psql knows it", "take it out, or write it as SQL");
            return Err(refused(source, token, command, reason));
        }
        if matches!(token.kind, Piece::Symbol(';')) {
            statement_start = true;
            continue;
        }
        let Piece::Word(word) = token.kind else {
            statement_start = false;
            continue;
        };
        let word = word.to_ascii_uppercase();
        let follows = |other: &str| next_is(&tokens, index, other);
        if word == "BEGIN" && follows("ATOMIC") || atomic_bodies > 0 && word == "CASE" {
            atomic_bodies += 1;
        } else if atomic_bodies > 0 && word == "END" {
            atomic_bodies -= 1;
        } else if statement_start && atomic_bodies == 0 && ends_transaction(&word, &follows) {
            return Err(refused(source, token, &word, reason(&word)));
        }
        statement_start = false;
    }
    Ok(())
}

fn next_is(tokens: &[Token<'_>], index: usize, word: &str) -> bool {
    matches!(tokens.get(index + 1).map(|token| &token.kind),
             Some(Piece::Word(next)) if next.eq_ignore_ascii_case(word))
}

/// Whether a statement that starts with this word begins or ends a transaction.
fn ends_transaction(word: &str, follows: &dyn Fn(&str) -> bool) -> bool {
    match word {
        "BEGIN" | "COMMIT" | "ROLLBACK" | "ABORT" | "END" | "SAVEPOINT" | "RELEASE" => true,
        "START" | "PREPARE" => follows("TRANSACTION"),
        "COPY" | "LISTEN" | "DISCARD" => true,
        _ => false,
    }
}

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
    token: &Token<'_>,
    command: &str,
    (reason, help): (&'static str, &'static str),
) -> FolderError {
    FolderError::SqlCommand {
        file: source.clone(),
        place: Place::from_byte_offset(&source.path, &source.text, token.start),
        command: command.trim_end().to_owned(),
        reason: reason.to_owned(),
        help,
    }
}
