//! The sandbox as commands use it.

use std::borrow::Cow;
use std::env;
use std::path::{Path, PathBuf};

use leora_system::{FolderAccess, create_untracked_folder};

use crate::error::SandboxError;
use crate::instance::{Instance, StartResult};
use crate::postmaster::Postmaster;
use crate::running_sandbox::RunningSandbox;

/// A private server with a sample database, in one directory.
#[derive(Clone, Debug)]
pub struct Sandbox {
    dir: PathBuf,
    sample: Cow<'static, str>,
}

/// Whether a sandbox is built, and whether its server runs.
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
    /// The sandbox in `dir`, which is created when it is first needed; its sample is an empty database.
    #[must_use]
    pub fn at(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), sample: Cow::Borrowed("") }
    }

    /// The sandbox that `LEORA_SANDBOX` names, else `.leora/sandbox`, both relative to `cwd`.
    #[must_use]
    pub fn locate(cwd: &Path) -> Self {
        let named = env::var_os("LEORA_SANDBOX").filter(|dir| !dir.is_empty());
        Self::at(cwd.join(named.unwrap_or_else(|| ".leora/sandbox".into())))
    }

    /// Loads this SQL into the database `leora` when the data is built. Each statement ends with a semicolon and an empty
    /// line.
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
    pub fn open(&self) -> Result<RunningSandbox, SandboxError> {
        let instance = self.create_instance()?;
        let control = instance.locks.lock_control()?;
        let StartResult { built, started } = instance.ensure_running(&self.sample, &control)?;
        let in_use = Some(instance.locks.lock_shared(&control)?);
        let url = instance.url()?;
        Ok(RunningSandbox { instance, url, started, built, in_use })
    }

    /// Starts the server so that it stays when no command uses it, and returns its URL.
    ///
    /// # Errors
    /// As [`Sandbox::open`].
    pub fn keep_running(&self) -> Result<String, SandboxError> {
        let instance = self.create_instance()?;
        let control = instance.locks.lock_control()?;
        instance.ensure_running(&self.sample, &control)?;
        instance.locks.set_keep()?;
        instance.url()
    }

    /// Stops the server, or lets it stop when the commands that use it have ended.
    ///
    /// # Errors
    /// When it does not stop, or its files cannot be used.
    pub fn stop(&self) -> Result<Stopped, SandboxError> {
        let instance = self.instance()?;
        if !instance.dir.exists() {
            return Ok(Stopped::Already);
        }
        let control = instance.locks.lock_control()?;
        instance.locks.clear_keep()?;
        if Postmaster::running(&instance.data).is_none() {
            return Ok(Stopped::Already);
        }
        if instance.locks.try_lock_exclusive(&control)?.is_none() {
            return Ok(Stopped::WhenUnused);
        }
        instance.stop()?;
        Ok(Stopped::Now)
    }

    /// Replaces the data by the sample. A server that was started to stay runs again afterwards.
    ///
    /// # Errors
    /// [`SandboxError::InUse`] while a command uses it, and as [`Sandbox::open`].
    pub fn reset(&self) -> Result<(), SandboxError> {
        let instance = self.create_instance()?;
        let control = instance.locks.lock_control()?;
        if instance.locks.try_lock_exclusive(&control)?.is_none() {
            return Err(SandboxError::InUse { dir: self.dir.clone() });
        }
        let kept = instance.locks.is_kept() && Postmaster::running(&instance.data).is_some();
        instance.rebuild(&self.sample, &control)?;
        if kept {
            instance.ensure_running(&self.sample, &control)?;
            instance.locks.set_keep()?;
        }
        Ok(())
    }

    /// Whether it is built, and whether its server runs.
    ///
    /// # Errors
    /// When no directory for its data can be found.
    pub fn status(&self) -> Result<SandboxStatus, SandboxError> {
        let instance = self.instance()?;
        Ok(match Postmaster::running(&instance.data) {
            Some(_) if instance.locks.is_kept() => SandboxStatus::Kept,
            Some(_) => SandboxStatus::Running,
            None if instance.data.exists() => SandboxStatus::Stopped,
            None => SandboxStatus::Absent,
        })
    }

    /// The URL of its database, also while the server does not run.
    ///
    /// # Errors
    /// When no directory for its data or its socket can be found.
    pub fn url(&self) -> Result<String, SandboxError> {
        self.instance()?.url()
    }

    /// Its data directory; outside [`Sandbox::dir`] when the server's account cannot enter that.
    ///
    /// # Errors
    /// When no directory for its data can be found.
    pub fn data(&self) -> Result<PathBuf, SandboxError> {
        Ok(self.instance()?.data)
    }

    /// The instance as it is; only what is missing around an existing directory is created.
    fn instance(&self) -> Result<Instance, SandboxError> {
        if self.dir.symlink_metadata().is_ok() {
            self.create_directory()?;
        }
        Instance::locate(&self.dir)
    }

    /// Creates the directory; before links are resolved, since one in the place of `.leora` is refused.
    fn create_directory(&self) -> Result<(), SandboxError> {
        create_untracked_folder(&self.dir, FolderAccess::Passable)
            .map_err(SandboxError::file("use", &self.dir))
    }

    fn create_instance(&self) -> Result<Instance, SandboxError> {
        self.create_directory()?;
        let instance = Instance::locate(&self.dir)?;
        instance.create_home()?;
        Ok(instance)
    }
}
