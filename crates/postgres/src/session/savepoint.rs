//! Savepoints: work whose effects are taken back, while the transaction goes on.

use leora_report::DatabaseError;

use crate::Session;
use crate::session::pending::Pending;

/// A later one of the same name hides it until it is released.
pub(crate) const SAVEPOINT: &str = "SAVEPOINT leora_run";
pub(crate) const RELEASE: &str = "RELEASE SAVEPOINT leora_run";
/// Settings are taken back too.
pub(crate) const ROLL_BACK_TO: &str =
    "ROLLBACK TO SAVEPOINT leora_run; RELEASE SAVEPOINT leora_run";

/// A query can't switch it back.
pub(crate) const READ_ONLY: &str = "SET LOCAL transaction_read_only = on";

/// A moment of the transaction to go back to, with what was still to be done then.
#[derive(Debug)]
#[must_use]
pub struct Savepoint {
    pending: Pending,
}

impl Session {
    /// Remembers this moment of the transaction.
    pub fn set_savepoint(&mut self) -> Result<Savepoint, DatabaseError> {
        self.set_savepoint_under("")
    }

    /// The same before an SQL file whose reads are counted: parallel workers count theirs for themselves. After the file, all
    /// settings are reset.
    pub fn set_savepoint_before_file(&mut self) -> Result<Savepoint, DatabaseError> {
        self.set_savepoint_under("SET LOCAL max_parallel_workers_per_gather = 0")
    }

    fn set_savepoint_under(&mut self, settings: &str) -> Result<Savepoint, DatabaseError> {
        self.connection.execute_text(&format!("{SAVEPOINT}; {settings}"))?;
        Ok(Savepoint { pending: self.pending.clone() })
    }

    /// Takes back what was done since the savepoint.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server, also when the transaction was ended meanwhile.
    pub fn roll_back_to(&mut self, savepoint: Savepoint) -> Result<(), DatabaseError> {
        self.connection.execute_text(ROLL_BACK_TO)?;
        self.pending = savepoint.pending;
        self.history = None;
        // They may have been checked on rows that are not there any more.
        self.checked_keys.tables.clear();
        Ok(())
    }

    /// Keeps what was done since the savepoint.
    pub fn release(&mut self, _: Savepoint) -> Result<(), DatabaseError> {
        self.connection.execute_text(RELEASE)
    }

    /// Does some work and takes back its effects, whether it succeeded or not.
    ///
    /// # Errors
    /// Of the work, or of the server.
    pub fn without_effects<T, E: From<DatabaseError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.without_effects_under("", work)
    }

    /// The same under further settings, as `SET LOCAL ...`, sent in one message with the savepoint.
    pub(crate) fn without_effects_under<T, E: From<DatabaseError>>(
        &mut self,
        settings: &str,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let savepoint = self.set_savepoint_under(settings)?;
        let answer = work(self);
        let taken_back = self.roll_back_to(savepoint);
        let answer = answer?;
        taken_back?;
        Ok(answer)
    }

    /// Fills a temporary table, by a statement of this tool's own, with writing of all else switched off at the server: what it
    /// reads may call functions. After the savepoint is released, the transaction can write again.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server; the transaction must then be rolled back.
    pub(crate) fn fill_read_only(&mut self, statement: &str) -> Result<(), DatabaseError> {
        self.connection.execute_text(&format!("{SAVEPOINT}; {READ_ONLY}"))?;
        self.connection.execute_text(statement)?;
        self.connection.execute_text(RELEASE)
    }

    /// Reads with writing switched off at the server: what is read may call functions.
    ///
    /// # Errors
    /// Of the reading, or of the server.
    pub fn read_only<T, E: From<DatabaseError>>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.without_effects_under(READ_ONLY, read)
    }
}
