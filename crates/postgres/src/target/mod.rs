//! Which database: found from the options, the environment, `.env` or libpq's own variables, and shown without its
//! password.
//!
//! `lookup` decides which address is meant, `address` takes it apart into libpq's parameters, `service_file` and
//! `environment` fill in what it leaves open, and `parameters` turns them into the driver's options.

mod address;
mod dotenv;
mod environment;
mod error;
mod lookup;
mod parameters;
mod password_file;
mod service_file;
mod source;
mod tls;

use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;
use std::{fmt, fs};

use nix::unistd::{Uid, User};
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use environment::Environment;
use parameters::Parameters;

pub use address::looks_like_address;
pub use error::TargetError;
pub use lookup::dotenv_variables;
pub use source::TargetSource;

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
    /// The schema of the tables that scripts work with.
    pub schema: String,
    /// The role.
    pub user: String,
    /// Where the address came from.
    pub source: TargetSource,
    /// What in the address shows that a transaction pooler is in between, if something does.
    pub pooler: Option<&'static str>,
    /// Warnings about parts of the address that have no effect.
    pub notes: Vec<String>,
    /// Parameters of Prisma's own, which have no effect here.
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
            None => lookup::find_address(&environment, directory)?,
        };
        Self::from_address(&address, source, &environment, directory)
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
        Self::from_address(address, source, &Environment(&|_| None), Path::new("."))
    }

    fn from_address(
        address: &str,
        source: TargetSource,
        environment: &Environment<'_>,
        directory: &Path,
    ) -> Result<Self, TargetError> {
        let given = match source {
            TargetSource::Libpq(_) => vec![],
            _ => address::parse(address)
                .map_err(|reason| TargetError::InvalidAddress { origin: source, reason })?,
        };
        let mut parameters = Parameters::new(given);
        let service = parameters.get("service").map(str::to_owned);
        if let Some(service) = service.or_else(|| environment.get("PGSERVICE")) {
            let more = service_file::parameters(&service, environment).map_err(|reason| {
                let help =
                    "check PGSERVICE, and the file that PGSERVICEFILE names, or ~/.pg_service.conf";
                TargetError::Parameter { origin: source, reason, help: help.into() }
            })?;
            parameters.fill_around(more, source);
        }
        parameters.fill_around(environment.parameters(), source);
        parameters.refuse_addresses().map_err(|(reason, help)| TargetError::Parameter {
            origin: source,
            reason,
            help,
        })?;
        if parameters.get("dbname").is_none() {
            return Err(TargetError::NoDatabase { origin: source });
        }
        Self::from_parameters(parameters, source, environment, directory)
            .map_err(|(reason, help)| TargetError::Parameter { origin: source, reason, help })
    }

    fn from_parameters(
        mut parameters: Parameters,
        source: TargetSource,
        environment: &Environment<'_>,
        directory: &Path,
    ) -> Result<Self, parameters::InvalidParameter> {
        parameters.check_one_host()?;
        // A pooler refuses what it can't keep apart for each client; the session sets it with SET LOCAL.
        let options = PgConnectOptions::new_without_pgpass().extra_float_digits(None);
        let options = parameters.options(options)?;
        let options = tls::set_tls(&parameters, options, environment, directory)?;
        let mut options = options.statement_cache_capacity(0);
        let text = |key: &str| parameters.get(key).map(str::to_owned);
        let database = text("dbname").unwrap_or_default();
        options = options.database(&database);
        if let Some(port) = parameters.port()? {
            options = options.port(port);
        }
        // As psql does; the driver would take a made-up name.
        if let Some(user) = text("user").or_else(system_user) {
            options = options.username(&user);
        }
        // A certificate is checked against the name.
        let by_name = matches!(options.get_ssl_mode(), PgSslMode::VerifyFull);
        let (name, address) = (text("host"), text("hostaddr"));
        if let Some(host) = if by_name { name.or(address) } else { address.or(name) } {
            options = options.host(&host);
        }
        let host = parameters.host().unwrap_or_else(|| options.get_host()).to_owned();
        let (user, port) = (options.get_username().to_owned(), options.get_port());
        let place = [host.as_str(), &port.to_string(), &database, &user];
        let password = parameters.password(environment, place);
        let has_password = password.is_some();
        // Also where there is none: the driver would take PGPASSWORD, whatever the host.
        options = options.password(&password.unwrap_or_default());
        let by_parameter = parameters.get("pgbouncer") == Some("true");
        let pooler = by_parameter
            .then_some("its address says pgbouncer=true")
            .or_else(|| (port == POOLER_PORT).then_some("its port is 6543"));
        Ok(Self {
            name: supabase_reference(&host, &user).unwrap_or_else(|| database.clone()),
            host,
            port,
            database,
            schema: parameters.get("schema").unwrap_or("public").to_owned(),
            user,
            source,
            pooler,
            connect_timeout: parameters.connect_timeout()?,
            notes: parameters.notes,
            ignored_parameters: parameters.ignored_parameters,
            has_password,
            options,
        })
    }
}

