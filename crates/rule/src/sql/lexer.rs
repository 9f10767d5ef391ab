//! SQL text into tokens, as PostgreSQL reads it with `standard_conforming_strings` on.
//!
//! The tokens come from `squawk-lexer`, which follows PostgreSQL's scan.l. Where the two differ, or where the versions
//! of PostgreSQL differ, [`lex`] corrects the token or refuses the text: a guard must never take code for content.

use squawk_lexer::{BOM, Base, LiteralKind, TokenKind, tokenize};

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

/// A text that PostgreSQL refuses, or that its versions read differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnreadableSql {
    /// The byte of the text where it starts.
    pub start: usize,
    /// What stands there, such as "a string without its closing quote".
    pub what: &'static str,
    /// What to do.
    pub help: &'static str,
}

impl<'t> SqlToken<'t> {
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

/// Splits a text into its tokens.
///
/// # Errors
/// [`UnreadableSql`] for a NUL character, for what is not closed, and for a number whose end depends on the version.
pub fn lex(text: &str) -> Result<Vec<SqlToken<'_>>, UnreadableSql> {
    if let Some(start) = text.find('\0') {
        let what = "a NUL character";
        return Err(UnreadableSql { start, what, help: "take it out" });
    }
    let (mut tokens, mut start) = (Vec::new(), 0);
    while start < text.len() {
        let (kind, length) = first_token(&text[start..])
            .map_err(|Refused { what, help }| UnreadableSql { start, what, help })?;
        let end = start + length;
        if let Some(kind) = kind {
            tokens.push(SqlToken { kind, start, text: &text[start..end] });
        }
        start = end;
    }
    Ok(tokens)
}

/// The statements of a text, without the semicolons between them. One in parentheses or in the body of a function
/// that starts with `BEGIN ATOMIC` ends no statement.
pub fn statements<'a, 't>(tokens: &'a [SqlToken<'t>]) -> Vec<&'a [SqlToken<'t>]> {
    let (mut statements, mut start, mut depth, mut in_body) = (Vec::new(), 0, 0_i64, false);
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| &tokens[before]);
        let follows_word = |word| before.is_some_and(|before| before.is_word(word));
        let follows_semicolon = before.is_some_and(|before| before.is_symbol(";"));
        if token.is_symbol("(") {
            depth += 1;
        } else if token.is_symbol(")") {
            depth -= 1;
        } else if depth == 0 && token.is_word("ATOMIC") && follows_word("BEGIN") {
            in_body |= makes_routine(&tokens[start..]);
        } else if in_body && token.is_word("END") && (follows_semicolon || follows_word("ATOMIC")) {
            in_body = false;
        } else if token.is_symbol(";") && depth == 0 && !in_body {
            statements.push(&tokens[start..at]);
            start = at + 1;
        }
    }
    statements.push(&tokens[start..]);
    statements.retain(|statement| !statement.is_empty());
    statements
}

