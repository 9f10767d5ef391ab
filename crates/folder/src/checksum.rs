//! Checksums of files.

use std::fmt::Write;

use leora_rule::lex;
use sha2::{Digest, Sha256};

/// The SHA-256 of some bytes, in lowercase hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in lowercase hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The SHA-256 of a script, manifest or SQL file without its comments, white space and line endings, so that only a real
/// change counts. White space within quotes remains.
pub fn normalized_checksum(path: &str, text: &str) -> String {
    let said = match path.rsplit('.').next() {
        Some("sql") => sql_tokens(text),
        Some("toml") => without_comments(text, "#"),
        _ => without_comments(text, "//"),
    };
    sha256_hex(said.as_bytes())
}

/// The tokens of an SQL text with a space between them; the text itself where it is no SQL.
fn sql_tokens(text: &str) -> String {
    let tokens = lex(text).map(|tokens| tokens.iter().map(|token| token.text).collect::<Vec<_>>());
    tokens.map_or_else(|_| text.to_owned(), |tokens| tokens.join(" "))
}

/// Leaves out white space too, except within quotes.
fn without_comments(text: &str, comment: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' | '\'' | '`' => quoted(rest, first),
            _ if rest.starts_with(comment) => 0,
            _ if rest.starts_with("/*") => 0,
            _ => first.len_utf8(),
        };
        if length > 0 {
            let piece = &rest[..length];
            kept.push_str(if piece.trim().is_empty() && length == first.len_utf8() {
                ""
            } else {
                piece
            });
            rest = &rest[length..];
        } else if rest.starts_with("/*") {
            rest = rest[2..].find("*/").map_or("", |end| &rest[end + 4..]);
        } else {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        }
    }
    kept.replace("\r\n", "\n")
}

/// The length of the quoted text at the start.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{normalized_checksum, sha256_hex};

    #[test]
    fn sha256_is_in_lowercase_hex() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256_hex(b""), empty);
    }

    #[test]
    fn comments_and_layout_change_nothing() {
        for (path, text, same) in [
            ("a.rhai", "let a = 1;", "// a number\r\nlet  a\n  = 1; /* the\nfirst */"),
            ("a.toml", "title = \"t\"", "# a title\ntitle    = \"t\"\n"),
            ("a.sql", "SELECT a,b;", "-- it's\r\nSELECT a , b /* $$ */ ;\n"),
            ("a.sql", "SELECT 'a\\'; -- 'b'", "SELECT 'a\\'; -- 'c'"),
        ] {
            assert_eq!(normalized_checksum(path, text), normalized_checksum(path, same), "{path}");
        }
    }

    #[test]
    fn code_and_quoted_texts_count() {
        for (path, text, other) in [
            ("a.rhai", "let a = 1;", "let a = 2;"),
            ("a.rhai", "note(\"a b\")", "note(\"ab\")"),
            ("a.rhai", "note(\"// a\")", "note(\"// b\")"),
            ("a.rhai", "note(`a\n`)", "note(`a`)"),
            ("a.toml", "title = \"# a\"", "title = \"# b\""),
            ("a.sql", "SELECT '-- a'", "SELECT '-- b'"),
            ("a.sql", "SELECT 1 AS a", "SELECT 1 ASa"),
            ("a.sql", "SELECT a < -1", "SELECT a <-1"),
            ("a.sql", "SELECT 'a' 'b'", "SELECT 'a'\n'b'"),
            ("a.sql", "DO $x$ BEGIN -- a\n END $x$", "DO $x$ BEGIN -- b\n END $x$"),
            ("a.sql", "DO $$ BEGIN NULL; END $$", "DO $$ BEGIN NULL;  END $$"),
            ("a.sql", "DO $$ BEGIN\r\nEND $$", "DO $$ BEGIN\nEND $$"),
            ("a.sql", "SELECT 'never closed", "SELECT  'never closed"),
        ] {
            assert_ne!(normalized_checksum(path, text), normalized_checksum(path, other), "{text}");
        }
    }
}
