//! Locks between commands that share a sandbox: on files, since the system releases them when a command is killed.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::SandboxError;

/// How long another command may take to build, start or stop the server.
const CONTROL_WAIT: Duration = Duration::from_secs(60);

/// The lock files of one sandbox, and the file `keep` that lets its server stay.
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

    /// Waits for the right to build, start and stop the server.
    pub(crate) fn lock_control(&self) -> Result<ControlLock, SandboxError> {
        let (path, file) = self.open("start.lock")?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(ControlLock { file }),
                Err(TryLockError::Error(error)) => {
                    return Err(SandboxError::file("lock", &path)(error));
                }
                Err(TryLockError::WouldBlock) if begun.elapsed() > CONTROL_WAIT => {
                    return Err(SandboxError::Busy {
                        dir: self.dir.clone(),
                        seconds: CONTROL_WAIT.as_secs(),
                    });
                }
                Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    /// Marks the server as used. This never waits: only a holder of the control lock takes the lock exclusively.
    pub(crate) fn lock_shared(&self, _: &ControlLock) -> Result<UseLock, SandboxError> {
        let (path, file) = self.open("users.lock")?;
        file.lock_shared().map_err(SandboxError::file("lock", &path))?;
        Ok(UseLock { file })
    }

    /// Takes the server for this command alone; `None` while another uses it.
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

    /// Whether the server stays when no command uses it.
    pub(crate) fn is_kept(&self) -> bool {
        self.keep_file().exists()
    }

    pub(crate) fn set_keep(&self) -> Result<(), SandboxError> {
        let path = self.keep_file();
        File::create(&path).map(drop).map_err(SandboxError::file("create", &path))
    }

    pub(crate) fn clear_keep(&self) -> Result<(), SandboxError> {
        let path = self.keep_file();
        if !path.exists() {
            return Ok(());
        }
        fs::remove_file(&path).map_err(SandboxError::file("remove", &path))
    }

    fn keep_file(&self) -> PathBuf {
        self.dir.join("keep")
    }

    fn open(&self, name: &str) -> Result<(PathBuf, File), SandboxError> {
        let path = self.dir.join(name);
        let opened =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
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
