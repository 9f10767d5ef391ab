//! A transaction that has been open for more than a minute. It begins with the first test that needs a server, so that
//! nobody has to sit the minute out.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::database::{Database, Session};

/// As long as the doctor takes no notice.
const LONG: Duration = Duration::from_secs(61);

struct Waiting {
    database: Database,
    session: Session,
    since: Instant,
}

static WAITING: OnceLock<Mutex<Option<Waiting>>> = OnceLock::new();

/// Begins it, on a server where the tests' databases can be copied now.
pub(super) fn begin(database: Database) {
    let mut session = database.session();
    session.run("SET application_name = 'nightly report'; BEGIN; SELECT 1");
    let _ = WAITING.set(Mutex::new(Some(Waiting { database, session, since: Instant::now() })));
}

/// The sample, with a transaction of `nightly report` that has been idle for more than a minute. Once a process.
pub fn with_long_transaction() -> (Database, Session) {
    super::server();
    let waiting = WAITING.get().expect("it began with the server");
    let taken = waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Waiting { database, session, since } = taken.expect("it is taken once");
    thread::sleep(LONG.saturating_sub(since.elapsed()));
    (database, session)
}
