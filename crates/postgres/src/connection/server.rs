//! A server that can be connected to.

use std::time::Duration;

use leora_report::DatabaseError;
use leora_system::Interrupt;
use tokio::runtime::Handle;

use crate::connection::Connection;
use crate::connection::explain::explain;
use crate::connection::preconnect::Preconnect;
use crate::{ProgressListener, Target};

/// A server that can be connected to.
#[derive(Clone, Debug)]
pub struct Server {
    target: Target,
    runtime: Handle,
    interrupt: Interrupt,
    progress: ProgressListener,
    preconnect: Preconnect,
}

impl Server {
    /// The server of a target; nothing is connected yet. `runtime` serves the pauses, `interrupt` ends every wait, and
    /// `progress` is called while rows are written.
    pub fn new(
        target: Target,
        runtime: Handle,
        interrupt: Interrupt,
        progress: ProgressListener,
    ) -> Self {
        Self { target, runtime, interrupt, progress, preconnect: Preconnect::default() }
    }

    pub(crate) fn progress(&self) -> &ProgressListener {
        &self.progress
    }

    pub(crate) fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// The target.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Waits this long, or less when interrupted.
    ///
    /// # Errors
    /// [`DatabaseError::Interrupted`] when interrupted.
    pub fn pause(&self, time: Duration) -> Result<(), DatabaseError> {
        self.runtime.block_on(async {
            tokio::select! {
                () = tokio::time::sleep(time) => Ok(()),
                () = self.interrupt.wait() => Err(DatabaseError::Interrupted),
            }
        })
    }

    /// Starts to open this many connections, for the sessions that will need them; those get the errors too.
    pub fn preconnect(&self, connections: usize) {
        for _ in 0..connections {
            let server = self.clone();
            self.preconnect.start(move || server.open_within(server.target.connect_timeout));
        }
    }

    /// Opens a connection, unless one was opened ahead.
    pub(crate) fn open(&self) -> Result<Connection, DatabaseError> {
        self.preconnect.take().unwrap_or_else(|| self.open_within(self.target.connect_timeout))
    }

    pub(crate) fn open_within(&self, timeout: Duration) -> Result<Connection, DatabaseError> {
        let Target { options, schema, .. } = &self.target;
        Connection::open(&self.interrupt, options.clone(), schema, timeout)
            .map_err(|failure| explain(&self.target, failure))
    }
}
