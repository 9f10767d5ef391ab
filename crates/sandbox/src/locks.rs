//! How several commands share one sandbox: locks on files, which the system releases when a command is killed.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::SandboxError;

/// How long another command may take to build, start or stop the server.
const PATIENCE: Duration = Duration::from_secs(60);

/// The lock files and the marker of one sandbox.
#[derive(Clone, Debug)]
pub(crate) struct Locks {
    dir: PathBuf,
}

/// The right to build, start and stop the server, until it is dropped.
#[derive(Debug)]
pub(crate) struct Control {
    file: File,
}

/// Says that a command uses the server, until it is dropped.
#[derive(Debug)]
pub(crate) struct Use {
    file: File,
}

impl Locks {
    pub(crate) fn of(dir: &Path) -> Self {
        Self { dir: dir.to_path_buf() }
    }

    /// Waits for the right to build, start and stop the server.
    pub(crate) fn control(&self) -> Result<Control, SandboxError> {
        let (path, file) = self.open("start.lock")?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Control { file }),
                Err(TryLockError::Error(error)) => {
                    return Err(SandboxError::file("lock", &path)(error));
                }
                Err(TryLockError::WouldBlock) if begun.elapsed() > PATIENCE => {
                    return Err(SandboxError::Busy {
                        dir: self.dir.clone(),
                        seconds: PATIENCE.as_secs(),
                    });
                }
                Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    /// Marks the server as used. Nobody waits: who wants it alone has `Control`, and so have we.
    pub(crate) fn share(&self, _: &Control) -> Result<Use, SandboxError> {
        let (path, file) = self.open("users.lock")?;
        file.lock_shared().map_err(SandboxError::file("lock", &path))?;
        Ok(Use { file })
    }

    /// The server for ourselves alone; none while a command uses it.
    pub(crate) fn alone(&self, _: &Control) -> Result<Option<Use>, SandboxError> {
        let (path, file) = self.open("users.lock")?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Use { file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(SandboxError::file("lock", &path)(error)),
        }
    }

    /// Whether the server stays when nobody uses it.
    pub(crate) fn is_kept(&self) -> bool {
        self.keep_file().exists()
    }

    pub(crate) fn keep(&self) -> Result<(), SandboxError> {
        let path = self.keep_file();
        File::create(&path).map(drop).map_err(SandboxError::file("create", &path))
    }

    pub(crate) fn unkeep(&self) -> Result<(), SandboxError> {
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

// Unlocked by name, not only closed: a program that is being started holds a copy of every open file until it
// runs, and the lock with it.
impl Drop for Control {
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

impl Drop for Use {
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}
