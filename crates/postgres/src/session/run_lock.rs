//! The lock of a run whose own transactions end in between: a connection of its own holds it from before the first to after
//! the last, and each of them proves that it does.

use std::time::Duration;

use leora_report::DatabaseError;

use crate::Server;
use crate::connection::{Cells, Connection};
use crate::session::locks::{
    BETWEEN_RUNS, RUN_LOCK, TRANSACTION_LOCK, advisory_lock, advisory_lock_of_run, take_locks,
};

#[derive(Debug)]
pub(crate) struct RunLock {
    /// Is in a transaction that reads nothing for longer than a statement, so that it keeps no old row from VACUUM.
    pub(crate) connection: Connection,
    pub(crate) proof: LockProof,
}

impl RunLock {
    pub(crate) fn take(
        server: &Server,
        version: u32,
        wait: Duration,
    ) -> Result<Self, DatabaseError> {
        let mut connection = server.open()?;
        connection.execute_text("BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0")?;
        // New in PostgreSQL 17.
        if version >= 170_000 {
            connection.execute_text("SET LOCAL transaction_timeout = 0")?;
        }
        take_locks(&mut connection, &BETWEEN_RUNS, wait)?;
        let holder = format!(
            "SELECT pid::text, virtualtransaction FROM pg_locks WHERE {} AND pid = pg_backend_pid()",
            advisory_lock("pg_locks", RUN_LOCK)
        );
        let mut cells = Cells::of_first(connection.fetch_text(&holder)?);
        let proof = LockProof { pid: cells.number(), transaction: cells.text() };
        Ok(Self { connection, proof })
    }

    /// Shows others which run it is that works.
    pub(crate) fn show_run(&mut self, run: &str) -> Result<(), DatabaseError> {
        let text =
            format!("SELECT pg_try_advisory_xact_lock({})::text", advisory_lock_of_run("$1::text"));
        self.connection.fetch_inlined(&text, &[run]).map(drop)
    }
}

/// What a transaction of the run needs to prove that the run's lock is held.
#[derive(Clone, Debug)]
pub(crate) struct LockProof {
    pid: u64,
    /// The holder's transaction: a later one of the same process proves nothing.
    transaction: String,
}

impl LockProof {
    /// A statement that tells whether the lock is held, and will not be given to another run before the end of the
    /// transaction: a run takes the second lock too, alone, which is shared here.
    pub(crate) fn statement(&self) -> String {
        let Self { pid, transaction } = self;
        format!(
            "SELECT CASE WHEN pg_try_advisory_xact_lock_shared({TRANSACTION_LOCK}) THEN EXISTS (\
               SELECT FROM pg_locks WHERE {} AND pid = {pid} AND virtualtransaction = '{transaction}') ELSE false END::text",
            advisory_lock("pg_locks", RUN_LOCK)
        )
    }
}
