//! Locks between commands that share a sandbox: on files, since the system releases them when a command is killed.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;

use crate::error::SandboxError;
use crate::lock_holder::FileLockHolder;

/// How long another command may take to build, start or stop the server.
const CONTROL_WAIT: Duration = Duration::from_secs(60);

#[derive(Clone, Debug)]
pub(crate) struct Locks {
    dir: PathBuf,
}

/// The right to build, start and stop the server, until it is dropped.
#[derive(Debug)]
pub(crate) struct ControlLock {
    file: File,
}

/// Marks the server as used, until it is dropped.
#[derive(Debug)]
pub(crate) struct UseLock {
    file: File,
}

impl Locks {
    pub(crate) fn in_directory(dir: &Path) -> Self {
        Self { dir: dir.to_path_buf() }
    }

    pub(crate) fn lock_control(&self) -> Result<ControlLock, SandboxError> {
        self.wait_for("start.lock", File::try_lock).map(|file| ControlLock { file })
    }

    /// Of our own commands, only a holder of the control lock takes the lock exclusively.
    pub(crate) fn lock_shared(&self, _: &ControlLock) -> Result<UseLock, SandboxError> {
        self.wait_for("users.lock", File::try_lock_shared).map(|file| UseLock { file })
    }

    /// Waits for a lock that another command of this user may hold for a while; another user's is refused.
    fn wait_for(
        &self,
        name: &str,
        try_lock: impl Fn(&File) -> Result<(), TryLockError>,
    ) -> Result<File, SandboxError> {
        let (path, file) = self.open(name)?;
        let begun = Instant::now();
        loop {
            match try_lock(&file) {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(error)) => {
                    return Err(SandboxError::file("lock", &path)(error));
                }
                Err(TryLockError::WouldBlock) => {}
            }
            let holder = FileLockHolder::of(&file);
            if let Some(holder) = holder.filter(|holder| holder.is_foreign()) {
                return Err(SandboxError::Locked { path, holder: holder.to_string() });
            }
            if begun.elapsed() > CONTROL_WAIT {
                let holder = holder.map_or_else(String::new, |holder| format!(" ({holder})"));
                let (dir, seconds) = (self.dir.clone(), CONTROL_WAIT.as_secs());
                return Err(SandboxError::Busy { dir, holder, seconds });
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// `None` while another command uses the server.
    pub(crate) fn try_lock_exclusive(
        &self,
        _: &ControlLock,
    ) -> Result<Option<UseLock>, SandboxError> {
        let (path, file) = self.open("users.lock")?;
        match file.try_lock() {
            Ok(()) => Ok(Some(UseLock { file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(SandboxError::file("lock", &path)(error)),
        }
    }

    pub(crate) fn is_kept(&self) -> bool {
        self.keep_file().exists()
    }

    pub(crate) fn set_keep(&self) -> Result<(), SandboxError> {
        self.open("keep").map(drop)
    }

    pub(crate) fn clear_keep(&self) -> Result<(), SandboxError> {
        let path = self.keep_file();
        if path.symlink_metadata().is_err() {
            return Ok(());
        }
        fs::remove_file(&path).map_err(SandboxError::file("remove", &path))
    }

    fn keep_file(&self) -> PathBuf {
        self.dir.join("keep")
    }

    fn open(&self, name: &str) -> Result<(PathBuf, File), SandboxError> {
        let path = self.dir.join(name);
        let mut options = OpenOptions::new();
        // Not through a link, and without waiting for the other end of a pipe.
        let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let opened = options.custom_flags(flags.bits()).open(&path);
        let file = opened.map_err(SandboxError::file("open", &path))?;
        Ok((path, file))
    }
}

// Unlocked explicitly, not only closed: a program that is being started has a copy of every open file until it runs, and
// the lock with it.
impl Drop for ControlLock {
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

impl Drop for UseLock {
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}
