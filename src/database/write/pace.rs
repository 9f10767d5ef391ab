//! When batches wait: while a replica lags, and to let those through who queue behind a batch.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::database::{DatabaseError, Session};

/// How often it is looked.
const EVERY: Duration = Duration::from_millis(500);
/// How long writers wait before they look again.
const WAIT: Duration = Duration::from_millis(100);
/// How far a replica may be behind, in seconds.
const LAG: u32 = 10;

/// Whether a replica is too far behind, or a session waits for a lock of one of this user's batches.
const CROWDED: &str = "\
SELECT (EXISTS (SELECT FROM pg_stat_replication WHERE replay_lag > make_interval(secs => {LAG}))
     OR EXISTS (SELECT FROM pg_stat_activity a CROSS JOIN unnest(pg_blocking_pids(a.pid)) AS b(pid)
                  JOIN pg_stat_activity o ON o.pid = b.pid
                 WHERE a.wait_event_type = 'Lock' AND a.application_name <> o.application_name
                   AND o.application_name = current_setting('application_name')))::text";

/// Whether the batches should wait.
#[derive(Debug, Default)]
pub(super) struct Pace {
    crowded: AtomicBool,
    looked: Mutex<Option<Instant>>,
}

impl Pace {
    /// Looks, if it is time to. A look that fails is no reason to wait.
    pub(super) fn look(&self, session: &mut Session) {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        if looked.is_some_and(|before| before.elapsed() < EVERY) {
            return;
        }
        *looked = Some(Instant::now());
        let answer = session.link.fetch_text(&CROWDED.replace("{LAG}", &LAG.to_string()));
        let crowded = answer.is_ok_and(|rows| rows[0][0].as_deref() == Some("true"));
        self.crowded.store(crowded, Ordering::Relaxed);
    }

    /// Waits while it is crowded.
    pub(super) fn wait(&self, writer: &Session) -> Result<(), DatabaseError> {
        while self.crowded.load(Ordering::Relaxed) {
            writer.server.pause(WAIT)?;
        }
        Ok(())
    }
}
