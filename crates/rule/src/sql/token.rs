//! A token of SQL, and what the server takes it for.

/// A token: anything but white space and comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SqlToken<'t> {
    /// What it is.
    pub kind: SqlTokenKind,
    /// The byte of the text where it starts.
    pub start: usize,
    /// The token as written, with its quotes.
    pub text: &'t str,
}

/// The kinds of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlTokenKind {
    /// A keyword or a name without quotes.
    Word,
    /// A name in double quotes, also with `U&` before them.
    QuotedName,
    /// A string of any notation. One that goes on after a line break, as the standard has it, is one token.
    String,
    /// A number. Before PostgreSQL 16, `0x1F` and `1_000` are a number and a word.
    Number,
    /// `$1`, `$2`, ...
    Parameter,
    /// One or more of the characters that operators consist of, and colons.
    Operator,
    /// A bracket, comma, semicolon or dot, or a character that starts no token of SQL, such as a backslash.
    Symbol,
}

impl SqlToken<'_> {
    /// The byte after it.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Whether it is this keyword.
    pub fn is_word(&self, keyword: &str) -> bool {
        self.kind == SqlTokenKind::Word && self.text.eq_ignore_ascii_case(keyword)
    }

    /// Whether it is this symbol.
    pub fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == SqlTokenKind::Symbol && self.text == symbol
    }

    /// Whether it is a name or string with `U&` escapes.
    pub fn has_unicode_escapes(&self) -> bool {
        matches!(self.kind, SqlTokenKind::QuotedName | SqlTokenKind::String)
            && self.text.starts_with(['u', 'U'])
    }

    /// The name that the server looks up for a word or a quoted name, if it is one. In a database with a one-byte
    /// encoding, a word's letters beyond ASCII become small too. `None` for a name with `U&` escapes.
    pub fn identifier(&self) -> Option<String> {
        let name = match self.kind {
            SqlTokenKind::Word => self.text.to_ascii_lowercase(),
            SqlTokenKind::QuotedName => {
                self.text.strip_prefix('"')?.strip_suffix('"')?.replace("\"\"", "\"")
            }
            _ => return None,
        };
        Some(name[..name.floor_char_boundary(MAX_NAME_BYTES)].to_owned())
    }

    /// The number of a parameter, from 1; the largest number for one that no list of parameters reaches.
    pub fn parameter(&self) -> Option<usize> {
        let digits = self.text.strip_prefix('$')?;
        (self.kind == SqlTokenKind::Parameter).then(|| digits.parse().unwrap_or(usize::MAX))
    }
}

/// The server cuts a longer name.
const MAX_NAME_BYTES: usize = 63;

#[cfg(test)]
mod tests {
    use super::SqlToken;
    use crate::sql::lexer::lex;

    fn names(text: &str) -> Vec<String> {
        lex(text).expect(text).iter().filter_map(SqlToken::identifier).collect()
    }

    #[test]
    fn names_as_the_server_looks_them_up() {
        assert_eq!(names("Ab \"Cd\" É \"a\"\"b\" U&\"x\" 'y' $1"), ["ab", "Cd", "É", "a\"b"]);
        let long = "é".repeat(40);
        assert_eq!(names(&long), ["é".repeat(31)]);
        assert_eq!(names(&format!("\"{long}\"")), ["é".repeat(31)]);
        let escaped = lex("U&\"a\" U&'b' ua 'c' \"d\"").expect("tokens");
        let escaped: Vec<bool> = escaped.iter().map(SqlToken::has_unicode_escapes).collect();
        assert_eq!(escaped, [true, true, false, false, false]);
    }

    #[test]
    fn the_numbers_of_parameters() {
        let parameters = |text| {
            lex(text).expect(text).iter().filter_map(SqlToken::parameter).collect::<Vec<_>>()
        };
        assert_eq!(parameters("$1 '$2' \"$3\" a$4 $$ $5 $$ $06 -- $7"), [1, 6]);
        assert_eq!(parameters("$99999999999999999999"), [usize::MAX]);
    }
}
