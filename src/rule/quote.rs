//! The one place where names and values become SQL text.

/// A name as a quoted SQL identifier. A NUL, which PostgreSQL can't store in a name, is dropped, so that
/// the quoted name names nothing rather than something shorter.
pub fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('\0', "\u{fffd}").replace('"', "\"\""))
}

/// A schema-qualified name, quoted.
pub fn quote_qualified(schema: &str, name: &str) -> String {
    format!("{}.{}", quote_identifier(schema), quote_identifier(name))
}

/// A text as a quoted SQL literal, for the few places that take no parameter (SET, DDL, NOTIFY).
pub fn quote_literal(text: &str) -> String {
    let escaped = text.replace('\0', "\u{fffd}").replace('\'', "''");
    if escaped.contains('\\') {
        return format!(" E'{}'", escaped.replace('\\', "\\\\"));
    }
    format!("'{escaped}'")
}
