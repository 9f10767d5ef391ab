//! libpq's password file: `host:port:database:user:password` a line, `~/.pgpass`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// Where libpq's servers put their sockets: such a host is looked up as `localhost`.
const SOCKET_DIRECTORIES: [&str; 2] = ["/var/run/postgresql", "/tmp"];

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    Found(String),
    /// Nothing for this connection, or there is no file.
    Nothing,
    /// Others may read the file, so that it is not used.
    Unprotected(PathBuf),
}

pub(crate) fn password(file: Option<PathBuf>, connection: [&str; 4]) -> Lookup {
    let Some(file) = file else { return Lookup::Nothing };
    let Ok(about) = fs::metadata(&file) else { return Lookup::Nothing };
    if !about.is_file() {
        return Lookup::Nothing;
    }
    if about.permissions().mode() & 0o077 != 0 {
        return Lookup::Unprotected(file);
    }
    let text = fs::read_to_string(&file).unwrap_or_default();
    let [host, port, database, user] = connection;
    let host = if SOCKET_DIRECTORIES.contains(&host) { "localhost" } else { host };
    let wanted = [host, port, database, user];
    let found = text.lines().find_map(|line| password_of(line, &wanted));
    found.map_or(Lookup::Nothing, Lookup::Found)
}

/// The password of a line, where its first four fields fit.
fn password_of(line: &str, wanted: &[&str; 4]) -> Option<String> {
    if line.starts_with('#') {
        return None;
    }
    let fields = fields(line);
    let fits = |(field, wanted): (&(String, bool), &&str)| {
        let (text, escaped) = field;
        (text == "*" && !escaped) || text == wanted
    };
    let password = fields.get(4)?;
    fields.iter().zip(wanted).all(fits).then(|| password.0.clone())
}

/// The fields between colons; a backslash takes the next character as it is. The flag says whether it did.
fn fields(line: &str) -> Vec<(String, bool)> {
    let mut fields = vec![(String::new(), false)];
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        let more = fields.len() < 5;
        let last = fields.last_mut().expect("there is always a field");
        match c {
            '\\' => {
                last.0.extend(characters.next());
                last.1 = true;
            }
            ':' if more => fields.push((String::new(), false)),
            c => last.0.push(c),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::{Lookup, password, password_of};

    #[test]
    fn a_file_that_others_may_read_is_not_used() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("pgpass");
        let look_up = |host| password(Some(file.clone()), [host, "5432", "d", "u"]);
        assert_eq!(look_up("h"), Lookup::Nothing);
        fs::write(&file, "localhost:*:*:*:local\nh:*:*:*:secret\n").expect("a file");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("permissions");
        assert_eq!(look_up("h"), Lookup::Unprotected(file.clone()));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("permissions");
        assert_eq!(look_up("h"), Lookup::Found("secret".into()));
        assert_eq!(look_up("/tmp"), Lookup::Found("local".into()));
        assert_eq!(look_up("other"), Lookup::Nothing);
    }

    #[test]
    fn a_line_fits_by_its_first_four_fields() {
        let wanted = ["h", "5432", "d", "u"];
        let found = |line: &str| password_of(line, &wanted);
        assert_eq!(found("h:5432:d:u:secret"), Some("secret".into()));
        assert_eq!(found("*:*:*:u:pass:with:colons"), Some("pass:with:colons".into()));
        assert_eq!(found("h:5432:d:u:a\\:b\\\\c"), Some("a:b\\c".into()));
        assert_eq!(found("other:5432:d:u:secret"), None);
        assert_eq!(found("# h:5432:d:u:secret"), None);
        assert_eq!(found("h:5432:d:u"), None);
        assert_eq!(password_of("\\*:1:d:u:x", &["h", "1", "d", "u"]), None);
        assert_eq!(password_of("\\:\\:1:1:d:u:x", &["::1", "1", "d", "u"]), Some("x".into()));
    }
}
