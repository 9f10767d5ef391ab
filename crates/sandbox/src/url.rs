//! URLs that both psql and sqlx understand.

use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The database superuser of every server that is created here.
pub(crate) const USER: &str = "leora";

/// The port in the name of the socket of a server without a TCP port.
pub(crate) const SOCKET_PORT: u16 = 5432;

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The URL of a database by its Unix socket. The host is a parameter, since a path can't be the host of a URL; psql and
/// sqlx both prefer it to `localhost`, which is there because sqlx accepts no user without a host.
pub(crate) fn url(database: &str, sockets: &Path, port: u16) -> String {
    let (database, sockets) = (escape(database), escape(&sockets.to_string_lossy()));
    format!("postgresql://{USER}@localhost/{database}?host={sockets}&port={port}")
}

pub(crate) fn escape(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn names_and_paths_are_escaped() {
        let url = super::url("a b", Path::new("/tmp/x&y"), 5432);
        assert_eq!(url, "postgresql://leora@localhost/a%20b?host=%2Ftmp%2Fx%26y&port=5432");
        assert_eq!(super::escape("a-b_c.d~é"), "a-b_c.d~%C3%A9");
    }
}
