//! Which database: found from the options, the environment or `.env`, and shown without its password.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use url::Url;

/// Where the database's address came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetSource {
    /// `--database-url`
    Option,
    /// `--sandbox`
    Sandbox,
    /// The environment variable `DIRECT_URL`.
    DirectUrl,
    /// The environment variable `DATABASE_URL`.
    DatabaseUrl,
    /// `DIRECT_URL` in `.env`.
    DotenvDirectUrl,
    /// `DATABASE_URL` in `.env`.
    DotenvDatabaseUrl,
}

impl fmt::Display for TargetSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Option => "--database-url",
            Self::Sandbox => "--sandbox",
            Self::DirectUrl => "DIRECT_URL",
            Self::DatabaseUrl => "DATABASE_URL",
            Self::DotenvDirectUrl => "DIRECT_URL in .env",
            Self::DotenvDatabaseUrl => "DATABASE_URL in .env",
        })
    }
}

/// A database to work on.
#[derive(Clone)]
pub struct Target {
    /// The name that `--confirm` takes: the Supabase project reference where there is one, else the
    /// database's name.
    pub name: String,
    /// The host, or the directory of the Unix socket.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The database's name.
    pub database: String,
    /// The schema of the CRM's tables.
    pub schema: String,
    /// The role.
    pub user: String,
    /// Where the address came from.
    pub source: TargetSource,
    /// What in the address tells of a transaction pooler, if something does.
    pub pooler: Option<&'static str>,
    /// Parameters of the address that mean nothing here.
    pub set_aside: Vec<String>,
    pub(super) options: PgConnectOptions,
    pub(super) connect_patience: Duration,
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({} at {}:{})", self.database, self.host, self.port)
    }
}

/// Why there is no target. The text never holds the address, which may have a password in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTarget {
    /// Nobody said which database.
    #[error("no database was named")]
    Nowhere,
    /// An address that can't be read.
    #[error("the address in {origin} can't be read: {reason}")]
    Unreadable {
        /// Where it came from.
        origin: TargetSource,
        /// What is wrong with it.
        reason: String,
    },
    /// `.env` can't be read.
    #[error(".env can't be read: {reason}")]
    Dotenv {
        /// What is wrong with it.
        reason: String,
    },
}

impl NoTarget {
    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            Self::Nowhere => "give --database-url postgresql://..., or set DIRECT_URL or DATABASE_URL (also in .env), or try it on --sandbox",
            Self::Unreadable { .. } => "write it like postgresql://user:password@host:5432/database; in the password, write # as %23, @ as %40, / as %2F, ? as %3F, : as %3A, % as %25",
            Self::Dotenv { .. } => "write each line as NAME=\"value\"",
        }
        .to_owned()
    }
}

/// How long a connection may take, where the address does not say.
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);

/// Supabase's port for its pooler in transaction mode.
const POOLER_PORT: u16 = 6543;

impl Target {
    /// Finds the target: the given address, else `DIRECT_URL`, else `DATABASE_URL`, from the environment
    /// before `.env` in `directory`.
    ///
    /// # Errors
    /// [`NoTarget`] when there is none, or it can't be read.
    pub fn find(
        given: Option<&str>,
        environment: impl Fn(&str) -> Option<String>,
        directory: &Path,
    ) -> Result<Self, NoTarget> {
        if let Some(address) = given {
            return Self::parse(address, TargetSource::Option);
        }
        let named = |name: &str| environment(name).filter(|value| !value.trim().is_empty());
        if let Some(address) = named("DIRECT_URL") {
            return Self::parse(&address, TargetSource::DirectUrl);
        }
        if let Some(address) = named("DATABASE_URL") {
            return Self::parse(&address, TargetSource::DatabaseUrl);
        }
        let file = read_dotenv(&directory.join(".env"))?;
        if let Some(address) = file.get("DIRECT_URL") {
            return Self::parse(address, TargetSource::DotenvDirectUrl);
        }
        match file.get("DATABASE_URL") {
            Some(address) => Self::parse(address, TargetSource::DotenvDatabaseUrl),
            None => Err(NoTarget::Nowhere),
        }
    }

    /// Reads an address, with Prisma's parameters understood or set aside.
    ///
    /// # Errors
    /// [`NoTarget::Unreadable`] when it is none.
    pub fn parse(address: &str, source: TargetSource) -> Result<Self, NoTarget> {
        let unreadable =
            |reason: &str| NoTarget::Unreadable { origin: source, reason: reason.into() };
        let url = Url::parse(address.trim()).map_err(|error| unreadable(&plain(error)))?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(unreadable("it does not start with postgresql://"));
        }
        let mut parts = Parts::of_url(&url).map_err(|reason| unreadable(&reason))?;
        for (key, value) in url.query_pairs() {
            parts.parameter(&key, &value).map_err(|reason| unreadable(&reason))?;
        }
        parts.into_target(source).ok_or_else(|| unreadable("it does not name a database"))
    }
}

/// How far a connection trusts the server that answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsTrust {
    /// Whoever answers.
    Nobody,
    /// Whoever has a certificate of a known authority.
    Authority,
    /// Whoever has such a certificate for this host.
    Name,
}

impl Target {
    /// Whether what is sent stays on this machine.
    pub fn is_local(&self) -> bool {
        let loopback = self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        self.host.starts_with('/') || self.host == "localhost" || loopback
    }

    /// How far the connection trusts the server that answers.
    pub fn tls_trust(&self) -> TlsTrust {
        match self.options.get_ssl_mode() {
            PgSslMode::VerifyCa => TlsTrust::Authority,
            PgSslMode::VerifyFull => TlsTrust::Name,
            _ => TlsTrust::Nobody,
        }
    }
}

