//! A PostgreSQL server over one data directory.

use std::fs;
use std::path::{Path, PathBuf};

use crate::account::Account;
use crate::binaries::{Binaries, major_version};
use crate::directories;
use crate::error::SandboxError;
use crate::postmaster::Postmaster;
use crate::server_log::LOG;
use crate::url::{SOCKET_PORT, USER, escape, url};

/// A PostgreSQL server over one data directory.
///
/// It listens on a Unix socket in a directory that only its account can enter, asks for no password, and has one user,
/// `leora`. It goes on running when the value is dropped, until [`LocalServer::stop`].
///
/// ```no_run
/// use leora_sandbox::LocalServer;
/// let server = LocalServer::create("/tmp/some/data")?.with_setting("fsync", "off");
/// server.start()?;
/// println!("{}", server.url("postgres")?);
/// server.stop()?;
/// # Ok::<(), leora_sandbox::SandboxError>(())
/// ```
#[derive(Clone, Debug)]
pub struct LocalServer {
    pub(crate) binaries: Binaries,
    pub(crate) account: Account,
    pub(crate) data: PathBuf,
    pub(crate) settings: Vec<(String, String)>,
    pub(crate) port: Option<u16>,
}

impl LocalServer {
    /// Creates a data directory `data`, which must be missing or empty, for the server's account (root's servers run as
    /// `postgres` or `nobody`). Nothing is forced to the disk yet.
    ///
    /// # Errors
    /// No usable PostgreSQL, a directory that cannot be made or reached, or a failure of `initdb`.
    pub fn create(data: impl Into<PathBuf>) -> Result<Self, SandboxError> {
        Self::create_as(Account::unprivileged()?, &data.into())
    }

    pub(crate) fn create_as(account: Account, data: &Path) -> Result<Self, SandboxError> {
        let binaries = Binaries::preferred(&account)?;
        directories::make_private(data, &account)?;
        let data = data.canonicalize().map_err(SandboxError::file("read", data))?;
        if !account.can_enter(&data) {
            return Err(SandboxError::Unreachable {
                path: data,
                account: account.name().to_owned(),
            });
        }
        let server = Self::new(data, account, binaries);
        server.initialize()?;
        Ok(server)
    }

    /// The server over a data directory that [`LocalServer::create`] created at any time before.
    ///
    /// # Errors
    /// No such directory, one of another user, or no PostgreSQL of its major version on this machine.
    pub fn open(data: impl AsRef<Path>) -> Result<Self, SandboxError> {
        let data =
            data.as_ref().canonicalize().map_err(SandboxError::file("read", data.as_ref()))?;
        let account = Account::owner_of(&data)?;
        let path = data.join("PG_VERSION");
        let version = fs::read_to_string(&path).map_err(SandboxError::file("read", &path))?;
        let major = major_version(&version).unwrap_or_default();
        let binaries = Binaries::of_major_version(major, &data, &account)?;
        Ok(Self::new(data, account, binaries))
    }

    /// Starts with this server setting (`fsync`, `max_connections`, ...), which replaces an earlier one.
    #[must_use]
    pub fn with_setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Also listens on 127.0.0.1 at `port`, which must be free. Every user of the machine can connect there.
    #[must_use]
    pub fn on_loopback(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Stops it, if it runs; open transactions are rolled back.
    ///
    /// # Errors
    /// [`SandboxError::Stop`] when it does not stop.
    pub fn stop(&self) -> Result<(), SandboxError> {
        Postmaster::running(&self.data).map_or(Ok(()), |postmaster| postmaster.stop(&self.data))
    }

    /// Whether it runs and is ready.
    #[must_use]
    pub fn is_running(&self) -> bool {
        Postmaster::running(&self.data).is_some_and(|postmaster| postmaster.ready)
    }

    /// The process id of its postmaster, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<i32> {
        Postmaster::running(&self.data).map(|postmaster| postmaster.pid)
    }

    /// Its data directory.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The log since its last start.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.data.join(LOG)
    }

    /// The URL of one of its databases by the Unix socket, for psql and sqlx.
    ///
    /// # Errors
    /// [`SandboxError::NoSocketPlace`].
    pub fn url(&self, database: &str) -> Result<String, SandboxError> {
        let running =
            Postmaster::running(&self.data).map(|postmaster| (postmaster.sockets, postmaster.port));
        let (sockets, port) = match running {
            Some(found) => found,
            None => (directories::socket_directory(&self.data, &self.account)?, self.port()),
        };
        Ok(url(database, &sockets, port))
    }

    /// The URL of one of its databases by TCP, when it listens on 127.0.0.1.
    #[must_use]
    pub fn loopback_url(&self, database: &str) -> Option<String> {
        self.port.map(|port| format!("postgresql://{USER}@127.0.0.1:{port}/{}", escape(database)))
    }

    pub(crate) fn port(&self) -> u16 {
        self.port.unwrap_or(SOCKET_PORT)
    }

    fn new(data: PathBuf, account: Account, binaries: Binaries) -> Self {
        Self { binaries, account, data, settings: Vec::new(), port: None }
    }
}
