//! SQL text into tokens, as PostgreSQL reads it with `standard_conforming_strings` on.
//!
//! The tokens come from `squawk-lexer`, which follows PostgreSQL's scan.l. Where the two differ, or where the versions
//! of PostgreSQL differ, [`lex`] corrects the token or refuses the text: a guard must never take code for content.

use squawk_lexer::{BOM, Base, LiteralKind, TokenKind, tokenize};

use crate::sql::token::{SqlToken, SqlTokenKind};

/// A text that PostgreSQL refuses, or that its versions read differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnreadableSql {
    /// The byte of the text where it starts.
    pub start: usize,
    /// What stands there, such as "a string without its closing quote".
    pub what: &'static str,
    /// Why it can't be read.
    pub reason: &'static str,
    /// What to do.
    pub help: &'static str,
}

/// Splits a text into its tokens.
///
/// # Errors
/// [`UnreadableSql`] for a NUL character, for what is not closed, and for a number whose end depends on the version.
pub fn lex(text: &str) -> Result<Vec<SqlToken<'_>>, UnreadableSql> {
    if let Some(start) = text.find('\0') {
        let (what, reason) = ("a NUL character", "PostgreSQL takes it for the end of the text");
        return Err(UnreadableSql { start, what, reason, help: "take it out" });
    }
    let (mut tokens, mut start) = (Vec::new(), 0);
    while start < text.len() {
        let (kind, length) = first_token(&text[start..])
            .map_err(|unreadable| UnreadableSql { start, ..unreadable })?;
        let end = start + length;
        if let Some(kind) = kind {
            tokens.push(SqlToken { kind, start, text: &text[start..end] });
        }
        start = end;
    }
    Ok(tokens)
}

/// White space and comments have no kind.
fn first_token(text: &str) -> Result<(Option<SqlTokenKind>, usize), UnreadableSql> {
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
            check_comment(&text[..length])?;
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

/// The kind and length of a literal, of which squawk-lexer says the kind and an largest length.
fn literal(
    text: &str,
    kind: LiteralKind,
    length: usize,
) -> Result<(Option<SqlTokenKind>, usize), UnreadableSql> {
    let string = |length| (Some(SqlTokenKind::String), length);
    match kind {
        LiteralKind::Int { base: Base::Decimal, trailing_junk_start, .. } => {
            number(text, trailing_junk_start as usize)
        }
        LiteralKind::Int { base, .. } => {
            number(text, prefixed_number_length(&text[..length], base as u32))
        }
        LiteralKind::Numeric { empty_exponent_start, trailing_junk_start } => {
            number(text, empty_exponent_start.unwrap_or(trailing_junk_start) as usize)
        }
        LiteralKind::DollarQuotedString { terminated } => {
            closed(terminated, "a string without its closing dollar quote")?;
            Ok(string(length))
        }
        LiteralKind::BitStr { .. } | LiteralKind::ByteStr { .. } => {
            string_length(text, 1, Notation::Bits).map(string)
        }
        LiteralKind::EscStr { .. } => string_length(text, 1, Notation::Escapes).map(string),
        LiteralKind::NationalStr { .. } => string_length(text, 1, Notation::Plain).map(string),
        LiteralKind::UnicodeEscStr { .. } => string_length(text, 2, Notation::Plain).map(string),
        LiteralKind::Str { .. } => string_length(text, 0, Notation::Plain).map(string),
    }
}

/// A number of this length, unless PostgreSQL before 16 ends it earlier: there 1_000 and 0x1F are a number and a word,
/// which goes on, so that `0x1F$$` opens no quote.
fn number(text: &str, length: usize) -> Result<(Option<SqlTokenKind>, usize), UnreadableSql> {
    let plain = |byte: u8| byte.is_ascii_digit() || b".eE+-".contains(&byte);
    if text[..length].bytes().all(plain) || !text[length..].starts_with(continues_word) {
        return Ok((Some(SqlTokenKind::Number), length));
    }
    Err(UnreadableSql {
        start: 0,
        what: "a number that runs into a word",
        reason: "PostgreSQL 14 ends the number earlier than 16",
        help: "put a space between them",
    })
}

/// The length of `0x1F`, `0o17` or `0b11`; where a digit is wrong, PostgreSQL before 15 reads a zero and a word.
fn prefixed_number_length(text: &str, base: u32) -> usize {
    let digits = text.get(2..).unwrap_or_default();
    let right = digits.chars().all(|digit| digit == '_' || digit.is_digit(base));
    if right && !digits.is_empty() { text.len() } else { 1 }
}

fn closed(terminated: bool, what: &'static str) -> Result<(), UnreadableSql> {
    let reason = "it goes on to the end of the text";
    let unclosed = UnreadableSql { start: 0, what, reason, help: "close it" };
    if terminated { Ok(()) } else { Err(unclosed) }
}

/// The most levels of a comment: the server reads each level's beginning to the end of those that follow it.
const MAX_COMMENT_DEPTH: usize = 100;

fn check_comment(comment: &str) -> Result<(), UnreadableSql> {
    if comment.matches("/*").count() <= MAX_COMMENT_DEPTH {
        return Ok(());
    }
    Err(UnreadableSql {
        start: 0,
        what: "a comment with more than 100 comments in it",
        reason: "the server takes very long to read it",
        help: "take it out",
    })
}

/// What a string in single quotes may hold.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Notation {
    /// Doubled quotes.
    Plain,
    /// Doubled quotes and backslash escapes: `E'...'`.
    Escapes,
    /// Neither: the second quote of `B'1''0'` starts another string, where squawk-lexer reads a doubled one.
    Bits,
}

