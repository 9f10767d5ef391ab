//! Connections that are opened while scripts are compiled: both take a few milliseconds, and neither needs the other.

use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use leora_report::DatabaseError;

use crate::Server;
use crate::connection::Connection;

type Opening = JoinHandle<Result<Connection, DatabaseError>>;

/// The connections that nobody has asked for yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Preconnect {
    openings: Arc<Mutex<Vec<Opening>>>,
}

impl Preconnect {
    /// One of them, or why it could not be opened; `None` when none was opened ahead.
    pub(crate) fn take(&self) -> Option<Result<Connection, DatabaseError>> {
        let opening = self.openings.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
        Some(opening.join().unwrap_or_else(|panic| resume_unwind(panic)))
    }
}

impl Server {
    /// Starts to open so many connections, for those who will ask for one. What goes wrong is told to them.
    pub fn preconnect(&self, connections: usize) {
        for _ in 0..connections {
            let server = self.clone();
            let open = move || server.open_within(server.target().connect_timeout);
            // Where there is no thread for it, it is opened when it is asked for.
            let Ok(opening) = thread::Builder::new().spawn(open) else { return };
            self.ahead.openings.lock().unwrap_or_else(PoisonError::into_inner).push(opening);
        }
    }
}
