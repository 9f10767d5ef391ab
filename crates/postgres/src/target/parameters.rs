//! Connection parameters by libpq's names: those of the address first, then what it leaves open.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use leora_report::APPLICATION;
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::target::environment::Environment;
use crate::target::password_file::{self, Lookup};

/// How long a connection may take, where nothing says it.
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);

/// 0 is "wait for ever" to libpq and Prisma; a day is for ever to a person.
const FOR_EVER: u64 = 86_400;

/// Parameters of Prisma's own pool and engine, which mean nothing to a single connection.
const OF_PRISMA: [&str; 6] = [
    "connection_limit",
    "pool_timeout",
    "socket_timeout",
    "statement_cache_size",
    "max_connection_lifetime",
    "max_idle_connection_lifetime",
];

/// A parameter that means nothing, and what to write instead.
pub(crate) type Wrong = (String, String);

/// Parameters, each given once.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    given: BTreeMap<String, String>,
    /// What was set aside, and is worth a word.
    pub(crate) notes: Vec<String>,
    /// What was set aside, and is not worth one.
    pub(crate) ignored_parameters: Vec<String>,
}

impl Parameters {
    /// Adds what is not given yet.
    pub(crate) fn fill(&mut self, more: Vec<(String, String)>) {
        for (key, value) in more {
            self.given.entry(key).or_insert(value);
        }
    }