/// What is wrong with an address, for those who write one.
fn plain(error: url::ParseError) -> String {
    match error {
        url::ParseError::RelativeUrlWithoutBase => "it does not start with postgresql://".into(),
        url::ParseError::InvalidPort => {
            "what should be the port is no number; or the password has a # or / in it".into()
        }
        other => other.to_string(),
    }
}

/// An address, taken apart.
struct Parts {
    options: PgConnectOptions,
    host: Option<String>,
    user: Option<String>,
    database: Option<String>,
    schema: String,
    pgbouncer: bool,
    patience: Duration,
}

impl Parts {
    fn of_url(url: &Url) -> Result<Self, String> {
        let mut options = PgConnectOptions::new().application_name("leora-run");
        // A pooler refuses what it can't keep apart for each client; the session sets it with SET LOCAL.
        options = options.extra_float_digits(None);
        let host = url.host_str().filter(|host| !host.is_empty()).map(decode).transpose()?;
        if let Some(host) = &host {
            options = options.host(host.trim_matches(['[', ']']));
        }
        if let Some(port) = url.port() {
            options = options.port(port);
        }
        let user = Some(url.username()).filter(|user| !user.is_empty()).map(decode).transpose()?;
        if let Some(user) = &user {
            options = options.username(user);
        }
        if let Some(password) = url.password() {
            options = options.password(&decode(password)?);
        }
        let path = url.path().trim_start_matches('/');
        let database = Some(path).filter(|path| !path.is_empty()).map(decode).transpose()?;
        let schema = "public".to_owned();
        let patience = CONNECT_PATIENCE;
        Ok(Self { options, host, user, database, schema, pgbouncer: false, patience })
    }

    fn parameter(&mut self, key: &str, value: &str) -> Result<(), String> {
        let options = self.options.clone();
        self.options = match key {
            "host" | "hostaddr" => {
                self.host = Some(value.to_owned());
                options.host(value)
            }
            "port" => options.port(value.parse().map_err(|_| "its port is no number")?),
            "user" => {
                self.user = Some(value.to_owned());
                options.username(value)
            }
            "password" => options.password(value),
            "dbname" => {
                self.database = Some(value.to_owned());
                options
            }
            "sslmode" => options.ssl_mode(ssl_mode(value)?),
            "sslrootcert" => options.ssl_root_cert(value),
            "application_name" => options.application_name(value),
            "schema" => {
                self.schema = value.to_owned();
                options
            }
            "pgbouncer" => {
                self.pgbouncer = value == "true";
                options
            }
            "connect_timeout" => {
                let seconds = value.parse().map_err(|_| "its connect_timeout is no number")?;
                // 0 is "wait for ever" to libpq and Prisma; a day is for ever to a person.
                self.patience = Duration::from_secs(if seconds == 0 { 86_400 } else { seconds });
                options
            }
            // Prisma's and the pooler's own, which mean nothing to the server.
            _ => options,
        };
        Ok(())
    }

    fn into_target(self, source: TargetSource) -> Option<Target> {
        let database = self.database.or_else(|| self.options.get_database().map(str::to_owned))?;
        let options = self.options.database(&database).statement_cache_capacity(0);
        let host = self.host.unwrap_or_else(|| options.get_host().to_owned());
        let user = self.user.unwrap_or_else(|| options.get_username().to_owned());
        let name = supabase_reference(&host, &user).unwrap_or_else(|| database.clone());
        let port = options.get_port();
        let pooler = match port {
            _ if self.pgbouncer => Some("its address says pgbouncer=true"),
            POOLER_PORT => Some("its port is 6543"),
            _ => None,
        };
        Some(Target {
            name,
            host,
            port,
            database,
            schema: self.schema,
            user,
            source,
            pooler,
            set_aside: vec![],
            options,
            connect_patience: self.patience,
        })
    }
}

fn decode(text: &str) -> Result<String, String> {
    percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .map(|text| text.into_owned())
        .map_err(|_| "a % in it does not stand for UTF-8 text".into())
}

fn ssl_mode(value: &str) -> Result<PgSslMode, String> {
    value.parse().map_err(|_| {
        format!(
            "sslmode={value} is none of disable, allow, prefer, require, verify-ca, verify-full"
        )
    })
}

/// The project reference in Supabase's hosts (`db.<ref>.supabase.co`) and pooler roles (`postgres.<ref>`).
fn supabase_reference(host: &str, user: &str) -> Option<String> {
    let direct = host.strip_prefix("db.").and_then(|rest| rest.strip_suffix(".supabase.co"));
    let pooled = host.ends_with(".pooler.supabase.com").then(|| user.split_once('.')).flatten();
    direct.or(pooled.map(|(_, reference)| reference)).map(str::to_owned)
}

fn read_dotenv(path: &Path) -> Result<BTreeMap<String, String>, NoTarget> {
    if !path.is_file() {
        return Ok(BTreeMap::new());
    }
    // The error's own text would quote the line, and the line may hold a password.
    let unreadable = |error: &dotenvy::Error| NoTarget::Dotenv {
        reason: match error {
            dotenvy::Error::Io(error) => error.to_string(),
            _ => "a line in it is not NAME=value".into(),
        },
    };
    let lines = dotenvy::from_path_iter(path).map_err(|error| unreadable(&error))?;
    lines.map(|line| line.map_err(|error| unreadable(&error))).collect()
}
