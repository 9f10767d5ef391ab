//! The address of a database in the place of a folder, a name or a file: it is refused before anything shows or keeps it,
//! since it may have a password in it.

use leora_postgres::looks_like_address;

use crate::cli::usage::usage_error;

/// The option that takes an address.
const DATABASE_URL: &str = "--database-url";

/// The options whose values are the scripts' own. Only an address of PostgreSQL with a password is refused there, since
/// settings are shown in reports and kept in the history.
const SETTINGS: [&str; 2] = ["--set", "--vary"];

/// Refuses arguments with an address where none belongs. The message does not quote it.
pub(crate) fn refuse_addresses(given: &[String]) -> Result<(), clap::Error> {
    let mut option = "";
    for argument in given.iter().skip(1) {
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, value),
            _ if argument.starts_with("--") => (argument.as_str(), argument.as_str()),
            _ => (option, argument.as_str()),
        };
        option = if argument.starts_with('-') && !argument.contains('=') { argument } else { "" };
        let refused = match name {
            DATABASE_URL => false,
            name if SETTINGS.contains(&name) => has_password(value),
            _ => looks_like_address(value),
        };
        if refused {
            let what = match name {
                name if SETTINGS.contains(&name) => format!(
                    "a value of {name} is an address with a password, which would be shown and kept"
                ),
                "" => "an argument is the address of a database, where a folder or a name belongs"
                    .into(),
                name => format!(
                    "the value of {name} is the address of a database, where another value belongs"
                ),
            };
            return Err(usage_error(&format!(
                "{what}; it is not shown here, since it may have a password in it. Give addresses as {DATABASE_URL}, or \
                 in the variable DATABASE_URL, which other users of this machine can't see"
            )));
        }
    }
    Ok(())
}

fn has_password(value: &str) -> bool {
    let small = value.to_ascii_lowercase();
    let Some(at) = small.find("postgres") else { return false };
    let Some((_, rest)) = small[at..].split_once("://") else { return false };
    rest.split_once('@').is_some_and(|(user, _)| user.contains(':')) || rest.contains("password=")
}

#[cfg(test)]
mod tests {
    use super::refuse_addresses;

    fn refusal(arguments: &[&str]) -> Option<String> {
        let given: Vec<String> =
            std::iter::once(&"leora-run").chain(arguments).map(|one| (*one).to_owned()).collect();
        refuse_addresses(&given).err().map(|error| error.to_string())
    }

    #[test]
    fn an_address_is_refused_where_another_value_belongs_and_never_quoted() {
        const URL: &str = "postgres://u:s3cret@h/db";
        let equals = |option: &str| format!("{option}={URL}");
        for arguments in [
            vec![URL],
            vec!["plan", URL],
            vec!["why", "scripts/phase2", URL],
            vec!["--confirm", URL],
            vec!["scripts/phase2", "--sandbox", URL],
            vec!["--report", URL],
            vec!["--set", &format!("x={URL}")],
            vec![&equals("--confirm")],
            vec![&equals("--set=x")],
            vec![&equals("--database-urll")],
        ] {
            let told = refusal(&arguments).unwrap_or_else(|| panic!("{arguments:?}"));
            assert!(told.contains("may have a password") && !told.contains("s3cret"), "{told}");
        }
        for arguments in [
            vec!["status", "--database-url", URL],
            vec![&equals("--database-url"), "scripts/phase2"],
            vec!["--set", "hook=https://example.org/a", "scripts/phase2"],
            vec!["scripts/phase2", "--confirm", "crm"],
        ] {
            assert_eq!(refusal(&arguments), None, "{arguments:?}");
        }
    }
}
