//! The one place where names and values become SQL text.

use crate::Sql;
use crate::sql::lexer::lex;

/// A name as a quoted SQL identifier. A NUL, which PostgreSQL can't store in a name, becomes U+FFFD,
/// so that the quoted name names nothing rather than something shorter.
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

/// A statement with a literal in place of each of its parameters `$1`, `$2`, ... For DDL, which takes no parameters, and for
/// short statements of this tool's own, which then go to the server once: with parameters they go twice, to be parsed
/// and to be run.
pub fn inline_parameters(sql: &Sql) -> String {
    let literal = |text: &Option<String>| text.as_deref().map_or("NULL".into(), quote_literal);
    let literals: Vec<String> = sql.parameters.iter().map(literal).collect();
    replace_parameters(&sql.text, |number| {
        let literal = number.checked_sub(1).and_then(|at| literals.get(at));
        literal.cloned().unwrap_or_else(|| "NULL".into())
    })
}

/// A statement with something else in place of each of its parameters `$1`, `$2`, ...
pub(crate) fn replace_parameters(text: &str, replace: impl Fn(usize) -> String) -> String {
    let (mut written, mut done) = (String::with_capacity(text.len()), 0);
    for token in lex(text).unwrap_or_default() {
        let Some(number) = token.parameter() else { continue };
        written.push_str(&text[done..token.start]);
        written.push_str(&replace(number));
        done = token.end();
    }
    written.push_str(&text[done..]);
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts_can_not_end_their_quotes() {
        assert_eq!(quote_identifier("Cust\"omer"), "\"Cust\"\"omer\"");
        assert_eq!(quote_identifier("a\0b"), "\"a\u{fffd}b\"");
        assert_eq!(quote_qualified("public", "call.plan"), "\"public\".\"call.plan\"");
        let cases = [
            ("", "''"),
            ("it's", "'it''s'"),
            ("'; DROP TABLE x; --", "'''; DROP TABLE x; --'"),
            // The same under either value of standard_conforming_strings.
            (r"a\'b", r" E'a\\''b'"),
            ("a\0b", "'a\u{fffd}b'"),
        ];
        for (text, expected) in cases {
            assert_eq!(quote_literal(text), expected, "{text:?}");
        }
    }

    #[test]
    fn only_parameters_are_replaced() {
        let text = "SELECT $2::text, $1, $3 AS \"$1\", '$1', a$1 -- $1\n".to_owned();
        let parameters = vec![Some("it's $2".into()), None];
        let inlined = inline_parameters(&Sql { text, parameters });
        assert_eq!(inlined, "SELECT NULL::text, 'it''s $2', NULL AS \"$1\", '$1', a$1 -- $1\n");
    }
}
