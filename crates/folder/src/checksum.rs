//! Checksums of files.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// The SHA-256 of some bytes, in lowercase hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The SHA-256 of a script, manifest or SQL file without its comments, white space and line endings, so that only a real
/// change counts. White space within quotes remains.
pub fn normalized_checksum(path: &str, text: &str) -> String {
    let comment = if path.ends_with(".toml") {
        "#"
    } else if path.ends_with(".sql") {
        "--"
    } else {
        "//"
    };
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
    sha256_hex(kept.replace("\r\n", "\n").as_bytes())
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
            ("a.sql", "SELECT 1;", "-- one\nSELECT\n  1;\n"),
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
        ] {
            assert_ne!(normalized_checksum(path, text), normalized_checksum(path, other), "{text}");
        }
    }
}
