//! Which address is meant: that of the environment, of `.env`, or of libpq's own variables.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::target::dotenv;
use crate::target::environment::Environment;
use crate::target::error::TargetError;
use crate::target::source::TargetSource;

/// The variables with an address, in their order.
const URLS: [&str; 2] = ["DIRECT_URL", "DATABASE_URL"];

/// Where Prisma looks for `.env`.
const DOTENV: [&str; 2] = [".env", "prisma/.env"];

/// libpq's variables that name a database, or a server and with PGDATABASE a database.
const LIBPQ: [&str; 4] = ["PGSERVICE", "PGHOST", "PGHOSTADDR", "PGDATABASE"];

/// Empty where libpq's variables name the database.
pub(crate) fn find_address(
    environment: &Environment<'_>,
    directory: &Path,
) -> Result<(String, TargetSource), TargetError> {
    for name in URLS {
        if let Some(address) = environment.get(name) {
            return Ok((address, TargetSource::Variable(name)));
        }
    }
    for file in DOTENV {
        let Some(text) = read_dotenv(directory, file)? else { continue };
        let variables = dotenv_variables(&text, file, environment.0)?;
        for name in URLS {
            if let Some(address) = variables.get(name).filter(|value| !value.trim().is_empty()) {
                return Ok((address.clone(), TargetSource::Dotenv(name, file)));
            }
        }
    }
    let libpq = LIBPQ.into_iter().find(|name| environment.get(name).is_some());
    libpq.map(|name| (String::new(), TargetSource::Libpq(name))).ok_or(TargetError::NotGiven)
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

fn read_dotenv(directory: &Path, file: &'static str) -> Result<Option<String>, TargetError> {
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::find_address;
    use crate::target::environment::Environment;
    use crate::target::error::TargetError;
    use crate::target::source::TargetSource;

    /// The address found with these variables, and this text in `.env`.
    fn find(
        variables: &[(&str, &str)],
        dotenv: &str,
    ) -> Result<(String, TargetSource), TargetError> {
        let directory = tempfile::tempdir().expect("a directory");
        if !dotenv.is_empty() {
            fs::write(directory.path().join(".env"), dotenv).expect("a file");
        }
        let get = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        find_address(&Environment(&get), directory.path())
    }

    #[test]
    fn the_environment_comes_before_dotenv_and_direct_before_pooled() {
        let from = |variables: &[(&str, &str)], dotenv: &str| {
            let (address, source) = find(variables, dotenv).expect("an address");
            format!("{address} from {source}")
        };
        let both = [("DATABASE_URL", "a"), ("DIRECT_URL", "b")];
        assert_eq!(from(&both, "DIRECT_URL=c"), "b from DIRECT_URL");
        assert_eq!(from(&both[..1], "DIRECT_URL=c"), "a from DATABASE_URL");
        assert_eq!(from(&[("DIRECT_URL", " ")], "DATABASE_URL=c"), "c from DATABASE_URL in .env");
        assert_eq!(from(&[("PGHOST", "h")], "X=y"), " from PGHOST");
        assert_eq!(from(&[("PGHOST", "h")], "DATABASE_URL=c"), "c from DATABASE_URL in .env");
    }

    #[test]
    fn without_any_of_them_there_is_no_target() {
        assert_eq!(find(&[], ""), Err(TargetError::NotGiven));
        assert_eq!(find(&[("PGPORT", "1")], "X=y"), Err(TargetError::NotGiven));
        assert!(matches!(find(&[], "A=${A}"), Err(TargetError::Dotenv { file: ".env", .. })));
    }
}
