//! The one place where names and values become SQL text.

use crate::Sql;

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

/// A statement with its parameters written out, each as a literal in place of `$1`, `$2`, ...; a quoted name in the text
/// is skipped. For DDL, which takes no parameters, and for short statements of this tool's own, which then go to the
/// server once: with parameters they go twice, to be parsed and to be run.
pub fn inline_parameters(sql: &Sql) -> String {
    let literal = |text: &Option<String>| text.as_deref().map_or("NULL".into(), quote_literal);
    let literals: Vec<String> = sql.parameters.iter().map(literal).collect();
    with_literals(&sql.text, &literals)
}

fn with_literals(text: &str, literals: &[String]) -> String {
    let (mut written, mut named) = (String::with_capacity(text.len()), false);
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        named ^= letter == '"';
        if named || letter != '$' {
            written.push(letter);
            continue;
        }
        let mut place = 0;
        while let Some(digit) = rest.peek().and_then(|digit| digit.to_digit(10)) {
            place = place * 10 + digit as usize;
            rest.next();
        }
        written.push_str(
            place.checked_sub(1).and_then(|at| literals.get(at)).map_or("NULL", |literal| literal),
        );
    }
    written
}
