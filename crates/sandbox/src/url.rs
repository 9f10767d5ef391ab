//! URLs that psql and sqlx understand alike.

use std::path::Path;

use crate::server::USER;

/// The host is a parameter, since a path cannot stand where a URL has its host; psql and sqlx both prefer it
/// to `localhost`, which is there because sqlx takes no user without a host.
pub(crate) fn url(database: &str, sockets: &Path, port: u16) -> String {
    let (database, sockets) = (escaped(database), escaped(&sockets.to_string_lossy()));
    format!("postgresql://{USER}@localhost/{database}?host={sockets}&port={port}")
}

pub(crate) fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn urls_escape_what_they_hold() {
        let url = super::url("a b", Path::new("/tmp/x&y"), 5432);
        assert_eq!(url, "postgresql://leora@localhost/a%20b?host=%2Ftmp%2Fx%26y&port=5432");
    }
}