    /// Takes these, the later of the same name.
    pub(crate) fn of(given: Vec<(String, String)>) -> Self {
        Self { given: given.into_iter().collect(), ..Self::default() }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.given.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The host as it is shown: its name rather than the address that it stands for.
    pub(crate) fn host(&self) -> Option<&str> {
        self.get("host").or_else(|| self.get("hostaddr"))
    }

    pub(crate) fn port(&self) -> Result<Option<u16>, Wrong> {
        let read = |text: &str| {
            text.parse()
                .map_err(|_| wrong(&format!("port={text} is no port"), "a port is like 5432"))
        };
        self.get("port").map(read).transpose()
    }

    pub(crate) fn patience(&self) -> Result<Duration, Wrong> {
        let Some(text) = self.get("connect_timeout") else { return Ok(CONNECT_PATIENCE) };
        let seconds: u64 = text.parse().map_err(|_| {
            // What stands there is not told: it may be the rest of a password.
            wrong("its connect_timeout is no number", "give it in seconds, as in 10")
        })?;
        Ok(Duration::from_secs(if seconds == 0 { FOR_EVER } else { seconds }))
    }

    /// The driver's options, beside host, port, database and role. Says what is set aside.
    pub(crate) fn options(
        &mut self,
        mut options: PgConnectOptions,
        environment: &Environment<'_>,
        directory: &Path,
    ) -> Result<PgConnectOptions, Wrong> {
        options = options.application_name(self.get("application_name").unwrap_or(APPLICATION));
        if let Some(text) = self.get("options").map(str::to_owned) {
            for pair in settings(&text)? {
                options = options.options([pair]);
            }
        }
        options = self.encryption(options, environment, directory)?;
        self.set_the_rest_aside();
        Ok(options)
    }

    /// The password, given or of the password file.
    pub(crate) fn password(
        &mut self,
        environment: &Environment<'_>,
        [host, port, database, user]: [&str; 4],
    ) -> Option<String> {
        if let Some(password) = self.given.get("password") {
            return Some(password.clone());
        }
        let own = || environment.home().map(|home| home.join(".pgpass"));
        let file = self.get("passfile").map(PathBuf::from).or_else(own);
        match password_file::password(file, [host, port, database, user]) {
            Lookup::Found(password) => Some(password),
            Lookup::Nothing => None,
            Lookup::TooOpen(file) => {
                self.notes.push(format!(
                    "the password file {} is set aside, because others may read it: chmod 600 {0}",
                    file.display()
                ));
                None
            }
        }
    }

    fn encryption(
        &mut self,
        options: PgConnectOptions,
        environment: &Environment<'_>,
        directory: &Path,
    ) -> Result<PgConnectOptions, Wrong> {
        // Nothing is encrypted within a machine: so with libpq, whatever sslmode says.
        if self.host().is_none_or(|host| host.starts_with('/')) {
            return Ok(options.ssl_mode(PgSslMode::Disable));
        }
        let mode = self.get("sslmode").unwrap_or("prefer");
        let mut mode = match mode {
            // First without, then with: nobody who says so minds it the other way round.
            "allow" => PgSslMode::Prefer,
            other => other.parse().map_err(|_| {
                wrong(
                    &format!("sslmode={other} means nothing"),
                    "it is one of disable, allow, prefer, require, verify-ca, verify-full",
                )
            })?,
        };
        let own_key = self.get("sslkey").is_some();
        // Prisma calls the authority's certificate sslcert; to libpq that is the client's, and has a key.
        let authority = match self.get("sslrootcert") {
            None if !own_key => self.get("sslcert"),
            given => given,
        };
        let system = authority == Some("system");
        if matches!(mode, PgSslMode::Require) && authority.is_some() {
            mode = PgSslMode::VerifyCa;
        }
        let encrypted = !matches!(mode, PgSslMode::Disable);
        if encrypted && (self.get("sslaccept") == Some("strict") || system) {
            mode = PgSslMode::VerifyFull;
        }
        let mut options = options;
        let home = || environment.home().map(|home| home.join(".postgresql/root.crt"));
        let file = match authority {
            Some("system") => None,
            Some(file) => Some(found("sslrootcert", file, directory)?),
            None => home().filter(|file| file.is_file()),
        };
        if let Some(file) = file {
            options = options.ssl_root_cert(file);
        }
        if let (Some(certificate), Some(key)) = (self.get("sslcert"), self.get("sslkey")) {
            options = options
                .ssl_client_cert(found("sslcert", certificate, directory)?)
                .ssl_client_key(found("sslkey", key, directory)?);
        }
        Ok(options.ssl_mode(mode))
    }

    /// What means nothing here; what would matter is worth a word.
    fn set_the_rest_aside(&mut self) {
        const KNOWN: [&str; 20] = [
            "host",
            "hostaddr",
            "port",
            "user",
            "password",
            "dbname",
            "sslmode",
            "sslaccept",
            "sslrootcert",
            "sslcert",
            "sslkey",
            "application_name",
            "options",
            "schema",
            "pgbouncer",
            "connect_timeout",
            "passfile",
            "service",
            "servicefile",
            "fallback_application_name",
        ];
        for (key, value) in &self.given {
            let key = key.as_str();
            if OF_PRISMA.contains(&key) {
                self.ignored_parameters.push(key.to_owned());
            } else if key == "sslidentity" || key == "sslpassword" {
                self.notes.push(format!(
                    "{key} is set aside: give the certificate and its key as sslcert and sslkey (openssl pkcs12 -nodes takes them out)"
                ));
            } else if key == "channel_binding" && value != "require" {
                self.ignored_parameters.push(key.to_owned());
            } else if !KNOWN.contains(&key) {
                self.notes
                    .push(format!("{key} of the address means nothing here, and is set aside"));
            }
        }
    }
}

fn wrong(fact: &str, help: &str) -> Wrong {
    (fact.to_owned(), help.to_owned())
}

/// A file that an address names: from here, else from `prisma/`, where Prisma looks.
fn found(key: &str, file: &str, directory: &Path) -> Result<PathBuf, Wrong> {
    let places = [directory.join(file), directory.join("prisma").join(file)];
    places.into_iter().find(|place| place.is_file()).ok_or_else(|| {
        wrong(
            &format!("there is no file {file}, which {key} names"),
            "give its path from here, or from /",
        )
    })
}

/// `-c name=value` and `--name=value`, as libpq's `options` has them; a backslash keeps a space together.
fn settings(text: &str) -> Result<Vec<(String, String)>, Wrong> {
    let mut words = vec![String::new()];
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        let last = words.last_mut().expect("there is always a word");
        match c {
            '\\' => last.extend(characters.next()),
            c if c.is_whitespace() => words.push(String::new()),
            c => last.push(c),
        }
    }
    let mut found = Vec::new();
    let mut words = words.into_iter().filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        let setting = match (word.strip_prefix("--"), word.strip_prefix("-c")) {
            (Some(setting), _) => Some(setting.to_owned()),
            (None, Some("")) => words.next(),
            (None, Some(setting)) => Some(setting.to_owned()),
            (None, None) => None,
        };
        let pair = setting.as_deref().and_then(|setting| setting.split_once('='));
        let Some((name, value)) = pair else {
            return Err(wrong(
                "options can't be read",
                "write them like options=-c%20search_path%3Dcrm",
            ));
        };
        found.push((name.to_owned(), value.to_owned()));
    }
    Ok(found)
}
