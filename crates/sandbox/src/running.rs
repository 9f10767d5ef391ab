//! A sandbox in use by this command.

use crate::error::SandboxError;
use crate::locks::Use;
use crate::site::Site;

/// The running sandbox. When the last command that uses it ends, so does the server, unless it was started to
/// stay.
#[derive(Debug)]
pub struct Running {
    pub(crate) site: Site,
    pub(crate) url: String,
    pub(crate) started: bool,
    pub(crate) built: bool,
    pub(crate) used: Option<Use>,
}

impl Running {
    /// The URL of the sample's database, for psql as for sqlx.
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

    /// Ends the use, as dropping does, and tells what went wrong.
    ///
    /// # Errors
    /// When the server is ours to stop and does not stop.
    pub fn close(mut self) -> Result<(), SandboxError> {
        self.release()
    }

    fn release(&mut self) -> Result<(), SandboxError> {
        let Some(used) = self.used.take() else {
            return Ok(());
        };
        let control = self.site.locks.control()?;
        drop(used);
        if !self.site.locks.is_kept() && self.site.locks.alone(&control)?.is_some() {
            self.site.halt()?;
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Nobody can be told here; a server that goes on is found and stopped by the next command.
        let _ = self.release();
    }
}
