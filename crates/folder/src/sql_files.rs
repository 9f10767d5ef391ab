//! The SQL files that a manifest names: found, read, and refused when they would commit.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use leora_report::Place;

use crate::{FolderError, Manifest, Piece, SourceFile, Token, read, scan};

/// Reads the SQL files of a manifest, from the folder's own `sql/`, else from `sql/` beside `scripts/`.
pub(crate) fn read_all(
    folder: &Path,
    manifest: &Manifest,
) -> Result<BTreeMap<String, SourceFile>, FolderError> {
    let mut files = BTreeMap::new();
    for name in &manifest.sql {
        let source = find(folder, manifest, name)?;
        check(&source)?;
        files.insert(name.clone(), source);
    }
    Ok(files)
}

/// Reads Prisma's migration.sql of each migration that a manifest names. They are not run here.
pub(crate) fn read_migrations(
    folder: &Path,
    manifest: &Manifest,
) -> Result<BTreeMap<String, SourceFile>, FolderError> {
    let read = |(name, file): (&String, &String)| Ok((name.clone(), find(folder, manifest, file)?));
    manifest.prisma.iter().map(read).collect()
}

fn find(folder: &Path, manifest: &Manifest, name: &str) -> Result<SourceFile, FolderError> {
    let places = places(folder);
    let found = places.iter().map(|place| place.join(name)).find(|path| path.is_file());
    let link = found.as_deref().and_then(Path::parent).filter(|folder| folder.is_symlink());
    if let Some(link) = link {
        return Err(FolderError::LinkedFolder { path: link.display().to_string() });
    }
    match found {
        Some(path) => read(&path),
        None => Err(FolderError::NoSqlFile {
            path: manifest.path.clone(),
            name: name.to_owned(),
            looked: places.iter().map(|place| place.display().to_string()).collect(),
        }),
    }
}

fn places(folder: &Path) -> Vec<PathBuf> {
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
