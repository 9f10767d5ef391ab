//! Connections that are opened while scripts are compiled: both take a few milliseconds, and neither needs the other.

use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use leora_report::DatabaseError;

use crate::connection::Connection;

type Opening = JoinHandle<Result<Connection, DatabaseError>>;

#[derive(Clone, Debug, Default)]
pub(crate) struct Preconnect {
    openings: Arc<Mutex<Vec<Opening>>>,
}

impl Preconnect {
    pub(crate) fn start(
        &self,
        open: impl FnOnce() -> Result<Connection, DatabaseError> + Send + 'static,
    ) {
        // Where there is no thread for it, it is opened when it is needed.
        let Ok(opening) = thread::Builder::new().spawn(open) else { return };
        self.openings.lock().unwrap_or_else(PoisonError::into_inner).push(opening);
    }

    /// `None` when none was opened ahead.
    pub(crate) fn take(&self) -> Option<Result<Connection, DatabaseError>> {
        let opening = self.openings.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
        Some(opening.join().unwrap_or_else(|panic| resume_unwind(panic)))
    }
}