/// Whether a statement is `CREATE [OR REPLACE] FUNCTION` or `PROCEDURE`: elsewhere `begin atomic` can be two names.
fn makes_routine(statement: &[SqlToken<'_>]) -> bool {
    let is = |at: usize, word| statement.get(at).is_some_and(|token| token.is_word(word));
    let kind = if is(1, "OR") && is(2, "REPLACE") { 3 } else { 1 };
    is(0, "CREATE") && (is(kind, "FUNCTION") || is(kind, "PROCEDURE"))
}

/// What stands at the start of a text and can't be read.
struct Refused {
    what: &'static str,
    help: &'static str,
}

/// The kind and length of the token at the start of a text; no kind for white space and comments.
fn first_token(text: &str) -> Result<(Option<SqlTokenKind>, usize), Refused> {
    // squawk-lexer skips a byte order mark at the start of a text; for the server it is a letter.
    if text.starts_with(BOM) {
        return Ok((Some(SqlTokenKind::Word), word_length(text)));
    }
    let Some(token) = tokenize(text).next() else { return Ok((None, text.len())) };
    let length = token.len as usize;
    Ok(match token.kind {
        TokenKind::Whitespace | TokenKind::LineComment | TokenKind::Eof => (None, length),
        TokenKind::BlockComment { terminated } => {
            closed(terminated, "a comment without its closing */")?;
            (None, length)
        }
        TokenKind::Ident => (Some(SqlTokenKind::Word), length),
        TokenKind::QuotedIdent { terminated, .. } => {
            closed(terminated, "a name without its closing quote")?;
            (Some(SqlTokenKind::QuotedName), length)
        }
        // Letters right after a parameter or a number are an error from PostgreSQL 15 on, and the next token before.
        TokenKind::PositionalParam { trailing_junk_start } => match trailing_junk_start as usize {
            1 => (Some(SqlTokenKind::Symbol), 1),
            length => (Some(SqlTokenKind::Parameter), length),
        },
        TokenKind::Literal { kind } => literal(text, kind, length)?,
        _ if text.starts_with(is_operator) => (Some(SqlTokenKind::Operator), operator_length(text)),
        _ => (Some(SqlTokenKind::Symbol), length),
    })
}

fn literal(
    text: &str,
    kind: LiteralKind,
    length: usize,
) -> Result<(Option<SqlTokenKind>, usize), Refused> {
    let number = match kind {
        LiteralKind::Int { base: Base::Decimal, trailing_junk_start, .. } => {
            trailing_junk_start as usize
        }
        LiteralKind::Int { base, .. } => prefixed_number_length(&text[..length], base as u32),
        LiteralKind::Numeric { empty_exponent_start, trailing_junk_start } => {
            empty_exponent_start.unwrap_or(trailing_junk_start) as usize
        }
        LiteralKind::DollarQuotedString { terminated } => {
            closed(terminated, "a string without its closing dollar quote")?;
            return Ok((Some(SqlTokenKind::String), length));
        }
        LiteralKind::EscStr { terminated }
        | LiteralKind::Str { terminated }
        | LiteralKind::NationalStr { terminated }
        | LiteralKind::ByteStr { terminated }
        | LiteralKind::BitStr { terminated }
        | LiteralKind::UnicodeEscStr { terminated } => {
            closed(terminated, OPEN_STRING)?;
            let escapes = matches!(kind, LiteralKind::EscStr { .. });
            return Ok((Some(SqlTokenKind::String), continued_length(text, length, escapes)?));
        }
    };
    // Before PostgreSQL 16, 1_000 and 0x1F are a number and a word, and the word goes on: 0x1F$$ opens no quote there.
    let plain = |byte: u8| byte.is_ascii_digit() || b".eE+-".contains(&byte);
    if !text[..number].bytes().all(plain) && text[number..].starts_with(continues_word) {
        return Err(Refused {
            what: "a number that runs into a word",
            help: "put a space between them",
        });
    }
    Ok((Some(SqlTokenKind::Number), number))
}

/// The length of `0x1F`, `0o17` or `0b11`; where a digit is wrong, PostgreSQL before 15 reads a zero and a word.
fn prefixed_number_length(text: &str, base: u32) -> usize {
    let digits = text.get(2..).unwrap_or_default();
    let right = digits.chars().all(|digit| digit == '_' || digit.is_digit(base));
    if right && !digits.is_empty() { text.len() } else { 1 }
}

const OPEN_STRING: &str = "a string without its closing quote";

fn closed(terminated: bool, what: &'static str) -> Result<(), Refused> {
    if terminated { Ok(()) } else { Err(Refused { what, help: "close it" }) }
}

/// The length of the string at the start of a text with the pieces that continue it after a line break: squawk-lexer
/// has each as a token, and takes no backslash for an escape in the later pieces of `E'...'`.
fn continued_length(text: &str, mut length: usize, escapes: bool) -> Result<usize, Refused> {
    while let Some(gap) = gap_before_next_piece(&text[length..]) {
        let piece = &text[length + gap..];
        length += gap
            + piece_length(piece, escapes)
                .ok_or(Refused { what: OPEN_STRING, help: "close it" })?;
    }
    Ok(length)
}

/// The length of the white space and line comments, with a line break among them, before a quote.
fn gap_before_next_piece(text: &str) -> Option<usize> {
    let skipped = |token: &squawk_lexer::Token| {
        matches!(token.kind, TokenKind::Whitespace | TokenKind::LineComment)
    };
    let gap = tokenize(text).take_while(skipped).map(|token| token.len as usize).sum();
    let (between, after) = text.split_at(gap);
    (between.contains(['\n', '\r']) && after.starts_with('\'') && !between.starts_with(BOM))
        .then_some(gap)
}

/// The length of a piece in single quotes, if it is closed.
fn piece_length(piece: &str, escapes: bool) -> Option<usize> {
    let mut letters = piece.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if escapes && letter == '\\' {
            letters.next();
        } else if letter == '\'' && letters.next_if(|(_, next)| *next == '\'').is_none() {
            return Some(at + 1);
        }
    }
    None
}

fn continues_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "_$".contains(letter) || !letter.is_ascii()
}

fn word_length(text: &str) -> usize {
    text.find(|letter| !continues_word(letter)).unwrap_or(text.len())
}

fn is_operator(letter: char) -> bool {
    "~!@#^&|`?+-*/%<>=:".contains(letter)
}

