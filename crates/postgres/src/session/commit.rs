//! Finding out whether a COMMIT succeeded whose answer was lost.

use std::time::{Duration, Instant};

use leora_report::DatabaseError;

use crate::Session;
use crate::connection::{Backend, Connection};
use crate::session::locks::TRANSACTION_LOCK;

const POLL: Duration = Duration::from_millis(100);
/// How long one attempt to connect may take.
const ATTEMPT: Duration = Duration::from_secs(3);

impl Session {
    /// Commits the transaction of a run. When the connection is lost on the way, the outcome is looked up on new
    /// connections; the session then goes on with the new one.
    ///
    /// # Errors
    /// [`DatabaseError::CommitLost`] when nothing was committed, [`DatabaseError::CommitUnknown`] when the server
    /// does not answer in time, and [`DatabaseError`] of the server.
    /// [`DatabaseError::DistributedCommitFailed`] instead where parts of its tables are on other servers.
    pub fn commit_run(&mut self, run: &str) -> Result<(), DatabaseError> {
        let far = self.checked_keys.any_remote;
        let done = format!("id = '{run}' AND outcome = 'done'");
        self.commit_recorded(run, &done).map_err(|error| match error {
            DatabaseError::CommitUnknown { .. } => error,
            error if far => DatabaseError::DistributedCommitFailed { message: error.to_string() },
            error => error,
        })
    }

    /// Commits what a run has done before the batches of a rule, in the same way; another transaction follows.
    pub(crate) fn commit_part(&mut self, run: &str, rule: usize) -> Result<(), DatabaseError> {
        if let Some(lock) = &mut self.run_lock {
            lock.show_run(run)?;
        }
        let began = format!("id = '{run}' AND batched OPERATOR(pg_catalog.?) '{rule}'");
        self.commit_recorded(run, &began)?;
        self.connection.heed_interrupts(&self.server);
        self.remember_part_committed();
        Ok(())
    }

    /// Commits. `recorded` is the condition that a row of `leora_run.run` has only when it is committed.
    fn commit_recorded(&mut self, run: &str, recorded: &str) -> Result<(), DatabaseError> {
        let ours = self.connection.backend().cloned();
        let message = match self.commit() {
            Err(error) if leaves_open(&error) => error.to_string(),
            ended => return ended,
        };
        let deadline = Instant::now() + self.timeouts.commit;
        loop {
            if let Ok((connection, committed)) = self.look_up(recorded, ours.as_ref(), deadline) {
                self.connection = connection;
                self.connection.ignore_interrupts();
                return match (committed, self.part_committed) {
                    (true, _) => Ok(()),
                    (false, true) => Err(DatabaseError::PartLost { message }),
                    (false, false) => Err(DatabaseError::CommitLost { message }),
                };
            }
            if Instant::now() >= deadline || self.server.pause(POLL).is_err() {
                return Err(DatabaseError::CommitUnknown { run: run.to_owned(), message });
            }
        }
    }

    /// Goes on with a new connection, as soon as the server takes one.
    pub(crate) fn reconnect(&mut self, wait: Duration) -> Result<(), DatabaseError> {
        let deadline = Instant::now() + wait;
        loop {
            match self.server.open_within(ATTEMPT) {
                Err(error) if Instant::now() >= deadline => return Err(error),
                Err(_) => self.connection.pause(POLL)?,
                Ok(connection) => {
                    self.connection = connection;
                    self.connection.ignore_interrupts();
                    return Ok(());
                }
            }
        }
    }

    /// Whether the run is recorded so, once its transaction is over.
    fn look_up(
        &self,
        recorded: &str,
        ours: Option<&Backend>,
        deadline: Instant,
    ) -> Result<(Connection, bool), DatabaseError> {
        let left = deadline.saturating_duration_since(Instant::now());
        let mut connection = self.server.open_within(left.clamp(POLL, ATTEMPT))?;
        while !is_over(&mut connection, ours)? {
            if Instant::now() >= deadline {
                return Err(DatabaseError::Interrupted);
            }
            self.server.pause(POLL)?;
        }
        let committed = is_recorded(&mut connection, recorded)?;
        Ok((connection, committed))
    }
}

/// Whether the error leaves open what became of the COMMIT: a lost connection, or a server that ended it.
fn leaves_open(error: &DatabaseError) -> bool {
    let ended = |code: &str| code.starts_with("57P") || code.starts_with("08");
    matches!(error, DatabaseError::Lost { .. }) || error.code().is_some_and(ended)
}

/// Whether the transaction is over: its lock is free, or its server process is gone or does something else. What it
/// committed is seen before its lock is free.
fn is_over(connection: &mut Connection, ours: Option<&Backend>) -> Result<bool, DatabaseError> {
    let at_work = ours.map_or_else(
        || "true".to_owned(),
        |Backend { pid, since }| {
            format!(
                "EXISTS (SELECT FROM pg_stat_activity WHERE pid = {pid} \
                 AND extract(epoch FROM xact_start)::text = '{since}')"
            )
        },
    );
    let rows = connection.fetch_text(&format!(
        "SELECT (pg_try_advisory_xact_lock({TRANSACTION_LOCK}) OR NOT {at_work})::text"
    ))?;
    Ok(rows[0][0].as_deref() == Some("true"))
}

fn is_recorded(connection: &mut Connection, recorded: &str) -> Result<bool, DatabaseError> {
    if connection.fetch_text("SELECT to_regclass('leora_run.run')::text")?[0][0].is_none() {
        return Ok(false);
    }
    let found = format!("SELECT 1::text FROM leora_run.run WHERE {recorded}");
    Ok(!connection.fetch_text(&found)?.is_empty())
}
