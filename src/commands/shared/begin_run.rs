//! Beginning the transaction of a run or a preview: with every lock, before anything is written.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use leora_folder::ScriptFolder;
use leora_postgres::{HeldUntil, Server, Session, Timeouts, Transaction};
use leora_report::{DatabaseError, Failure, Lock, Observer};
use leora_rule::Access;

use crate::commands::context::Context;
use crate::commands::shared::connection::connect;
use crate::commands::shared::locks::{first_locks, take_locks};

/// The pause before the first retry; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// How long a preview with SQL files waits for locks: others queue behind it.
const MAX_PREVIEW_LOCK_WAIT: Duration = Duration::from_secs(1);

/// The locks are in name order.
pub(crate) type ComputeLocks<'a> = dyn FnMut(&mut Session) -> Result<Vec<Lock>, DatabaseError> + 'a;

/// Retries while others hold the locks.
pub(crate) fn begin_run(
    server: &Server,
    access: Access,
    held: HeldUntil,
    compute_locks: &mut ComputeLocks<'_>,
    context: &Context,
) -> Result<Session, Failure> {
    context.screen().on_start("connecting");
    let mut session = connect(server, context.timeouts(), context)?;
    let mut tries = 0;
    loop {
        match begin(&mut session, access, held, compute_locks, context) {
            Ok(()) => return Ok(session),
            Err(error) if !error.is_transient() || tries >= context.options.lock_retries => {
                return Err(error.into());
            }
            Err(error) => {
                session.roll_back()?;
                context.screen().note(&describe_wait(&error));
                server.pause(retry_pause(tries))?;
                tries += 1;
            }
        }
    }
}

fn begin(
    session: &mut Session,
    access: Access,
    held: HeldUntil,
    compute_locks: &mut ComputeLocks<'_>,
    context: &Context,
) -> Result<(), DatabaseError> {
    if access == Access::ReadOnly {
        return session.begin(Transaction::ReadOnly);
    }
    session.begin(Transaction::ReadWrite)?;
    if access == Access::ReadWrite {
        // Lock before reading the history: two runs must not decide from one state.
        session.take_run_locks(held, context.options.wait_lock)?;
    }
    let locks = compute_locks(session)?;
    take_locks(session, &locks, context)
}

fn describe_wait(error: &DatabaseError) -> String {
    let holders: Vec<String> = error.holders().iter().map(ToString::to_string).collect();
    match holders.as_slice() {
        [] => format!("{error}; trying again"),
        holders => format!("{error} ({}); trying again", holders.join("; ")),
    }
}

/// Grows with the tries, and differs between runs that wait for each other.
pub(crate) fn retry_pause(tries: u32) -> Duration {
    let full = FIRST_PAUSE * 2_u32.saturating_pow(tries.min(5));
    let jitter = RandomState::new().hash_one(tries) % 1_000;
    full / 2 + full.mul_f64(jitter as f64 / 2_000.0)
}

/// Connects, and begins the transaction of a preview: one that can't write, unless SQL files must run, and then with
/// their locks. Also returns the locks that a run would take.
pub(crate) fn begin_preview(
    server: &Server,
    folder: &ScriptFolder,
    context: &Context,
) -> Result<(Session, Vec<Lock>), Failure> {
    let runs_sql = !folder.sql.is_empty();
    let mut timeouts = context.timeouts();
    if runs_sql {
        timeouts = Timeouts { lock: timeouts.lock.min(MAX_PREVIEW_LOCK_WAIT), ..timeouts };
    }
    let mut session = connect(server, timeouts, context)?;
    session.begin(if runs_sql { Transaction::ReadWrite } else { Transaction::ReadOnly })?;
    let locks = first_locks(&mut session, &folder.manifest)?;
    if runs_sql {
        take_locks(&mut session, &locks, context)?;
    }
    Ok((session, locks))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::retry_pause;

    #[test]
    fn pauses_double_up_to_a_limit() {
        for (tries, most) in [(0, 200), (1, 400), (4, 3_200), (5, 6_400), (99, 6_400)] {
            let most = Duration::from_millis(most);
            let pause = retry_pause(tries);
            assert!(pause >= most / 2 && pause <= most, "{tries}: {pause:?}");
        }
    }
}
