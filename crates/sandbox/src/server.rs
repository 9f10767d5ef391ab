//! A PostgreSQL server over a data directory: made, started, stopped.

use std::fs;
use std::path::{Path, PathBuf};

use crate::binaries::{Binaries, major_of};
use crate::error::SandboxError;
use crate::postmaster::Postmaster;
use crate::privilege::Account;
use crate::url::{escaped, url};
use crate::{place, start};

/// The database superuser of every server made here.
pub(crate) const USER: &str = "leora";

/// The server's log, in its data directory.
pub(crate) const LOG: &str = "leora-server.log";

/// The port's number in the name of a socket whose server has no TCP port.
pub(crate) const SOCKET_PORT: u16 = 5432;

/// A PostgreSQL server over one data directory.
///
/// It listens on a Unix socket in a directory that only its account can enter, trusts whoever gets there, and
/// knows one user, `leora`. It goes on when the value is dropped: whoever starts it calls [`LocalServer::stop`].
///
/// ```no_run
/// # use crate::Server;
/// let server = Server::create("/tmp/some/data")?.with_setting("fsync", "off");
/// server.start()?;
/// println!("{}", server.url("postgres")?);
/// server.stop()?;
/// # Ok::<(), crate::SandboxError>(())
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
    /// Makes a new data directory `data`, which must be missing or empty, and gives it to the server's account
    /// (root's servers run as `postgres` or `nobody`). Nothing is forced to the disk yet.
    ///
    /// # Errors
    /// No usable PostgreSQL, a directory that cannot be made or reached, or a failure of `initdb`.
    pub fn create(data: impl Into<PathBuf>) -> Result<Self, SandboxError> {
        Self::create_as(Account::unprivileged()?, &data.into())
    }

    /// As [`LocalServer::create`], for this account.
    pub(crate) fn create_as(account: Account, data: &Path) -> Result<Self, SandboxError> {
        let binaries = Binaries::preferred(&account)?;
        place::private(data, &account)?;
        let data = data.canonicalize().map_err(SandboxError::file("read", data))?;
        if !account.can_enter(&data) {
            return Err(SandboxError::Unreachable {
                path: data,
                account: account.name().to_owned(),
            });
        }
        let server = Self::over(data, account, binaries);
        server.initialise()?;
        Ok(server)
    }

    /// The server over the data directory `data`, made by [`LocalServer::create`] at any time before.
    ///
    /// # Errors
    /// No such directory, one of somebody else, or no PostgreSQL of its major version on this machine.
    pub fn open(data: impl AsRef<Path>) -> Result<Self, SandboxError> {
        let data =
            data.as_ref().canonicalize().map_err(SandboxError::file("read", data.as_ref()))?;
        let account = Account::owning(&data)?;
        let path = data.join("PG_VERSION");
        let version = fs::read_to_string(&path).map_err(SandboxError::file("read", &path))?;
        let major = major_of(&version).unwrap_or_default();
        let binaries = Binaries::of_major(major, &data, &account)?;
        Ok(Self::over(data, account, binaries))
    }

    /// Starts with this server setting (`fsync`, `max_connections`, ...), after and over those set before.
    #[must_use]
    pub fn with_setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Listens also on 127.0.0.1 at `port`, which must be free. Every user of the machine gets in there.
    #[must_use]
    pub fn on_loopback(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Starts it and waits until it accepts connections. One that runs already is left as it is.
    ///
    /// # Errors
    /// [`SandboxError::Start`] with the end of its log.
    pub fn start(&self) -> Result<(), SandboxError> {
        if self.is_running() { Ok(()) } else { start::start(self) }
    }

    /// Stops it, rolling back what is under way. One that does not run is left as it is.
    ///
    /// # Errors
    /// [`SandboxError::Stop`] when it resists.
    pub fn stop(&self) -> Result<(), SandboxError> {
        Postmaster::of(&self.data).map_or(Ok(()), |postmaster| postmaster.stop(&self.data))
    }

    /// Whether it runs and is ready.
    #[must_use]
    pub fn is_running(&self) -> bool {
        Postmaster::of(&self.data).is_some_and(|postmaster| postmaster.ready)
    }

    /// The process id of its postmaster, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<i32> {
        Postmaster::of(&self.data).map(|postmaster| postmaster.pid)
    }

    /// The data directory.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The log since its last start.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.data.join(LOG)
    }

    /// The URL of one of its databases by the Unix socket, for psql as for sqlx.
    ///
    /// # Errors
    /// [`SandboxError::NoSocketPlace`].
    pub fn url(&self, database: &str) -> Result<String, SandboxError> {
        let running =
            Postmaster::of(&self.data).map(|postmaster| (postmaster.sockets, postmaster.port));
        let (sockets, port) = match running {
            Some(found) => found,
            None => (place::sockets(&self.data, &self.account)?, self.port()),
        };
        Ok(url(database, &sockets, port))
    }

    /// The URL of one of its databases by TCP, when it listens on 127.0.0.1.
    #[must_use]
    pub fn loopback_url(&self, database: &str) -> Option<String> {
        self.port.map(|port| format!("postgresql://{USER}@127.0.0.1:{port}/{}", escaped(database)))
    }

    pub(crate) fn port(&self) -> u16 {
        self.port.unwrap_or(SOCKET_PORT)
    }

    fn over(data: PathBuf, account: Account, binaries: Binaries) -> Self {
        Self { binaries, account, data, settings: Vec::new(), port: None }
    }
}
