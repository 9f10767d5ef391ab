//! The PostgreSQL instance of one sandbox: its directories, and what is done with them under the sandbox's locks.

use std::path::{Path, PathBuf};

use crate::account::Account;
use crate::configuration::write_configuration;
use crate::data_build::{DATABASE, build_data, remove_leftovers, replace_data};
use crate::directories;
use crate::error::SandboxError;
use crate::locks::{ControlLock, Locks};
use crate::postmaster::Postmaster;
use crate::server::LocalServer;
use crate::server_log::LOG;
use crate::url::{SOCKET_PORT, url};

#[derive(Clone, Debug)]
pub(crate) struct Instance {
    pub(crate) dir: PathBuf,
    /// The directory above `data`: the same, or one that the server's account can enter.
    home: PathBuf,
    pub(crate) data: PathBuf,
    account: Account,
    pub(crate) locks: Locks,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StartResult {
    pub(crate) built: bool,
    pub(crate) started: bool,
}

impl Instance {
    /// The instance of the sandbox `dir`, which need not exist; nothing is created.
    pub(crate) fn locate(dir: &Path) -> Result<Self, SandboxError> {
        let dir = without_links(dir)?;
        let account = account_for(&dir.join("data"))?;
        let home = directories::data_home(&dir, &account)?;
        let data = home.join("data");
        Ok(Self { account: account_for(&data)?, locks: Locks::in_directory(&dir), dir, home, data })
    }

    /// Creates the directory for the data, where the sandbox's own can't have it.
    pub(crate) fn create_home(&self) -> Result<(), SandboxError> {
        if self.home == self.dir { Ok(()) } else { directories::make_passable(&self.home) }
    }

    /// Builds the data where there is none.
    pub(crate) fn ensure_running(
        &self,
        sample: &str,
        _: &ControlLock,
    ) -> Result<StartResult, SandboxError> {
        if self.running_postmaster()?.is_some() {
            return Ok(StartResult::default());
        }
        // `sandbox start` let a server stay that has ended since, by a crash or a reboot.
        self.locks.clear_keep()?;
        remove_leftovers(&self.home);
        let built = !self.data.exists();
        if built {
            replace_data(&self.data, &build_data(&self.home, &self.account, sample)?)?;
        }
        let server = LocalServer::open(&self.data)?;
        write_configuration(&self.data, &server.account)?;
        // A crash of the machine may lose the last commits, but never damages the data.
        server.with_setting("synchronous_commit", "off").start()?;
        Ok(StartResult { built, started: true })
    }

    /// The old data is removed only when the new is complete.
    pub(crate) fn rebuild(&self, sample: &str, _: &ControlLock) -> Result<(), SandboxError> {
        remove_leftovers(&self.home);
        let new = build_data(&self.home, &self.account, sample)?;
        self.stop()?;
        replace_data(&self.data, &new)
    }

    pub(crate) fn stop(&self) -> Result<(), SandboxError> {
        Postmaster::running(&self.data).map_or(Ok(()), |postmaster| postmaster.stop(&self.data))
    }

    /// Waits until it is neither starting nor stopping.
    fn running_postmaster(&self) -> Result<Option<Postmaster>, SandboxError> {
        let found = Postmaster::wait_until_settled(&self.data);
        match found {
            Some(found) if !found.ready => Err(SandboxError::Start {
                tail: "(it is still starting)".to_owned(),
                log: self.data.join(LOG),
            }),
            Some(found) if !found.accepts_connections() => {
                Err(SandboxError::Unanswered { pid: found.pid, socket: found.socket() })
            }
            found => Ok(found),
        }
    }

    /// The URL of the sample's database: where the server listens, or would.
    pub(crate) fn url(&self) -> Result<String, SandboxError> {
        if let Some(found) = Postmaster::running(&self.data) {
            return Ok(url(DATABASE, &found.sockets, found.port));
        }
        Ok(url(DATABASE, &directories::socket_directory(&self.data, &self.account)?, SOCKET_PORT))
    }
}

/// The owner of existing data; for data to be created, an account that may run a server.
fn account_for(data: &Path) -> Result<Account, SandboxError> {
    if data.exists() { Account::owner_of(data) } else { Account::unprivileged() }
}

/// The path without links, also of a directory that does not exist yet: other names are derived from it.
fn without_links(dir: &Path) -> Result<PathBuf, SandboxError> {
    let dir = std::path::absolute(dir).map_err(SandboxError::file("resolve", dir))?;
    for there in dir.ancestors() {
        if let (Ok(real), Ok(rest)) = (there.canonicalize(), dir.strip_prefix(there)) {
            // By components: joining nothing would add a slash, and with it another name.
            return Ok(real.components().chain(rest.components()).collect());
        }
    }
    Ok(dir)
}