/// The length of an operator: a comment ends it.
fn operator_length(text: &str) -> usize {
    let continues = |at: usize| {
        text[at..].starts_with(is_operator)
            && !["--", "/*"].iter().any(|start| text[at..].starts_with(start))
    };
    (1..text.len()).find(|at| !continues(*at)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::{SqlToken, SqlTokenKind, lex, statements};

    /// The tokens of a text, as written, with a line between them.
    fn tokens(text: &str) -> String {
        let tokens = lex(text).unwrap_or_else(|unreadable| panic!("{text}: {unreadable:?}"));
        tokens.iter().map(|token| token.text).collect::<Vec<_>>().join(" | ")
    }

    fn unreadable(text: &str) -> (usize, &'static str) {
        let unreadable = lex(text).expect_err(text);
        (unreadable.start, unreadable.what)
    }

    fn names(text: &str) -> Vec<String> {
        lex(text).expect(text).iter().filter_map(SqlToken::identifier).collect()
    }

    #[test]
    fn comments_end_where_the_server_ends_them() {
        assert_eq!(tokens("a -- b\r c -- d\n e"), "a | c | e");
        assert_eq!(tokens("a /* /* */ b */ c /*/ d */ e /**/ f"), "a | c | e | f");
        assert_eq!(tokens("a--b"), "a");
    }

    #[test]
    fn a_comment_ends_an_operator() {
        assert_eq!(tokens("1+--2\n3"), "1 | + | 3");
        assert_eq!(tokens("1*/*2*/3"), "1 | * | 3");
        assert_eq!(tokens("1 <@-- 2"), "1 | <@");
        assert_eq!(tokens("a->>'b'::text"), "a | ->> | 'b' | :: | text");
        assert_eq!(tokens("1-2/3"), "1 | - | 2 | / | 3");
    }

    #[test]
    fn a_dollar_opens_a_quote_only_outside_of_a_word() {
        assert_eq!(tokens("$$ ' $a$ $$ $a$ $$ $a$"), "$$ ' $a$ $$ | $a$ $$ $a$");
        assert_eq!(tokens("x$tag$ y$$"), "x$tag$ | y$$");
        assert_eq!(
            tokens("é$1$ 漢$$ \u{a0}$$ \u{1f600}$$"),
            "é$1$ | 漢$$ | \u{a0}$$ | \u{1f600}$$"
        );
        assert_eq!(tokens("$é$ ; $é$"), "$é$ ; $é$");
        assert_eq!(tokens("$1$$ ; $$"), "$1 | $$ ; $$");
        assert_eq!(tokens("1$$ ; $$"), "1 | $$ ; $$");
        assert_eq!(tokens("$a $ b"), "$ | a | $ | b");
        assert_eq!(tokens("$a$ $ab$ $a$"), "$a$ $ab$ $a$");
    }

    #[test]
    fn strings_of_all_notations() {
        assert_eq!(tokens(r"'a\' 'it''s' E'\'' e'\\'"), r"'a\' | 'it''s' | E'\'' | e'\\'");
        assert_eq!(tokens(r"N'a\' b'1' x'F' U&'\0041\'"), r"N'a\' | b'1' | x'F' | U&'\0041\'");
        assert_eq!(tokens("ue'a' _e'b' u & 'c'"), "ue | 'a' | _e | 'b' | u | & | 'c'");
    }

    #[test]
    fn a_string_goes_on_after_a_line_break_in_its_notation() {
        assert_eq!(tokens("E'a' \n 'b\\'' c"), "E'a' \n 'b\\'' | c");
        assert_eq!(tokens("E'a' -- it's\n\t-- so\r'\\'' c"), "E'a' -- it's\n\t-- so\r'\\'' | c");
        assert_eq!(tokens("E'a'\n'b'\n'\\''c"), "E'a'\n'b'\n'\\'' | c");
        assert_eq!(tokens("'a'\n'b\\' c"), "'a'\n'b\\' | c");
        assert_eq!(tokens("U&'a'\n'b\\' c"), "U&'a'\n'b\\' | c");
        // On one line, behind another comment, or with a notation of its own, it is the next string.
        assert_eq!(tokens("E'a' 'b\\' c"), "E'a' | 'b\\' | c");
        assert_eq!(tokens("E'a' /* \n */ 'b\\' c"), "E'a' | 'b\\' | c");
        assert_eq!(tokens("'a'\ne'\\'' c"), "'a' | e'\\'' | c");
        assert_eq!(tokens("E'a'\u{feff}\n'b\\' c"), "E'a' | \u{feff} | 'b\\' | c");
        assert_eq!(unreadable("E'a'\n'b\\'"), (0, "a string without its closing quote"));
    }

    #[test]
    fn numbers_end_where_every_version_ends_them() {
        assert_eq!(tokens("1 1.5 .5 1. 1e5 1.5E-5"), "1 | 1.5 | .5 | 1. | 1e5 | 1.5E-5");
        assert_eq!(tokens("1..10 1.5.5"), "1 | .. | 10 | 1.5 | .5");
        assert_eq!(tokens("1e 1e+ 1ex 1.e"), "1 | e | 1 | e | + | 1 | ex | 1. | e");
        assert_eq!(
            tokens("1_000 0x1F 0o17 0b11 1_0.5_0e1_0"),
            "1_000 | 0x1F | 0o17 | 0b11 | 1_0.5_0e1_0"
        );
        assert_eq!(
            tokens("0x 0xG 0b12 0o8 1_ 1__0"),
            "0 | x | 0 | xG | 0 | b12 | 0 | o8 | 1 | _ | 1 | __0"
        );
        // Before PostgreSQL 15 each of these is a number, and a string with escapes.
        assert_eq!(tokens(r"1e'\'' 1E'\'' 0b'1'"), r"1 | e'\'' | 1 | E'\'' | 0 | b'1'");
        assert_eq!(tokens("1a$$ 2"), "1 | a$$ | 2");
    }

    #[test]
    fn a_number_whose_end_depends_on_the_version_is_refused() {
        for text in ["0x1F$$", "1_000$$", "1_000_", "1_000e'a'", "1_000.a", "1.5_0a", "1e1_0$a$"] {
            assert_eq!(unreadable(text), (0, "a number that runs into a word"), "{text}");
        }
        // With a wrong digit, it is an error from PostgreSQL 15 on.
        assert_eq!(tokens("0x1Fg$$ 0b1é$$"), "0 | x1Fg$$ | 0 | b1é$$");
    }

    #[test]
    fn parameters() {
        let parameters = |text| {
            lex(text).expect(text).iter().filter_map(SqlToken::parameter).collect::<Vec<_>>()
        };
        assert_eq!(parameters("$1 '$2' \"$3\" a$4 $$ $5 $$ $06 -- $7"), [1, 6]);
        assert_eq!(parameters("$99999999999999999999"), [usize::MAX]);
        assert_eq!(tokens("$1abc$$ $1.a"), "$1 | abc$$ | $1 | . | a");
        assert_eq!(tokens(r"$1e'\''"), r"$1 | e'\''");
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
    fn what_no_server_reads_is_refused() {
        assert_eq!(unreadable("a \0 b"), (2, "a NUL character"));
        assert_eq!(unreadable("'\0'"), (1, "a NUL character"));
        assert_eq!(unreadable("a 'b"), (2, "a string without its closing quote"));
        assert_eq!(unreadable("a \"b"), (2, "a name without its closing quote"));
        assert_eq!(unreadable("a $x$ b $x"), (2, "a string without its closing dollar quote"));
        assert_eq!(unreadable("a /* /* */"), (2, "a comment without its closing */"));
    }

    #[test]
    fn a_byte_order_mark_is_a_letter() {
        assert_eq!(tokens("\u{feff}SELECT \u{feff}a$$ b"), "\u{feff}SELECT | \u{feff}a$$ | b");
        assert_eq!(tokens("a;\u{feff}\u{feff} b"), "a | ; | \u{feff}\u{feff} | b");
    }

    #[test]
    fn a_backslash_starts_no_token() {
        let tokens = lex("\\dt 'a'").expect("tokens");
        assert!(tokens[0].is_symbol("\\"), "{tokens:?}");
        assert_eq!((tokens[1].kind, tokens[1].start, tokens[1].end()), (SqlTokenKind::Word, 1, 3));
    }

    fn split(text: &str) -> Vec<String> {
        let tokens = lex(text).expect(text);
        let written = |statement: &[SqlToken<'_>]| {
            text[statement[0].start..statement[statement.len() - 1].end()].to_owned()
        };
        statements(&tokens).into_iter().map(written).collect()
    }

    #[test]
    fn statements_end_with_a_semicolon() {
        assert_eq!(split("; a 'b;' ;; c $$ ; $$ -- ;\n"), ["a 'b;'", "c $$ ; $$"]);
        assert_eq!(
            split("CREATE RULE r AS ON INSERT TO t DO (a; b); c"),
            ["CREATE RULE r AS ON INSERT TO t DO (a; b)", "c"]
        );
        assert!(split(" -- a\n").is_empty());
    }

    #[test]
    fn the_body_of_a_function_is_part_of_its_statement() {
        for body in [
            "SELECT 1;",
            "SELECT CASE WHEN a THEN b END;",
            "SELECT 1 AS case; SELECT 2 AS end;",
            "",
        ] {
            let function =
                format!("create or replace function f() returns int begin atomic {body} end");
            assert_eq!(split(&format!("{function}; COMMIT")), [function.as_str(), "COMMIT"]);
        }
        // Two names, a parameter and its type.
        assert_eq!(split("SELECT begin atomic FROM t; COMMIT").len(), 2);
        assert_eq!(split("CREATE FUNCTION f(begin atomic) AS 'a'; COMMIT").len(), 2);
    }
}
