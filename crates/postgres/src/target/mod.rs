//! Which database: found from the options, the environment, `.env` or libpq's own variables, and shown without its
//! password.

pub(crate) mod address;
pub(crate) mod dotenv;
pub(crate) mod environment;
pub(crate) mod error;
pub(crate) mod parameters;
pub(crate) mod password_file;
pub(crate) mod service_file;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;
use std::{fmt, fs};

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use environment::Environment;
use parameters::Parameters;

pub use error::TargetError;

/// Where the database's address came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetSource {
    /// `--database-url`
    Option,
    /// `--sandbox`
    Sandbox,
    /// An environment variable with an address.
    Variable(&'static str),
    /// The same in a file: the variable, then the file.
    Dotenv(&'static str, &'static str),
    /// libpq's own variables; the one that names a database.
    Libpq(&'static str),
}

impl fmt::Display for TargetSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option => f.write_str("--database-url"),
            Self::Sandbox => f.write_str("--sandbox"),
            Self::Variable(name) | Self::Libpq(name) => f.write_str(name),
            Self::Dotenv(name, file) => write!(f, "{name} in {file}"),
        }
    }
}

/// The variables with an address, in their order.
const URLS: [&str; 2] = ["DIRECT_URL", "DATABASE_URL"];

/// Where Prisma looks for `.env`.
const DOTENV: [&str; 2] = [".env", "prisma/.env"];

/// libpq's variables that name a database, or a server and with PGDATABASE a database.
const LIBPQ: [&str; 4] = ["PGSERVICE", "PGHOST", "PGHOSTADDR", "PGDATABASE"];

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
    /// What of the address was set aside, and is worth a word.
    pub notes: Vec<String>,
    /// Parameters of Prisma's own, which mean nothing here.
    pub ignored_parameters: Vec<String>,
    pub(crate) has_password: bool,
    pub(crate) options: PgConnectOptions,
    pub(crate) connect_timeout: Duration,
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({} at {}:{})", self.database, self.host, self.port)
    }
}

/// Supabase's port for its pooler in transaction mode.
const POOLER_PORT: u16 = 6543;

impl Target {
    /// Finds the target: the given address, else `DIRECT_URL`, else `DATABASE_URL`, from the environment before
    /// `.env` in `directory`, else what libpq's variables name.
    ///
    /// # Errors
    /// [`TargetError`] when there is none, or it can't be read.
    pub fn find(
        given: Option<&str>,
        environment: impl Fn(&str) -> Option<String>,
        directory: &Path,
    ) -> Result<Self, TargetError> {
        let environment = Environment(&environment);
        let (address, source) = match given {
            Some(address) => (address.to_owned(), TargetSource::Option),
            None => named(&environment, directory)?,
        };
        Self::read(&address, source, &environment, directory)
    }

