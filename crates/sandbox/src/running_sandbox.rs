//! A sandbox while this command uses it.

use crate::error::SandboxError;
use crate::instance::Instance;
use crate::locks::UseLock;

/// A running sandbox. The last command that uses it stops the server when this is dropped, unless the server was started
/// to stay.
#[derive(Debug)]
pub struct RunningSandbox {
    pub(crate) instance: Instance,
    pub(crate) url: String,
    pub(crate) started: bool,
    pub(crate) built: bool,
    pub(crate) in_use: Option<UseLock>,
}

impl RunningSandbox {
    /// The URL of the sample's database, for psql and sqlx.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether this command started the server; otherwise it joined a running one.
    #[must_use]
    pub fn started(&self) -> bool {
        self.started
    }

    /// Whether the sample was loaded for this command.
    #[must_use]
    pub fn built(&self) -> bool {
        self.built
    }

    /// Ends the use, as dropping does, but returns errors.
    ///
    /// # Errors
    /// When the server is ours to stop and does not stop.
    pub fn close(mut self) -> Result<(), SandboxError> {
        self.release()
    }

    fn release(&mut self) -> Result<(), SandboxError> {
        let Some(in_use) = self.in_use.take() else {
            return Ok(());
        };
        let locks = &self.instance.locks;
        let control = locks.lock_control()?;
        drop(in_use);
        if !locks.is_kept() && locks.try_lock_exclusive(&control)?.is_some() {
            self.instance.stop()?;
        }
        Ok(())
    }
}

impl Drop for RunningSandbox {
    fn drop(&mut self) {
        // An error can't be returned here. A server that goes on is found and stopped by the next command.
        let _ = self.release();
    }
}
