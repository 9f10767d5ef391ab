//! libpq's password file: `host:port:database:user:password` a line, `~/.pgpass`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// Where libpq's servers put their sockets: such a host is looked up as `localhost`.
const SOCKET_DIRECTORIES: [&str; 2] = ["/var/run/postgresql", "/tmp"];

/// What a password file says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// The password.
    Found(String),
    /// Nothing for this connection, or there is no file.
    Nothing,
    /// Others may read the file, so that it is not used.
    TooOpen(PathBuf),
}

/// Looks up a connection: host, port, database and role.
pub(crate) fn password(file: Option<PathBuf>, connection: [&str; 4]) -> Lookup {
    let Some(file) = file else { return Lookup::Nothing };
    let Ok(about) = fs::metadata(&file) else { return Lookup::Nothing };
    if !about.is_file() {
        return Lookup::Nothing;
    }
    if about.permissions().mode() & 0o077 != 0 {
        return Lookup::TooOpen(file);
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

/// The fields between colons; a backslash takes the next character as it is. The second part tells whether it did.
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
    use super::password_of;

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
