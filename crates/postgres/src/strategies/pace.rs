//! When batches wait: while a replica lags, and to let those through who queue behind a batch.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use leora_report::DatabaseError;

use crate::Session;
use crate::connection::Cells;
use crate::connection::own_statements::Statement;

const LOOK_INTERVAL: Duration = Duration::from_millis(500);
const WAIT: Duration = Duration::from_millis(100);
/// How far a replica may be behind, in seconds.
const MAX_LAG: u32 = 10;

/// Whether a replica is too far behind, or a session waits for a lock of one of this user's batches.
const CROWDED: &str = "\
SELECT EXISTS (SELECT FROM pg_stat_replication WHERE replay_lag > make_interval(secs => {LAG}))::text,
       EXISTS (SELECT FROM pg_stat_activity a CROSS JOIN unnest(pg_blocking_pids(a.pid)) AS b(pid)
                  JOIN pg_stat_activity o ON o.pid = b.pid
                 WHERE a.wait_event_type = 'Lock' AND a.application_name <> o.application_name
                   AND o.application_name = current_setting('application_name'))::text";

#[derive(Debug, Default)]
pub(crate) struct Pace(Mutex<LastLook>);

#[derive(Debug, Default)]
struct LastLook {
    at: Option<Instant>,
    waits_for: Option<&'static str>,
}

impl Pace {
    /// An answer that fails is no reason to wait.
    pub(crate) fn look(&self, session: &mut Session) {
        if self.last_look().at.is_some_and(|at| at.elapsed() < LOOK_INTERVAL) {
            return;
        }
        let crowded = CROWDED.replace("{LAG}", &MAX_LAG.to_string());
        // In a transaction, the server shows what it showed first, until it clears that snapshot.
        let statements =
            [Statement::Own("SELECT FROM pg_stat_clear_snapshot()"), Statement::Own(&crowded)];
        let answer = session.lock_connection().fetch_each(&statements);
        let waits_for = answer.ok().and_then(|mut answers| answers.pop()).and_then(|rows| {
            let mut cells = Cells::of_first(rows);
            match (cells.flag(), cells.flag()) {
                (true, _) => Some("a replica that is behind"),
                (false, true) => Some("others who queue"),
                (false, false) => None,
            }
        });
        *self.last_look() = LastLook { at: Some(Instant::now()), waits_for };
    }

    pub(crate) fn waits_for(&self) -> Option<&'static str> {
        self.last_look().waits_for
    }

    fn last_look(&self) -> MutexGuard<'_, LastLook> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn wait(&self, writer: &Session) -> Result<(), DatabaseError> {
        while self.waits_for().is_some() {
            writer.server.pause(WAIT)?;
        }
        Ok(())
    }
}
