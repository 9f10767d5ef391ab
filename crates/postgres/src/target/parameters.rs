//! Connection parameters by libpq's names: those of the address first, then what it leaves open.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use leora_report::{APPLICATION, shell_path};
use sqlx::postgres::PgConnectOptions;

use crate::target::address::looks_like_address;
use crate::target::environment::Environment;
use crate::target::password_file::{self, Lookup};
use crate::target::source::TargetSource;

/// How long a connection may take, unless `connect_timeout` says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// 0 is "wait for ever" to libpq and Prisma; a day is long enough.
const FOR_EVER: u64 = 86_400;

/// Parameters of Prisma's own pool and engine, which have no effect on a single connection.
const PRISMA_PARAMETERS: [&str; 6] = [
    "connection_limit",
    "pool_timeout",
    "socket_timeout",
    "statement_cache_size",
    "max_connection_lifetime",
    "max_idle_connection_lifetime",
];

/// Why a parameter is invalid, and what to write instead.
pub(crate) type InvalidParameter = (String, String);

#[derive(Debug, Default)]
pub(crate) struct Parameters {
    given: BTreeMap<String, String>,
    /// The host and the hostaddr that the address itself names, in small letters.
    own_host: [Option<String>; 2],
    pub(crate) notes: Vec<String>,
    /// Parameters that have no effect, and of which no warning is needed.
    pub(crate) ignored_parameters: Vec<String>,
}

impl Parameters {
    pub(crate) fn fill(&mut self, more: Vec<(String, String)>) {
        for (key, value) in more {
            self.given.entry(key).or_insert(value);
        }
    }

    /// Fills in what the environment or a service adds. Its password is left out where the address comes from a `.env` and
    /// names another host: the file may have come with a project, and the server that it names would get the password.
    pub(crate) fn fill_around(&mut self, mut more: Vec<(String, String)>, source: TargetSource) {
        let TargetSource::Dotenv(_, file) = source else { return self.fill(more) };
        let named = |wanted: &str| {
            let found = more.iter().find(|(key, _)| key == wanted);
            found.map(|(_, value)| value.to_ascii_lowercase())
        };
        let has_password = named("password").is_some();
        // Of both, since it is the hostaddr that is connected to.
        let same = ["host", "hostaddr"]
            .into_iter()
            .zip(&self.own_host)
            .all(|(key, own)| own.as_ref().is_none_or(|own| named(key).as_ref() == Some(own)));
        if !same && has_password && self.get("password").is_none() {
            self.notes.push(format!(
                "a password is set aside: it is not for the host that the address in {file} names; \
                 set PGHOST to that host too, or write the password into {file}"
            ));
            more.retain(|(name, _)| name != "password");
        }
        self.fill(more);
    }

    /// Refuses an address where a name belongs: it would be shown with its password.
    pub(crate) fn refuse_addresses(&self) -> Result<(), InvalidParameter> {
        const NAMES: [(&str, &str); 5] = [
            ("dbname", "the name of the database"),
            ("host", "the host"),
            ("hostaddr", "the host's address"),
            ("user", "the user"),
            ("schema", "the schema"),
        ];
        match NAMES.iter().find(|(key, _)| self.get(key).is_some_and(looks_like_address)) {
            Some((_, what)) => Err(invalid(
                &format!("{what} is a whole address"),
                "give the address in DATABASE_URL, and there a name alone",
            )),
            None => Ok(()),
        }
    }

