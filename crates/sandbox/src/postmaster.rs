//! The postmaster, a server's first process, from the data directory's `postmaster.pid` and the process table.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use leora_system::{UnfinishedFile, Visibility};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::account::Account;
use crate::error::SandboxError;
use crate::server_log::LOG;
use crate::{directories, process};

pub(crate) const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// How long a start or a stop by another command may take.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(60);

const FAST_SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(20);

const IMMEDIATE_SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// No process has this id: the largest that fits.
const UNUSED_PID: &str = "2147483647";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Postmaster {
    pub(crate) pid: i32,
    pub(crate) port: u16,
    pub(crate) sockets: PathBuf,
    pub(crate) ready: bool,
}

impl Postmaster {
    /// A file that a crash or a reboot left does not count.
    pub(crate) fn running(data: &Path) -> Option<Self> {
        Self::from_pid_file(data).filter(|found| process::is_postmaster(found.pid, data))
    }

    /// The running postmaster of `data` once it is neither starting nor stopping, which a killed command may have left to it;
    /// not ready when that takes too long.
    pub(crate) fn wait_until_settled(data: &Path) -> Option<Self> {
        let begun = Instant::now();
        loop {
            let found = Self::running(data);
            if found.as_ref().is_none_or(|found| found.ready) || begun.elapsed() > SETTLE_TIMEOUT {
                return found;
            }
            thread::sleep(POLL_INTERVAL);
        }
    }

    /// The postmaster in the file, running or not.
    pub(crate) fn from_pid_file(data: &Path) -> Option<Self> {
        let text = fs::read_to_string(pid_file(data)).ok()?;
        let line = |number: usize| text.lines().nth(number - 1).unwrap_or_default().trim();
        Some(Self {
            pid: line(1).parse().ok().filter(|pid| *pid > 1)?,
            port: line(4).parse().unwrap_or_default(),
            sockets: PathBuf::from(line(5)),
            ready: matches!(line(8), "ready" | "standby"),
        })
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.sockets.join(format!(".s.PGSQL.{}", self.port))
    }

    pub(crate) fn accepts_connections(&self) -> bool {
        UnixStream::connect(self.socket()).is_ok()
    }

    /// Stops it: running transactions are rolled back, the data is left clean.
    pub(crate) fn stop(&self, data: &Path) -> Result<(), SandboxError> {
        for (signal, timeout) in
            [(Signal::SIGINT, FAST_SHUTDOWN_TIMEOUT), (Signal::SIGQUIT, IMMEDIATE_SHUTDOWN_TIMEOUT)]
        {
            // It may have ended just now.
            let _ = kill(Pid::from_raw(self.pid), signal);
            if self.ends_within(timeout, data) {
                directories::remove_socket_directory(&self.sockets);
                return Ok(());
            }
        }
        Err(SandboxError::Stop { pid: self.pid, log: data.join(LOG) })
    }

    fn ends_within(&self, timeout: Duration, data: &Path) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < timeout {
            if Self::running(data).is_none_or(|now| now.pid != self.pid) {
                return true;
            }
            thread::sleep(POLL_INTERVAL);
        }
        false
    }
}

/// Makes a `postmaster.pid` harmless whose server does not run.
///
/// PostgreSQL refuses to start over an empty one, and over one whose process id now belongs to another process
/// of the same user. The rest of the file is kept: by it PostgreSQL finds memory that the old server's last
/// processes still share, and refuses as long as they do.
pub(crate) fn disarm_stale_pid_file(data: &Path, account: &Account) -> Result<(), SandboxError> {
    let path = pid_file(data);
    let Ok(text) = fs::read_to_string(&path) else {
        return Ok(());
    };
    let found = Postmaster::from_pid_file(data);
    if found.as_ref().is_some_and(|found| process::is_gone(found.pid)) {
        return Ok(());
    }
    let rest = match (found, text.split_once('\n')) {
        (Some(_), Some((_, rest))) => rest,
        _ => return fs::remove_file(&path).map_err(SandboxError::file("remove", &path)),
    };
    let text = format!("{UNUSED_PID}\n{rest}");
    let new = UnfinishedFile::write(&path, &text, Visibility::Private)
        .map_err(SandboxError::file("write", &path))?;
    account.own(new.path())?;
    new.put_in_place().map_err(SandboxError::file("write", &path))
}

fn pid_file(data: &Path) -> PathBuf {
    data.join("postmaster.pid")
}
