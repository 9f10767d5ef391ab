//! Connecting, and saying in plain words why it failed.

use std::time::Duration;

use leora_report::DatabaseError;
use leora_system::Interrupt;
use tokio::runtime::Handle;

use crate::connection::Connection;
use crate::connection::error::from_driver;
use crate::connection::preconnect::Preconnect;
use crate::{ProgressListener, Target, TargetSource};

/// A server that can be connected to.
#[derive(Clone, Debug)]
pub struct Server {
    target: Target,
    runtime: Handle,
    interrupt: Interrupt,
    meter: ProgressListener,
    pub(crate) ahead: Preconnect,
}

impl Server {
    /// The server of a target; nothing is connected yet.
    pub fn new(
        target: Target,
        runtime: Handle,
        interrupt: Interrupt,
        meter: ProgressListener,
    ) -> Self {
        Self { target, runtime, interrupt, meter, ahead: Preconnect::default() }
    }

    /// Who hears how far a long statement is.
    pub(crate) fn meter(&self) -> &ProgressListener {
        &self.meter
    }

    /// The target.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Whether somebody asked to stop.
    pub fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// Waits, or less when interrupted.
    ///
    /// # Errors
    /// [`DatabaseError::Interrupted`] when interrupted.
    pub fn pause(&self, time: Duration) -> Result<(), DatabaseError> {
        self.runtime.block_on(async {
            tokio::select! {
                () = tokio::time::sleep(time) => Ok(()),
                () = self.interrupt.wait() => Err(DatabaseError::Interrupted),
            }
        })
    }

    /// Opens a connection, unless one was opened ahead.
    pub(crate) fn open(&self) -> Result<Connection, DatabaseError> {
        self.ahead.take().unwrap_or_else(|| self.open_within(self.target.connect_timeout))
    }

    /// Opens a connection, waiting at most this long.
    pub(crate) fn open_within(&self, patience: Duration) -> Result<Connection, DatabaseError> {
        Connection::open(&self.interrupt, self.target.options.clone(), patience)
            .map_err(|error| self.explain(error))
    }

    /// What a failed connection means, and what to do.
    fn explain(&self, error: sqlx::Error) -> DatabaseError {
        let Target { host, port, database, user, source, .. } = &self.target;
        let place = if host.starts_with('/') { host.clone() } else { format!("{host}:{port}") };
        let connect = |message: String, help: String, code: Option<&str>| DatabaseError::Connect {
            message,
            help: Some(help),
            code: code.map(str::to_owned),
        };
        match error {
            sqlx::Error::WorkerCrashed => DatabaseError::Interrupted,
            sqlx::Error::PoolTimedOut => connect(
                format!("nothing answers at {place} in time"),
                format!(
                    "check host and port in {source}, the network, and any firewall or IP allow list"
                ),
                None,
            ),
            // The handshake's errors come as those of the network.
            sqlx::Error::Io(error) if error.to_string().contains("certificate") => {
                untrusted(&place, source, &error.to_string())
            }
            sqlx::Error::Io(error) => connect(
                format!("no server answers at {place}: {}", plain(&error)),
                format!("start PostgreSQL there, or check host and port in {source}"),
                None,
            ),
            sqlx::Error::Tls(error) if error.to_string().contains("does not support TLS") => connect(
                format!("the server at {place} does not encrypt, and sslmode asks for it"),
                "switch it on there (ssl = on), or say sslmode=disable where you trust the network".into(),
                None,
            ),
            sqlx::Error::Tls(error) if error.to_string().contains("certificate") => {
                untrusted(&place, source, &error.to_string())
            }
            sqlx::Error::Tls(error) => connect(
                format!("no encrypted connection to {place}: {error}"),
                "check sslmode and sslrootcert in the address".into(),
                None,
            ),
            error => match from_driver(error) {
                DatabaseError::Server(error) => {
                    let help = match error.code.as_str() {
                        "28P01" if !self.target.has_password => format!(
                            "the server asks for a password, and {source} gives none: write it as user:password@, or set PGPASSWORD"
                        ),
                        "28000" if error.message.contains("does not exist") => {
                            format!("check the user in {source}")
                        }
                        "28P01" => format!(
                            "check user and password in {source}; special characters are written as %XX"
                        ),
                        "28000" => format!(
                            "the server's pg_hba.conf has no entry for {user}; check user and sslmode in {source}"
                        ),
                        "3D000" => format!(
                            "create it (createdb {database}), or check the name in {source}"
                        ),
                        "42501" => format!(
                            "ask the owner for: GRANT CONNECT ON DATABASE \"{database}\" TO \"{user}\""
                        ),
                        "53300" => {
                            "wait until others have closed theirs, or raise max_connections".into()
                        }
                        "57P03" => "wait until the server has started".into(),
                        _ => format!("check the address in {source}"),
                    };
                    connect(
                        format!("{place} refused the connection: {}", error.message),
                        help,
                        Some(&error.code),
                    )
                }
                DatabaseError::Lost { message } => connect(
                    format!("no connection to {place}: {message}"),
                    format!("check the address in {source}"),
                    None,
                ),
                other => other,
            },
        }
    }
}

/// A server whose certificate is not trusted, in the words of those who set one up.
fn untrusted(place: &str, source: &TargetSource, reason: &str) -> DatabaseError {
    let (fact, help) = if reason.contains("not valid for name")
        || reason.contains("NotValidForName")
    {
        (
            "is for another host".to_owned(),
            format!(
                "write the host in {source} as the certificate names it; sslmode=verify-ca leaves the name out"
            ),
        )
    } else if reason.contains("UnknownIssuer") {
        (
            "is of an authority that is not known here".to_owned(),
            format!(
                "add sslrootcert=FILE, with the authority's certificate, to the address in {source}"
            ),
        )
    } else if reason.contains("Expired") || reason.contains("expired") {
        ("has expired".to_owned(), "let it be renewed, and check this machine's clock".to_owned())
    } else {
        (format!("is not trusted: {reason}"), format!("check sslmode and sslrootcert in {source}"))
    };
    let message = format!("the certificate of {place} {fact}");
    DatabaseError::Connect { message, help: Some(help), code: None }
}

/// An I/O error without "(os error N)".
fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}
