//! Telling a transaction pooler from the server itself.

use std::panic::resume_unwind;
use std::thread;

use leora_report::DatabaseError;

use crate::connection::{Cells, Connection};
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
    /// each, and keep it. Behind a transaction pooler they share or change them. A server that gives only one connection
    /// at a time is taken as it is: nobody shares it meanwhile.
    ///
    /// # Errors
    /// [`DatabaseError::Pooler`] or [`DatabaseError::SharedSession`] when there is one, and [`DatabaseError`] when it can't
    /// be asked.
    pub fn connect_without_pooler(
        server: &Server,
        timeouts: Timeouts,
    ) -> Result<Self, DatabaseError> {
        // Both at once: a connection takes longer than all that is asked over it.
        let (one, other) = thread::scope(|scope| {
            let other = scope.spawn(|| server.open());
            (server.open(), other.join().unwrap_or_else(|panic| resume_unwind(panic)))
        });
        let (one, other) = if one.is_err() && other.is_ok() { (other, one) } else { (one, other) };
        let mut session = Self::over(one?, server, timeouts)?;
        session.compare_with(other)?;
        Ok(session)
    }

    /// Refuses the target of this session, which is in no transaction, in the same way.
    ///
    /// # Errors
    /// [`DatabaseError::Pooler`] or [`DatabaseError::SharedSession`] when there is one, and [`DatabaseError`] when it can't
    /// be asked.
    pub fn refuse_pooler(&mut self) -> Result<(), DatabaseError> {
        let other = self.server.open();
        self.compare_with(other)
    }

    fn compare_with(
        &mut self,
        other: Result<Connection, DatabaseError>,
    ) -> Result<(), DatabaseError> {
        let mut other = match other {
            Ok(other) => other,
            Err(DatabaseError::Connect { message, .. }) => {
                self.no_second = Some(without_place(&message));
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        if !share_processes(&mut self.connection, &mut other)? {
            return Ok(());
        }
        let version = self.connection.fetch_text("SELECT version()")?;
        Err(match Cells::of_first(version).text().contains("PGlite") {
            true => DatabaseError::SharedSession { origin: self.target().source.to_string() },
            false => refusal(&self.server, "its connections share server processes"),
        })
    }
}

/// A second connection is refused at the place where the first is open: "connection reset by peer".
pub(super) fn without_place(message: &str) -> String {
    let says_where = |told: &str| {
        told.starts_with("no server answers at ") || told.ends_with(" refused the connection")
    };
    let told = message.split_once(": ").filter(|(told, _)| says_where(told));
    told.map_or(message, |(_, reason)| reason).to_owned()
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