    pub(crate) fn new(given: Vec<(String, String)>) -> Self {
        let mut parameters = Self { given: given.into_iter().collect(), ..Self::default() };
        parameters.own_host =
            ["host", "hostaddr"].map(|key| parameters.get(key).map(str::to_ascii_lowercase));
        parameters
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.given.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The host as it is shown: its name rather than the address that it stands for.
    pub(crate) fn host(&self) -> Option<&str> {
        self.get("host").or_else(|| self.get("hostaddr"))
    }

    pub(crate) fn port(&self) -> Result<Option<u16>, InvalidParameter> {
        let read = |text: &str| {
            // The value is not quoted: it may be the rest of a password.
            text.parse()
                .map_err(|_| invalid("its port is no number up to 65535", "a port is like 5432"))
        };
        self.get("port").map(read).transpose()
    }

    /// Refuses several hosts: a migration must know which server it changes.
    pub(crate) fn check_one_host(&self) -> Result<(), InvalidParameter> {
        let several = |key: &&str| self.get(key).is_some_and(|text| text.contains(','));
        match ["host", "hostaddr", "port"].into_iter().find(several) {
            Some(key) => Err(invalid(
                &format!("its {key} has a comma in it, as if there were several servers"),
                "name the one server that takes writes",
            )),
            None => Ok(()),
        }
    }

    pub(crate) fn connect_timeout(&self) -> Result<Duration, InvalidParameter> {
        let Some(text) = self.get("connect_timeout") else { return Ok(CONNECT_TIMEOUT) };
        let seconds: u64 = text.parse().map_err(|_| {
            // The value is not quoted: it may be the rest of a password.
            invalid("its connect_timeout is no number", "give it in seconds, as in 10")
        })?;
        Ok(Duration::from_secs(if seconds == 0 { FOR_EVER } else { seconds }))
    }

    /// The driver's options, beside the place, the role and the encryption. Notes what has no effect.
    pub(crate) fn options(
        &mut self,
        mut options: PgConnectOptions,
    ) -> Result<PgConnectOptions, InvalidParameter> {
        options = options.application_name(self.get("application_name").unwrap_or(APPLICATION));
        if let Some(text) = self.get("options").map(str::to_owned) {
            for pair in parse_options(&text)? {
                options = options.options([pair]);
            }
        }
        self.note_ignored();
        Ok(options)
    }

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
            Lookup::Unprotected(file) => {
                self.notes.push(format!(
                    "the password file {} is set aside, because others may read it: chmod 600 {}",
                    file.display(),
                    shell_path(&file.display().to_string())
                ));
                None
            }
        }
    }

    /// Notes the parameters that have no effect here; of those that would matter, with a warning.
    fn note_ignored(&mut self) {
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
            if PRISMA_PARAMETERS.contains(&key) {
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

pub(crate) fn invalid(fact: &str, help: &str) -> InvalidParameter {
    (fact.to_owned(), help.to_owned())
}

/// `-c name=value` and `--name=value`, as libpq's `options` has them; a backslash keeps a space together.
fn parse_options(text: &str) -> Result<Vec<(String, String)>, InvalidParameter> {
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
            return Err(invalid(
                "options can't be read",
                "write them like options=-c%20search_path%3Dcrm",
            ));
        };
        found.push((name.to_owned(), value.to_owned()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Parameters, TargetSource, parse_options};

    fn given(pairs: &[(&str, &str)]) -> Parameters {
        Parameters::new(pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect())
    }

    #[test]
    fn what_is_given_first_wins_and_the_rest_is_filled_in() {
        let mut parameters = given(&[("host", "a"), ("user", "")]);
        parameters.fill(vec![("host".into(), "b".into()), ("port".into(), "1".into())]);
        assert_eq!((parameters.get("host"), parameters.get("port")), (Some("a"), Some("1")));
        assert_eq!(parameters.get("user"), None, "an empty value is none");
    }

    #[test]
    fn a_password_around_a_dotenv_is_for_its_own_host() {
        let gets = |own: &[(&str, &str)], around: &[(&str, &str)]| {
            let mut parameters = given(own);
            let pair = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
            let around = around.iter().chain([&("password", "p")]).map(pair).collect();
            parameters.fill_around(around, TargetSource::Dotenv("DATABASE_URL", ".env"));
            parameters.get("password").is_some()
        };
        assert!(gets(&[], &[("host", "a")]) && gets(&[], &[]));
        assert!(gets(&[("host", "A")], &[("host", "a")]));
        assert!(!gets(&[("host", "a")], &[]) && !gets(&[("host", "a")], &[("host", "b")]));
        assert!(!gets(&[("host", "a"), ("hostaddr", "1.2.3.4")], &[("host", "a")]));
    }

    #[test]
    fn ports_and_timeouts_are_numbers() {
        assert_eq!(given(&[("port", "5433")]).port(), Ok(Some(5433)));
        assert!(given(&[("port", "70000")]).port().is_err());
        assert_eq!(given(&[]).connect_timeout(), Ok(Duration::from_secs(10)));
        let for_ever = given(&[("connect_timeout", "0")]).connect_timeout();
        assert_eq!(for_ever, Ok(Duration::from_secs(86_400)));
        let error = given(&[("connect_timeout", "s3cret")]).connect_timeout();
        assert!(error.is_err_and(|(reason, _)| !reason.contains("s3cret")));
    }

    #[test]
    fn one_server_is_named() {
        assert_eq!(given(&[("host", "h"), ("port", "5433")]).check_one_host(), Ok(()));
        for (key, value) in
            [("host", "a,b"), ("hostaddr", "1.2.3.4,5.6.7.8"), ("port", "5432,5433")]
        {
            let (reason, _) = given(&[(key, value)]).check_one_host().expect_err(value);
            assert_eq!(
                reason,
                format!("its {key} has a comma in it, as if there were several servers")
            );
        }
    }

    #[test]
    fn the_name_of_a_host_is_shown_rather_than_its_address() {
        assert_eq!(given(&[("host", "h"), ("hostaddr", "1.2.3.4")]).host(), Some("h"));
        assert_eq!(given(&[("hostaddr", "1.2.3.4")]).host(), Some("1.2.3.4"));
    }

    #[test]
    fn parameters_without_effect_are_noted() {
        let mut parameters = given(&[
            ("connection_limit", "5"),
            ("channel_binding", "prefer"),
            ("host", "h"),
            ("made_up", "x"),
        ]);
        parameters.note_ignored();
        assert_eq!(parameters.ignored_parameters, ["channel_binding", "connection_limit"]);
        assert_eq!(parameters.notes.len(), 1);
        assert!(parameters.notes[0].starts_with("made_up"), "{:?}", parameters.notes);
    }

    #[test]
    fn options_are_read_as_libpq_reads_them() {
        let pairs = |text: &str| parse_options(text).expect("options");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(pairs("-c a=1 -cb=2 --c=3"), [pair("a", "1"), pair("b", "2"), pair("c", "3")]);
        assert_eq!(pairs("-c a=one\\ two"), [pair("a", "one two")]);
        assert!(parse_options("-c a").is_err());
        assert!(parse_options("a=1").is_err());
    }
}
