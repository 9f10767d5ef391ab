//! Telling a transaction pooler from the server itself.

use std::panic::resume_unwind;
use std::thread;

use leora_report::DatabaseError;

use crate::connection::Connection;
use crate::{Server, Session, Timeouts};

/// How often both clients are asked: a busy pooler may give each of them its own process once.
const ROUNDS: usize = 4;

const WHO: &str = "SELECT pg_backend_pid()::text";

impl Server {
    /// Refuses a target whose address shows that a transaction pooler is in between.
    ///
    /// # Errors
    /// [`DatabaseError::Pooler`] when it does.
    pub fn refuse_pooler(&self) -> Result<(), DatabaseError> {
        self.target().pooler.map_or(Ok(()), |sign| Err(refusal(self, sign)))
    }
}

impl Session {
    /// Connects; refuses a target behind a transaction pooler, by asking it. Two open clients of a server have a process
    /// each, and keep it. Behind a transaction pooler they share or change them.
    ///
    /// # Errors
    /// [`DatabaseError::Pooler`] when there is one, and [`DatabaseError`] when it can't be asked.
    pub fn connect_without_pooler(
        server: &Server,
        timeouts: Timeouts,
    ) -> Result<Self, DatabaseError> {
        // Both at once: a connection takes longer than all that is asked over it.
        let (session, other) = thread::scope(|scope| {
            let other = scope.spawn(|| server.open());
            let session = Self::connect(server, timeouts);
            (session, other.join().unwrap_or_else(|panic| resume_unwind(panic)))
        });
        let mut session = session?;
        session.compare(other?)?;
        Ok(session)
    }

    /// Refuses the target of this session, which is in no transaction, in the same way.
    ///
    /// # Errors
    /// [`DatabaseError::Pooler`] when there is one, and [`DatabaseError`] when it can't be asked.
    pub fn refuse_pooler(&mut self) -> Result<(), DatabaseError> {
        let other = self.server.open()?;
        self.compare(other)
    }

    fn compare(&mut self, mut other: Connection) -> Result<(), DatabaseError> {
        match share_processes(&mut self.connection, &mut other)? {
            true => Err(refusal(&self.server, "its connections share server processes")),
            false => Ok(()),
        }
    }
}

fn refusal(server: &Server, sign: &str) -> DatabaseError {
    let (origin, sign) = (server.target().source.to_string(), sign.to_owned());
    DatabaseError::Pooler { origin, sign }
}

fn share_processes(one: &mut Connection, other: &mut Connection) -> Result<bool, DatabaseError> {
    let first = (one.fetch_text(WHO)?, other.fetch_text(WHO)?);
    for _ in 1..ROUNDS {
        let next = (one.fetch_text(WHO)?, other.fetch_text(WHO)?);
        if next != first {
            return Ok(true);
        }
    }
    Ok(first.0 == first.1)
}
