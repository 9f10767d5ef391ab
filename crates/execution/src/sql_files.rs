//! The SQL files that the manifest names, run in the transaction.

use std::collections::BTreeMap;

use leora_folder::{Manifest, SourceFile};
use leora_host::{HostError, permit};
use leora_report::{DatabaseError, Place, SqlRun};

use crate::reads::Reads;

/// Runs a file, if the manifest names it and it takes no lock that the manifest does not name. It may leave indexes
/// until the columns that the manifest names are written.
pub(crate) fn run(
    reads: &mut Reads,
    manifest: &Manifest,
    files: &BTreeMap<String, SourceFile>,
    file: &str,
) -> Result<SqlRun, HostError> {
    permit::sql(manifest, file)?;
    let Some(source) = files.get(file) else {
        let message = format!("{file} was not read with the folder");
        return Err(HostError::NotAllowed { message, help: "start the run again".into() });
    };
    let around = manifest.around(file);
    let ran = reads.session.run_sql(&source.text, &around, &manifest.writes);
    let ran = ran.map_err(|error| failure(source, error))?;
    match ran.undeclared_locks.first() {
        None => Ok(ran),
        Some(lock) => Err(HostError::NotAllowed {
            message: format!(
                "{file} locks {} in {} mode, which the run had not taken first",
                lock.table, lock.mode
            ),
            help: format!(
                "add it to locks = {{ ... }} in {}, as \"exclusive\" or \"no-writes\"",
                manifest.path
            ),
        }),
    }
}

/// A failed SQL file, with the line and column that the server's position stands for.
fn failure(source: &SourceFile, error: DatabaseError) -> HostError {
    let position = match &error {
        DatabaseError::Server(server) => server.position,
        _ => return HostError::Database(error),
    };
    // The server counts characters from 1.
    let place = position
        .map(|at| Place::from_char_offset(&source.path, &source.text, at.saturating_sub(1)));
    HostError::SqlFile { place, error }
}
