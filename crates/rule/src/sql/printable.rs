//! SQL that is printed, to be copied and run by people.

use crate::is_unprintable;
use crate::sql::lexer::lex;
use crate::sql::token::SqlTokenKind;

/// The same statements in printable characters and ends of lines alone: a character of a name that is not printable is
/// written as an escape, `U&"a\+00000Ab"`, so that psql and the server read the same name. So is the bracket of `##[`, an old
/// command in the log of a GitHub workflow. In comments, and in strings, which the printed statements do not take from
/// anybody, such a character becomes U+FFFD.
pub fn printable_sql(sql: &str) -> String {
    let (mut printed, mut done) = (String::with_capacity(sql.len()), 0);
    for token in lex(sql).unwrap_or_default() {
        if token.kind == SqlTokenKind::QuotedName && needs_escapes(token.text) {
            printed.push_str(&without_unprintable(&sql[done..token.start]));
            printed.push_str(&escape_name(token.text, token.has_unicode_escapes()));
            done = token.end();
        }
    }
    printed + &without_unprintable(&sql[done..])
}

fn needs_escapes(name: &str) -> bool {
    name.contains(is_unprintable) || name.contains("##[")
}

fn without_unprintable(sql: &str) -> String {
    sql.replace(|c| c != '\n' && is_unprintable(c), "\u{fffd}")
}

/// A quoted name whose characters are all printable; its backslashes are doubled unless they begin escapes already.
fn escape_name(quoted: &str, escaped: bool) -> String {
    let mut name = if escaped { String::new() } else { "U&".to_owned() };
    for c in quoted.chars() {
        match c {
            '\\' if !escaped => name.push_str("\\\\"),
            c if is_unprintable(c) || c == '[' => {
                name.push_str(&format!("\\+{:06X}", u32::from(c)))
            }
            c => name.push(c),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::printable_sql;

    #[test]
    fn names_keep_their_characters_as_escapes() {
        let cases = [
            (
                "GRANT SELECT ON \"a\".\"b\\c\" TO \"d\";",
                "GRANT SELECT ON \"a\".\"b\\c\" TO \"d\";",
            ),
            (
                "TABLE \"a\nb\";\nTABLE \"\\\r\"",
                "TABLE U&\"a\\+00000Ab\";\nTABLE U&\"\\\\\\+00000D\"",
            ),
            ("TABLE \"a\"\"\u{202e}\".\"b\"", "TABLE U&\"a\"\"\\+00202E\".\"b\""),
            ("TABLE U&\"\\0041\u{1b}\"", "TABLE U&\"\\0041\\+00001B\""),
            ("-- a\u{1b}\nSELECT 'b\u{9b}'", "-- a\u{fffd}\nSELECT 'b\u{fffd}'"),
            ("TABLE \"##[a\"", "TABLE U&\"##\\+00005Ba\""),
            ("no name\" \u{1b}", "no name\" \u{fffd}"),
        ];
        for (sql, printed) in cases {
            assert_eq!(printable_sql(sql), printed);
        }
    }
}
