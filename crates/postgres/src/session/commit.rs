//! Finding out whether a COMMIT succeeded whose answer was lost.

use std::time::{Duration, Instant};

use leora_report::DatabaseError;

use crate::Session;
use crate::connection::{Backend, Connection};
use crate::session::locks::RUN_LOCK;

const POLL: Duration = Duration::from_millis(100);
/// How long one attempt to connect may take.
const ATTEMPT: Duration = Duration::from_secs(3);

impl Session {
    /// Commits the transaction of a run. When the connection is lost on the way, the outcome is looked up on new
    /// connections, for at most `wait`; the session then goes on with the new one.
    ///
    /// # Errors
    /// [`DatabaseError::CommitLost`] when nothing was committed, [`DatabaseError::CommitUnknown`] when the server
    /// does not answer in time, and [`DatabaseError`] of the server.
    /// [`DatabaseError::DistributedCommitFailed`] instead where parts of its tables are on other servers.
    pub fn commit_run(&mut self, run: &str, wait: Duration) -> Result<(), DatabaseError> {
        let far = self.checked_keys.any_remote;
        self.commit_here(run, wait).map_err(|error| match error {
            DatabaseError::CommitUnknown { .. } => error,
            error if far => DatabaseError::DistributedCommitFailed { message: error.to_string() },
            error => error,
        })
    }

    fn commit_here(&mut self, run: &str, wait: Duration) -> Result<(), DatabaseError> {
        let ours = self.connection.backend().cloned();
        let message = match self.commit() {
            Err(error) if leaves_open(&error) => error.to_string(),
            ended => return ended,
        };
        let deadline = Instant::now() + wait;
        loop {
            if let Ok((connection, committed)) = self.look_up(run, ours.as_ref(), deadline) {
                self.connection = connection;
                self.connection.ignore_interrupts();
                return if committed { Ok(()) } else { Err(DatabaseError::CommitLost { message }) };
            }
            if Instant::now() >= deadline || self.server.pause(POLL).is_err() {
                return Err(DatabaseError::CommitUnknown { run: run.to_owned(), message });
            }
        }
    }

    /// Whether the run is there, once its transaction is over.
    fn look_up(
        &self,
        run: &str,
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
        let committed = is_recorded(&mut connection, run)?;
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
        "SELECT (pg_try_advisory_xact_lock({RUN_LOCK}) OR NOT {at_work})::text"
    ))?;
    Ok(rows[0][0].as_deref() == Some("true"))
}

fn is_recorded(connection: &mut Connection, run: &str) -> Result<bool, DatabaseError> {
    if connection.fetch_text("SELECT to_regclass('leora_run.run')::text")?[0][0].is_none() {
        return Ok(false);
    }
    let done = format!("SELECT 1::text FROM leora_run.run WHERE id = '{run}' AND outcome = 'done'");
    Ok(!connection.fetch_text(&done)?.is_empty())
}