fn system_user() -> Option<String> {
    User::from_uid(Uid::effective()).ok().flatten().map(|user| user.name)
}

/// How far a connection trusts the server that answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsTrust {
    /// Not at all: any server is accepted.
    Unverified,
    /// It has a certificate of a known authority.
    Authority,
    /// It has such a certificate for this host.
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
            _ => TlsTrust::Unverified,
        }
    }
}

/// The project reference in Supabase's hosts (`db.<ref>.supabase.co`) and pooler roles (`postgres.<ref>`).
fn supabase_reference(host: &str, user: &str) -> Option<String> {
    let direct = host.strip_prefix("db.").and_then(|rest| rest.strip_suffix(".supabase.co"));
    let pooled = host.ends_with(".pooler.supabase.com").then(|| user.split_once('.')).flatten();
    direct.or(pooled.map(|(_, reference)| reference)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{Target, TargetSource, TlsTrust, supabase_reference};

    fn parse(address: &str) -> Target {
        Target::parse(address, TargetSource::Option).expect("an address")
    }

    #[test]
    fn an_address_is_shown_without_its_password() {
        let target = parse("postgresql://ann:s3cret@db.example.org:5433/crm?schema=sales");
        assert_eq!((target.host.as_str(), target.port), ("db.example.org", 5433));
        assert_eq!((target.database.as_str(), target.user.as_str()), ("crm", "ann"));
        assert_eq!((target.name.as_str(), target.schema.as_str()), ("crm", "sales"));
        assert_eq!(format!("{target:?}"), "Target(crm at db.example.org:5433)");
    }

    #[test]
    fn poolers_show_in_the_address() {
        assert_eq!(parse("postgresql://u@h/d").pooler, None);
        assert_eq!(parse("postgresql://u@h:6543/d").pooler, Some("its port is 6543"));
        let both = parse("postgresql://u@h:6543/d?pgbouncer=true").pooler;
        assert_eq!(both, Some("its address says pgbouncer=true"));
    }

    #[test]
    fn supabase_projects_have_their_reference_as_name() {
        let reference = |host, user| supabase_reference(host, user);
        assert_eq!(reference("db.abc.supabase.co", "postgres").as_deref(), Some("abc"));
        let pooled = reference("aws-0-eu.pooler.supabase.com", "postgres.abc");
        assert_eq!(pooled.as_deref(), Some("abc"));
        assert_eq!(reference("db.example.org", "postgres.abc"), None);
    }

    #[test]
    fn what_is_sent_to_a_socket_or_a_loopback_address_stays_here() {
        for (address, local) in [
            ("postgresql://u@localhost/d", true),
            ("postgresql://u@127.0.0.1/d", true),
            ("postgresql://u@[::1]/d", true),
            ("postgresql://u@/d?host=/tmp", true),
            ("postgresql://u@db.example.org/d", false),
        ] {
            assert_eq!(parse(address).is_local(), local, "{address}");
        }
    }

    #[test]
    fn sslmode_says_how_far_the_server_is_trusted() {
        let trust = |mode: &str| parse(&format!("postgresql://u@h/d?sslmode={mode}")).tls_trust();
        assert_eq!(trust("require"), TlsTrust::Unverified);
        assert_eq!(trust("verify-ca"), TlsTrust::Authority);
        assert_eq!(trust("verify-full"), TlsTrust::Name);
    }
}
