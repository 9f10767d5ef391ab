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

/// The SHA-256 of what a file says: of its text without comments, white space and line endings, so that only a real
/// change counts. White space within quotes is part of what it says.
pub fn meaning(path: &str, text: &str) -> String {
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
