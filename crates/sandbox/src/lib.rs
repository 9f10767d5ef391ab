//! The sandbox: a private PostgreSQL server with a sample CRM, started from the machine's own binaries.
//!
//! It lives in one directory (`.leora/sandbox`), listens on a Unix socket only, and runs while a command uses it.
//! The pieces, lowest first: [`Account`] (as whom the server runs), [`Binaries`] (what runs), [`LocalServer`] (one data
//! directory, made, started, stopped; also for tests), [`Sandbox`] (sharing it between commands).
//!
//! Two locks keep commands apart: whoever builds, starts or stops holds `start.lock`; whoever uses the server holds
//! `users.lock`, shared. The last one to leave stops the server, unless the file `keep` says that it stays.

mod binaries;
mod build;
mod error;
mod initdb;
mod install;
mod locks;
mod offline;
mod place;
mod postmaster;
mod privilege;
mod process;
mod running;
mod search;
mod server;
mod site;
mod start;
mod url;

use std::borrow::Cow;
use std::env;
use std::path::{Path, PathBuf};

use postmaster::Postmaster;
use site::Site;

pub use binaries::Binaries;
pub use error::SandboxError;
pub use privilege::Account;
pub use running::Running;
pub use server::LocalServer;

/// A private server with a sample database, in one directory.
#[derive(Clone, Debug)]
pub struct Sandbox {
    dir: PathBuf,
    sample: Cow<'static, str>,
}

/// What there is of a sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SandboxStatus {
    /// It was never built.
    Absent,
    /// It is built, and the server does not run.
    Stopped,
    /// The server runs until the last command that uses it ends.
    Running,
    /// The server runs until it is stopped.
    Kept,
}

/// What [`Sandbox::stop`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The server was stopped.
    Now,
    /// Another command uses the server; it stops when that ends.
    WhenUnused,
    /// The server did not run.
    Already,
}

impl Sandbox {
    /// The sandbox in `dir`, which is made when it is first needed, with an empty database for a sample.
    #[must_use]
    pub fn at(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), sample: Cow::Borrowed("") }
    }

    /// The sandbox that `LEORA_SANDBOX` names, else `.leora/sandbox`, both seen from `cwd`.
    #[must_use]
    pub fn locate(cwd: &Path) -> Self {
        let named = env::var_os("LEORA_SANDBOX").filter(|dir| !dir.is_empty());
        Self::at(cwd.join(named.unwrap_or_else(|| ".leora/sandbox".into())))
    }

    /// Loads this SQL into the database `leora` when it is built. A command ends with a semicolon and an empty line.
    #[must_use]
    pub fn with_sample(mut self, sql: impl Into<Cow<'static, str>>) -> Self {
        self.sample = sql.into();
        self
    }

    /// The sandbox's directory, as it was given.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Uses the sandbox: joins the running server, or starts it, building it first where it was never built.
    ///
    /// # Errors
    /// See [`SandboxError`].
    pub fn open(&self) -> Result<Running, SandboxError> {
        let site = self.prepared()?;
        let control = site.locks.control()?;
        let done = site.run(&self.sample, &control)?;
        let used = Some(site.locks.share(&control)?);
        let url = site.url()?;
        Ok(Running { site, url, started: done.started, built: done.built, used })
    }

    /// Starts the server to stay when no command uses it, and tells its URL.
    ///
    /// # Errors
    /// As [`Sandbox::open`].
    pub fn keep_running(&self) -> Result<String, SandboxError> {
        let site = self.prepared()?;
        let control = site.locks.control()?;
        site.run(&self.sample, &control)?;
        site.locks.keep()?;
        site.url()
    }

    /// Stops the server, or lets it stop when the commands that use it have ended.
    ///
    /// # Errors
    /// When it does not stop, or its files cannot be used.
    pub fn stop(&self) -> Result<Stopped, SandboxError> {
        let site = Site::of(&self.dir)?;
        if !site.dir.exists() {
            return Ok(Stopped::Already);
        }
        let control = site.locks.control()?;
        site.locks.unkeep()?;
        if Postmaster::of(&site.data).is_none() {
            return Ok(Stopped::Already);
        }
        if site.locks.alone(&control)?.is_none() {
            return Ok(Stopped::WhenUnused);
        }
        site.halt()?;
        Ok(Stopped::Now)
    }

    /// Makes the sandbox anew with the sample; a server that was started to stay runs again afterwards.
    ///
    /// # Errors
    /// [`SandboxError::InUse`] while a command uses it, and as [`Sandbox::open`].
    pub fn reset(&self) -> Result<(), SandboxError> {
        let site = self.prepared()?;
        let control = site.locks.control()?;
        if site.locks.alone(&control)?.is_none() {
            return Err(SandboxError::InUse { dir: self.dir.clone() });
        }
        let kept = site.locks.is_kept() && Postmaster::of(&site.data).is_some();
        site.rebuild(&self.sample, &control)?;
        if kept {
            site.run(&self.sample, &control)?;
            site.locks.keep()?;
        }
        Ok(())
    }

    /// What there is of it now.
    ///
    /// # Errors
    /// When no place for its data can be found.
    pub fn status(&self) -> Result<SandboxStatus, SandboxError> {
        let site = Site::of(&self.dir)?;
        Ok(match Postmaster::of(&site.data) {
            Some(_) if site.locks.is_kept() => SandboxStatus::Kept,
            Some(_) => SandboxStatus::Running,
            None if site.data.exists() => SandboxStatus::Stopped,
            None => SandboxStatus::Absent,
        })
    }

    /// The URL of its database, also while the server does not run.
    ///
    /// # Errors
    /// When no place for its data or its socket can be found.
    pub fn url(&self) -> Result<String, SandboxError> {
        Site::of(&self.dir)?.url()
    }

    /// Its data directory; elsewhere than in [`Sandbox::dir`] when the server's account cannot get there.
    ///
    /// # Errors
    /// When no place for its data can be found.
    pub fn data(&self) -> Result<PathBuf, SandboxError> {
        Ok(Site::of(&self.dir)?.data)
    }

    fn prepared(&self) -> Result<Site, SandboxError> {
        let site = Site::of(&self.dir)?;
        site.prepare()?;
        Ok(site)
    }
}
