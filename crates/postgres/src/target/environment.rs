//! libpq's environment variables: they fill in what an address leaves open, as for psql.

use std::path::PathBuf;

const VARIABLES: [(&str, &str); 13] = [
    ("PGHOST", "host"),
    ("PGHOSTADDR", "hostaddr"),
    ("PGPORT", "port"),
    ("PGDATABASE", "dbname"),
    ("PGUSER", "user"),
    ("PGPASSWORD", "password"),
    ("PGPASSFILE", "passfile"),
    ("PGSSLMODE", "sslmode"),
    ("PGSSLROOTCERT", "sslrootcert"),
    ("PGSSLCERT", "sslcert"),
    ("PGSSLKEY", "sslkey"),
    ("PGAPPNAME", "application_name"),
    ("PGCONNECT_TIMEOUT", "connect_timeout"),
];

pub(crate) struct Environment<'e>(pub(crate) &'e dyn Fn(&str) -> Option<String>);

impl Environment<'_> {
    /// The value of a variable, unless it is blank.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.trim().is_empty())
    }

    pub(crate) fn home(&self) -> Option<PathBuf> {
        self.get("HOME").map(PathBuf::from)
    }

    /// The driver reads `PGOPTIONS` itself.
    pub(crate) fn parameters(&self) -> Vec<(String, String)> {
        let one = |(variable, key): &(&str, &str)| Some(((*key).to_owned(), self.get(variable)?));
        VARIABLES.iter().filter_map(one).collect()
    }
}
