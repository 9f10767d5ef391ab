//! The directories of one sandbox, and what is done there under its locks.

use std::path::{Path, PathBuf};

use leora_system::create_untracked_folder;

use crate::build::{self, DATABASE};
use crate::error::SandboxError;
use crate::locks::{Control, Locks};
use crate::place;
use crate::postmaster::Postmaster;
use crate::privilege::Account;
use crate::server::{LOG, LocalServer, SOCKET_PORT};
use crate::url::url;

/// Where one sandbox is.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// The sandbox's own directory, with its locks.
    pub(crate) dir: PathBuf,
    /// The directory above `data`: the same, or one that the server's account can enter.
    home: PathBuf,
    pub(crate) data: PathBuf,
    account: Account,
    pub(crate) locks: Locks,
}

/// What `Site::run` had to do.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Done {
    pub(crate) built: bool,
    pub(crate) started: bool,
}

impl Site {
    /// Where the sandbox `dir` is or would be; nothing is made.
    pub(crate) fn of(dir: &Path) -> Result<Self, SandboxError> {
        let dir = resolved(dir)?;
        let account = account_for(&dir.join("data"))?;
        let home = place::home(&dir, &account)?;
        let data = home.join("data");
        Ok(Self { account: account_for(&data)?, locks: Locks::of(&dir), dir, home, data })
    }

    /// Makes the directories.
    pub(crate) fn prepare(&self) -> Result<(), SandboxError> {
        create_untracked_folder(&self.dir).map_err(SandboxError::file("create", &self.dir))?;
        if self.home == self.dir { Ok(()) } else { place::passable(&self.home) }
    }

    /// Builds the data where there is none and starts the server where it does not run.
    pub(crate) fn run(&self, sample: &str, _: &Control) -> Result<Done, SandboxError> {
        if self.settled()?.is_some() {
            return Ok(Done::default());
        }
        // `sandbox start` kept a server that has ended since, by a crash or a reboot.
        self.locks.unkeep()?;
        build::sweep(&self.home);
        let built = !self.data.exists();
        if built {
            build::install(&build::build(&self.home, &self.account, sample)?, &self.data)?;
        }
        // A crash of the machine may cost the last commits, never the data's soundness.
        LocalServer::open(&self.data)?.with_setting("synchronous_commit", "off").start()?;
        Ok(Done { built, started: true })
    }

    /// Makes the data anew and stops the server. What is there goes only when its successor is complete.
    pub(crate) fn rebuild(&self, sample: &str, _: &Control) -> Result<(), SandboxError> {
        build::sweep(&self.home);
        let new = build::build(&self.home, &self.account, sample)?;
        self.halt()?;
        build::install(&new, &self.data)
    }

    /// Stops the server if it runs.
    pub(crate) fn halt(&self) -> Result<(), SandboxError> {
        Postmaster::of(&self.data).map_or(Ok(()), |postmaster| postmaster.stop(&self.data))
    }

    /// The running server, when it is neither starting nor stopping any more.
    fn settled(&self) -> Result<Option<Postmaster>, SandboxError> {
        let found = Postmaster::settled(&self.data);
        match found {
            Some(found) if !found.ready => Err(SandboxError::Start {
                tail: "(it is still starting)".to_owned(),
                log: self.data.join(LOG),
            }),
            Some(found) if !found.answers() => {
                Err(SandboxError::Unanswered { pid: found.pid, socket: found.socket() })
            }
            found => Ok(found),
        }
    }

    /// The URL of the sample's database: where the server listens, or would.
    pub(crate) fn url(&self) -> Result<String, SandboxError> {
        if let Some(found) = Postmaster::of(&self.data) {
            return Ok(url(DATABASE, &found.sockets, found.port));
        }
        Ok(url(DATABASE, &place::sockets(&self.data, &self.account)?, SOCKET_PORT))
    }
}

/// The owner of data that exists; for data to be made, an account that may run a server.
fn account_for(data: &Path) -> Result<Account, SandboxError> {
    if data.exists() { Account::owning(data) } else { Account::unprivileged() }
}

/// The path without links, also of a directory that is not there yet: everything is named after it.
fn resolved(dir: &Path) -> Result<PathBuf, SandboxError> {
    let dir = std::path::absolute(dir).map_err(SandboxError::file("resolve", dir))?;
    for there in dir.ancestors() {
        if let (Ok(real), Ok(rest)) = (there.canonicalize(), dir.strip_prefix(there)) {
            // By components: joining nothing would add a slash, and with it another name.
            return Ok(real.components().chain(rest.components()).collect());
        }
    }
    Ok(dir)
}