    /// The `.env` file that the address came from, when everybody on this machine may read it.
    pub fn world_readable_dotenv(&self, directory: &Path) -> Option<&'static str> {
        let TargetSource::Dotenv(_, file) = self.source else { return None };
        let about = fs::metadata(directory.join(file)).ok()?;
        (about.permissions().mode() & 0o004 != 0).then_some(file)
    }

    /// Reads an address, without looking at anything else.
    ///
    /// # Errors
    /// [`TargetError`] when it is none.
    pub fn parse(address: &str, source: TargetSource) -> Result<Self, TargetError> {
        Self::read(address, source, &Environment(&|_| None), Path::new("."))
    }

    fn read(
        address: &str,
        source: TargetSource,
        environment: &Environment<'_>,
        directory: &Path,
    ) -> Result<Self, TargetError> {
        let found = match source {
            TargetSource::Libpq(_) => vec![],
            _ => address::parameters(address)
                .map_err(|reason| TargetError::Unreadable { origin: source, reason })?,
        };
        let mut parameters = Parameters::of(found);
        let named = parameters.get("service").map(str::to_owned);
        if let Some(service) = named.or_else(|| environment.get("PGSERVICE")) {
            let more = service_file::parameters(&service, environment).map_err(|reason| {
                let help =
                    "check PGSERVICE, and the file that PGSERVICEFILE names, or ~/.pg_service.conf";
                TargetError::Parameter { origin: source, reason, help: help.into() }
            })?;
            parameters.fill(more);
        }
        parameters.fill(environment.parameters());
        if parameters.get("dbname").is_none() {
            return Err(TargetError::NoDatabase { origin: source });
        }
        Self::of(parameters, source, environment, directory)
            .map_err(|(reason, help)| TargetError::Parameter { origin: source, reason, help })
    }

    fn of(
        mut parameters: Parameters,
        source: TargetSource,
        environment: &Environment<'_>,
        directory: &Path,
    ) -> Result<Self, parameters::Wrong> {
        // A pooler refuses what it can't keep apart for each client; the session sets it with SET LOCAL.
        let options = PgConnectOptions::new_without_pgpass().extra_float_digits(None);
        let options = parameters.options(options, environment, directory)?;
        let mut options = options.statement_cache_capacity(0);
        let text = |key: &str| parameters.get(key).map(str::to_owned);
        let database = text("dbname").unwrap_or_default();
        options = options.database(&database);
        if let Some(port) = parameters.port()? {
            options = options.port(port);
        }
        if let Some(user) = text("user") {
            options = options.username(&user);
        }
        // The name is what a certificate is held against.
        let by_name = matches!(options.get_ssl_mode(), PgSslMode::VerifyFull);
        let (name, address) = (text("host"), text("hostaddr"));
        let reached = if by_name { name.or(address) } else { address.or(name) };
        if let Some(host) = reached {
            options = options.host(&host);
        }
        let host = parameters.host().unwrap_or_else(|| options.get_host()).to_owned();
        let (user, port) = (options.get_username().to_owned(), options.get_port());
        let place = [host.as_str(), &port.to_string(), &database, &user];
        let password = parameters.password(environment, place);
        let has_password = password.is_some();
        if let Some(password) = password {
            options = options.password(&password);
        }
        let pooler = match port {
            _ if parameters.get("pgbouncer") == Some("true") => {
                Some("its address says pgbouncer=true")
            }
            POOLER_PORT => Some("its port is 6543"),
            _ => None,
        };
        Ok(Self {
            name: supabase_reference(&host, &user).unwrap_or_else(|| database.clone()),
            host,
            port,
            database,
            schema: parameters.get("schema").unwrap_or("public").to_owned(),
            user,
            source,
            pooler,
            connect_timeout: parameters.patience()?,
            notes: parameters.notes,
            ignored_parameters: parameters.ignored_parameters,
            has_password,
            options,
        })
    }
}

/// The address that the environment or a `.env` names; nothing but the source where libpq's variables do.
fn named(
    environment: &Environment<'_>,
    directory: &Path,
) -> Result<(String, TargetSource), TargetError> {
    for name in URLS {
        if let Some(address) = environment.get(name) {
            return Ok((address, TargetSource::Variable(name)));
        }
    }
    for file in DOTENV {
        let Some(text) = read(directory, file)? else { continue };
        let variables = dotenv_variables(&text, file, environment.0)?;
        for name in URLS {
            if let Some(address) = variables.get(name).filter(|value| !value.trim().is_empty()) {
                return Ok((address.clone(), TargetSource::Dotenv(name, file)));
            }
        }
    }
    let libpq = LIBPQ.into_iter().find(|name| environment.get(name).is_some());
    libpq.map(|name| (String::new(), TargetSource::Libpq(name))).ok_or(TargetError::Nowhere)
}

/// The variables in the text of a `.env` file; what the environment has wins.
///
/// # Errors
/// [`TargetError::Dotenv`], which never quotes a value: it may be a password.
pub fn dotenv_variables(
    text: &str,
    file: &'static str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<BTreeMap<String, String>, TargetError> {
    dotenv::variables(text, environment).map_err(|circular| TargetError::Dotenv {
        file,
        reason: format!("{} refers to itself", circular.0),
    })
}

/// The longest `.env`, in bytes; more is no list of variables.
const MAX_DOTENV_BYTES: u64 = 1 << 20;

fn read(directory: &Path, file: &'static str) -> Result<Option<String>, TargetError> {
    let path = directory.join(file);
    if !path.is_file() {
        return Ok(None);
    }
    if fs::metadata(&path).is_ok_and(|about| about.len() > MAX_DOTENV_BYTES) {
        return Err(TargetError::Dotenv { file, reason: "it is larger than 1 MB".into() });
    }
    let bytes = fs::read(path)
        .map_err(|error| TargetError::Dotenv { file, reason: error.kind().to_string() })?;
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
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

/// The project reference in Supabase's hosts (`db.<ref>.supabase.co`) and pooler roles (`postgres.<ref>`).
fn supabase_reference(host: &str, user: &str) -> Option<String> {
    let direct = host.strip_prefix("db.").and_then(|rest| rest.strip_suffix(".supabase.co"));
    let pooled = host.ends_with(".pooler.supabase.com").then(|| user.split_once('.')).flatten();
    direct.or(pooled.map(|(_, reference)| reference)).map(str::to_owned)
}