/// The length of the string whose quote follows a prefix, with the pieces that continue it after a line break:
/// squawk-lexer has each as a token, and takes no backslash for an escape in the later pieces of `E'...'`.
fn string_length(text: &str, prefix: usize, notation: Notation) -> Result<usize, UnreadableSql> {
    let (mut length, mut gap) = (0, Some(prefix));
    while let Some(before) = gap {
        let piece = piece_length(&text[length + before..], notation);
        closed(piece.is_some(), "a string without its closing quote")?;
        length += before + piece.unwrap_or_default();
        gap = gap_before_next_piece(&text[length..]);
    }
    Ok(length)
}

/// The length of the white space and line comments, with a line break among them, before a quote.
pub(super) fn gap_before_next_piece(text: &str) -> Option<usize> {
    let skipped = |token: &squawk_lexer::Token| {
        matches!(token.kind, TokenKind::Whitespace | TokenKind::LineComment)
    };
    let gap = tokenize(text).take_while(skipped).map(|token| token.len as usize).sum();
    let (between, after) = text.split_at(gap);
    (between.contains(['\n', '\r']) && after.starts_with('\'') && !between.starts_with(BOM))
        .then_some(gap)
}

/// The length of a piece in single quotes, if it is closed.
pub(super) fn piece_length(piece: &str, notation: Notation) -> Option<usize> {
    let mut letters = piece.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        let mut doubles = || letters.next_if(|(_, next)| *next == '\'').is_some();
        match letter {
            '\\' if notation == Notation::Escapes => _ = letters.next(),
            '\'' if notation == Notation::Bits || !doubles() => return Some(at + 1),
            _ => {}
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
    use super::{SqlTokenKind, lex};

    /// The tokens of a text, as written, with a line between them.
    fn tokens(text: &str) -> String {
        let tokens = lex(text).unwrap_or_else(|unreadable| panic!("{text}: {unreadable:?}"));
        tokens.iter().map(|token| token.text).collect::<Vec<_>>().join(" | ")
    }

    fn unreadable(text: &str) -> (usize, &'static str) {
        let unreadable = lex(text).expect_err(text);
        (unreadable.start, unreadable.what)
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
        assert_eq!(tokens("b'1''0' x'1'\n'\\''2'"), "b'1' | '0' | x'1'\n'\\' | '2'");
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
    fn a_parameter_ends_before_letters() {
        assert_eq!(tokens("$1abc$$ $1.a"), "$1 | abc$$ | $1 | . | a");
        assert_eq!(tokens(r"$1e'\''"), r"$1 | e'\''");
    }

    #[test]
    fn what_no_server_reads_is_refused() {
        assert_eq!(unreadable("a \0 b"), (2, "a NUL character"));
        assert_eq!(unreadable("'\0'"), (1, "a NUL character"));
        assert_eq!(unreadable("a 'b"), (2, "a string without its closing quote"));
        assert_eq!(unreadable("a \"b"), (2, "a name without its closing quote"));
        assert_eq!(unreadable("a $x$ b $x"), (2, "a string without its closing dollar quote"));
        assert_eq!(unreadable("a /* /* */"), (2, "a comment without its closing */"));
        let nested = format!("a {}{}", "/*".repeat(200), "*/".repeat(200));
        assert_eq!(unreadable(&nested), (2, "a comment with more than 100 comments in it"));
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
}
