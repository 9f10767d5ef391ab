//! When batches wait: while a replica lags, and to let those through who queue behind a batch.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use leora_report::DatabaseError;

use crate::Session;

/// How often it is looked.
const EVERY: Duration = Duration::from_millis(500);
/// How long writers wait before they look again.
const WAIT: Duration = Duration::from_millis(100);
/// How far a replica may be behind, in seconds.
const LAG: u32 = 10;

/// Whether a replica is too far behind, or a session waits for a lock of one of this user's batches.
const CROWDED: &str = "\
SELECT EXISTS (SELECT FROM pg_stat_replication WHERE replay_lag > make_interval(secs => {LAG}))::text,
       EXISTS (SELECT FROM pg_stat_activity a CROSS JOIN unnest(pg_blocking_pids(a.pid)) AS b(pid)
                  JOIN pg_stat_activity o ON o.pid = b.pid
                 WHERE a.wait_event_type = 'Lock' AND a.application_name <> o.application_name
                   AND o.application_name = current_setting('application_name'))::text";

/// Whether the batches should wait.
#[derive(Debug, Default)]
pub(crate) struct Pace(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    looked: Option<Instant>,
    waits_for: Option<&'static str>,
}

impl Pace {
    /// Looks, if it is time to. A look that fails is no reason to wait.
    pub(crate) fn look(&self, session: &mut Session) {
        if self.seen().looked.is_some_and(|before| before.elapsed() < EVERY) {
            return;
        }
        let answer = session.connection.fetch_text(&CROWDED.replace("{LAG}", &LAG.to_string()));
        let waits_for = answer.ok().and_then(|rows| match rows[0].as_slice() {
            [Some(behind), _] if behind == "true" => Some("a replica that is behind"),
            [_, Some(queue)] if queue == "true" => Some("others who queue"),
            _ => None,
        });
        *self.seen() = Seen { looked: Some(Instant::now()), waits_for };
    }

    /// What is waited for, if anything.
    pub(crate) fn waits_for(&self) -> Option<&'static str> {
        self.seen().waits_for
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits while it is crowded.
    pub(crate) fn wait(&self, writer: &Session) -> Result<(), DatabaseError> {
        while self.waits_for().is_some() {
            writer.server.pause(WAIT)?;
        }
        Ok(())
    }
}
