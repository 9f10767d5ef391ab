//! The running server of a data directory, as its `postmaster.pid` and the system tell it.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use leora_system::{UnfinishedFile, Visibility};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::error::SandboxError;
use crate::privilege::Account;
use crate::{place, process};

/// How often a starting or stopping server is looked at.
pub(crate) const POLL: Duration = Duration::from_millis(5);

/// How long a start or a stop that somebody else began may take.
const SETTLE: Duration = Duration::from_secs(60);

/// How long a fast shutdown may take before the server is told to stop at once.
const FAST: Duration = Duration::from_secs(20);

/// How long an immediate shutdown may take.
const IMMEDIATE: Duration = Duration::from_secs(10);

/// No process has this id: the largest that fits.
const NOBODY: &str = "2147483647";

/// What `postmaster.pid` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Postmaster {
    pub(crate) pid: i32,
    pub(crate) port: u16,
    pub(crate) sockets: PathBuf,
    pub(crate) ready: bool,
}

impl Postmaster {
    /// The living postmaster of `data`. A file that a crash or a reboot left behind is not believed.
    pub(crate) fn of(data: &Path) -> Option<Self> {
        Self::noted(data).filter(|noted| process::is_postmaster(noted.pid, data))
    }

    /// The living postmaster of `data` once it neither starts nor stops any more, as after a command was killed
    /// in between; not ready when that takes too long.
    pub(crate) fn settled(data: &Path) -> Option<Self> {
        let begun = Instant::now();
        loop {
            let found = Self::of(data);
            if found.as_ref().is_none_or(|found| found.ready) || begun.elapsed() > SETTLE {
                return found;
            }
            thread::sleep(POLL);
        }
    }

    /// What the file says, alive or not.
    pub(crate) fn noted(data: &Path) -> Option<Self> {
        let text = fs::read_to_string(file(data)).ok()?;
        let line = |number: usize| text.lines().nth(number - 1).unwrap_or_default().trim();
        Some(Self {
            pid: line(1).parse().ok().filter(|pid| *pid > 1)?,
            port: line(4).parse().unwrap_or_default(),
            sockets: PathBuf::from(line(5)),
            ready: matches!(line(8), "ready" | "standby"),
        })
    }

    /// The path of its socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.sockets.join(format!(".s.PGSQL.{}", self.port))
    }

    /// Whether somebody listens on its socket.
    pub(crate) fn answers(&self) -> bool {
        UnixStream::connect(self.socket()).is_ok()
    }

    /// Stops it: running transactions are rolled back, the data is left clean.
    pub(crate) fn stop(&self, data: &Path) -> Result<(), SandboxError> {
        for (signal, patience) in [(Signal::SIGINT, FAST), (Signal::SIGQUIT, IMMEDIATE)] {
            // It may have ended just now.
            let _ = kill(Pid::from_raw(self.pid), signal);
            if self.ended_within(patience, data) {
                place::remove_sockets(&self.sockets);
                return Ok(());
            }
        }
        Err(SandboxError::Stop { pid: self.pid, log: data.join(crate::server::LOG) })
    }

    fn ended_within(&self, patience: Duration, data: &Path) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < patience {
            if Self::of(data).is_none_or(|now| now.pid != self.pid) {
                return true;
            }
            thread::sleep(POLL);
        }
        false
    }
}

/// Makes a `postmaster.pid` harmless that no living server stands behind.
///
/// PostgreSQL refuses to start over an empty one, and over one whose process id now belongs to another process
/// of the same user. The rest of the file is kept: by it PostgreSQL finds memory that the old server's last
/// processes still share, and refuses as long as they do.
pub(crate) fn retire(data: &Path, account: &Account) -> Result<(), SandboxError> {
    let path = file(data);
    let Ok(text) = fs::read_to_string(&path) else {
        return Ok(());
    };
    if Postmaster::noted(data).is_some_and(|noted| process::is_gone(noted.pid)) {
        return Ok(());
    }
    let rest = match (Postmaster::noted(data), text.split_once('\n')) {
        (Some(_), Some((_, rest))) => rest,
        _ => return fs::remove_file(&path).map_err(SandboxError::file("remove", &path)),
    };
    let text = format!("{NOBODY}\n{rest}");
    let new = UnfinishedFile::write(&path, &text, Visibility::Private)
        .map_err(SandboxError::file("write", &path))?;
    account.own(new.path())?;
    new.put_in_place().map_err(SandboxError::file("write", &path))
}

fn file(data: &Path) -> PathBuf {
    data.join("postmaster.pid")
}
