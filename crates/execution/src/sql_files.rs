//! Runs the SQL files that the manifest names, in the run's transaction.

use std::sync::Arc;

use leora_folder::SourceFile;
use leora_host::{HostError, permit};
use leora_report::{DatabaseError, Lock, Place, SqlRun};
use leora_rule::Strategy;

use crate::read::DatabaseReader;

impl DatabaseReader {
    /// Runs a file while rules wait to be written, which go on waiting where the file has not read their tables. Where it has, or
    /// where that can't be told, they are written first.
    pub(crate) fn run_sql_file_past_waiting(&mut self, file: &str) -> Result<SqlRun, HostError> {
        let in_batches = self.context.manifest().strategy == Strategy::Batches;
        // A file that sets anything about parallel workers may have others read what this session does not count.
        let source = self.context.folder.sql.get(file);
        let is_counted =
            source.is_some_and(|source| !source.text.to_lowercase().contains("parallel"));
        let before = match self.waiting.is_empty() || in_batches || !is_counted {
            true => None,
            false => self.session.table_states(self.waiting.tables())?,
        };
        let Some(before) = before else {
            self.write_waiting()?;
            return self.run_sql_file(file);
        };
        let savepoint = self.session.set_savepoint_before_file()?;
        let ran = self.run_sql_file(file);
        if let Err(HostError::SqlFile { error, .. }) = &ran
            && !matches!(error, DatabaseError::Server(_))
        {
            return ran;
        }
        if ran.is_ok() {
            let after = self.session.table_states(self.waiting.tables())?;
            if after.is_some_and(|after| after.is_untouched_since(&before)) {
                self.session.release(savepoint)?;
                return ran;
            }
        }
        if self.session.roll_back_to(savepoint).is_err() {
            return ran;
        }
        self.write_waiting()?;
        self.run_sql_file(file)
    }

    /// Runs a file, if the manifest names it and it takes no lock that the manifest does not name. It may leave indexes
    /// until the columns that the manifest names are written.
    pub(crate) fn run_sql_file(&mut self, file: &str) -> Result<SqlRun, HostError> {
        let context = Arc::clone(&self.context);
        let manifest = context.manifest();
        permit::check_sql_file(manifest, file)?;
        let Some(source) = context.folder.sql.get(file) else {
            let message = format!("{file} was not read with the folder");
            return Err(HostError::NotAllowed {
                entry: None,
                message,
                help: "start the run again".into(),
            });
        };
        let around = manifest.neighbor_tables(file);
        let ran = self.session.run_sql(&source.text, &around, &manifest.writes);
        let ran = ran.map_err(|error| failure(source, error))?;
        let Some(lock) = ran.undeclared_locks.first() else { return Ok(ran) };
        Err(HostError::NotAllowed {
            entry: None,
            message: format!(
                "{file} locks {} in {} mode, which the run had not taken first",
                lock.table, lock.mode
            ),
            help: format!(
                "write under [locks] in {}: {}",
                manifest.path,
                ran.undeclared_locks.iter().map(entry).collect::<Vec<_>>().join(", ")
            ),
        })
    }
}

/// The entry of the manifest that takes a lock.
fn entry(lock: &Lock) -> String {
    let mode = match lock.mode.as_str() {
        "EXCLUSIVE" | "ACCESS EXCLUSIVE" => "exclusive",
        _ => "no-writes",
    };
    let bare = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
    match lock.table.chars().all(bare) {
        true => format!("{} = \"{mode}\"", lock.table),
        false => format!("{:?} = \"{mode}\"", lock.table),
    }
}

/// A failed SQL file, with the place of the server's position, which counts characters from 1.
fn failure(source: &SourceFile, error: DatabaseError) -> HostError {
    let DatabaseError::Server(server) = &error else { return HostError::Database(error) };
    let place = server.position.map(|position| {
        Place::from_char_offset(&source.path, &source.text, position.saturating_sub(1))
    });
    HostError::SqlFile { place, error }
}
