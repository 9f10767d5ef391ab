//! The one spelling in which the tokens of a query are judged and sent.
//!
//! No version or setting of the server reads it otherwise: there are no comments, no line breaks outside of quotes, no
//! dollar quotes, no continued texts, and no numbers that only newer versions know.

use crate::sql::lexer::{Notation, gap_before_next_piece, piece_length};
use crate::sql::quote::{quote_identifier, quote_literal};
use crate::sql::token::{SqlToken, SqlTokenKind};

/// The most parameters that a statement may have in PostgreSQL's protocol.
pub const MAX_PARAMETERS: usize = 65_535;

/// The tokens with one space between them.
///
/// # Errors
/// What can't be spelled in that way, such as "a semicolon".
pub(super) fn spell_tokens(tokens: &[SqlToken<'_>]) -> Result<String, String> {
    let spelled: Result<Vec<String>, &str> = tokens.iter().map(spell).collect();
    Ok(spelled?.join(" "))
}

fn spell(token: &SqlToken<'_>) -> Result<String, &'static str> {
    match token.kind {
        SqlTokenKind::Word => Ok(spell_word(token)),
        SqlTokenKind::QuotedName => {
            let name = token.identifier().ok_or("names or texts with U& escapes")?;
            Ok(quote_identifier(&name))
        }
        SqlTokenKind::String => spell_string(token.text),
        SqlTokenKind::Number => spell_number(token.text),
        SqlTokenKind::Parameter => match token.parameter() {
            Some(number) if number <= MAX_PARAMETERS => Ok(format!("${number}")),
            _ => Err("more than 65,535 parameters"),
        },
        SqlTokenKind::Operator => Ok(token.text.to_owned()),
        SqlTokenKind::Symbol => match token.text {
            "(" | ")" | "[" | "]" | "," | "." => Ok(token.text.to_owned()),
            ";" => Err("a semicolon"),
            "\\" => Err("a backslash command"),
            "$" => Err("a $ without a number"),
            _ => Err("a character that is no part of SQL"),
        },
    }
}

/// The server makes ASCII letters small, so that letters beyond them can be put in quotes as they are.
fn spell_word(token: &SqlToken<'_>) -> String {
    match token.identifier() {
        Some(name) if !token.text.is_ascii() => quote_identifier(&name),
        _ => token.text.to_ascii_lowercase(),
    }
}

fn spell_number(text: &str) -> Result<String, &'static str> {
    let digits = text.replace('_', "").to_ascii_lowercase();
    let radix = match digits.get(..2) {
        Some("0x") => 16,
        Some("0o") => 8,
        Some("0b") => 2,
        _ => return Ok(digits),
    };
    let number =
        u128::from_str_radix(&digits[2..], radix).map_err(|_| "a number of that length")?;
    Ok(number.to_string())
}

fn spell_string(text: &str) -> Result<String, &'static str> {
    let literal = |value: String| quote_literal(&value).trim_start().to_owned();
    let plain = |prefix| pieces(text, prefix, Notation::Plain).join("").replace("''", "'");
    match text.as_bytes().first() {
        Some(b'$') => {
            let tag = text[1..].find('$').map_or(text.len(), |end| end + 2);
            Ok(literal(text.get(tag..text.len() - tag).unwrap_or_default().to_owned()))
        }
        Some(b'e' | b'E') => unescape(&pieces(text, 1, Notation::Escapes)).map(literal),
        // N'...' is a text of the type nchar.
        Some(b'n' | b'N') => Ok(format!("nchar {}", literal(plain(1)))),
        Some(b'b' | b'B' | b'x' | b'X') => {
            let digits = pieces(text, 1, Notation::Bits).join("");
            let right = digits.chars().all(|digit| digit.is_ascii_hexdigit());
            right.then(|| format!("{}'{digits}'", &text[..1])).ok_or("a wrong digit in bits")
        }
        Some(b'u' | b'U') => Err("names or texts with U& escapes"),
        _ => Ok(literal(plain(0))),
    }
}

/// What stands between the quotes of a string after its prefix, in each of its pieces.
fn pieces(text: &str, prefix: usize, notation: Notation) -> Vec<&str> {
    let (mut pieces, mut rest) = (vec![], &text[prefix..]);
    while let Some(length) = piece_length(rest, notation) {
        pieces.push(&rest[1..length - 1]);
        rest = &rest[length..];
        let Some(gap) = gap_before_next_piece(rest) else { break };
        rest = &rest[gap..];
    }
    pieces
}

fn unescape(pieces: &[&str]) -> Result<String, &'static str> {
    let mut bytes = Vec::new();
    for piece in pieces {
        let mut rest = *piece;
        while let Some(at) = rest.find(['\\', '\'']) {
            bytes.extend_from_slice(&rest.as_bytes()[..at]);
            let (escape, after) = rest[at..].split_at(1);
            let read = if escape == "'" { 1 } else { unescape_one(after, &mut bytes)? };
            if escape == "'" {
                bytes.push(b'\'');
            }
            rest = after.get(read..).unwrap_or_default();
        }
        bytes.extend_from_slice(rest.as_bytes());
    }
    let text = String::from_utf8(bytes).map_err(|_| "an escape that is no letter")?;
    if text.contains('\0') { Err("a NUL character") } else { Ok(text) }
}

/// Adds what stands after a backslash, and says how many bytes of it were read.
fn unescape_one(after: &str, bytes: &mut Vec<u8>) -> Result<usize, &'static str> {
    let wrong = "an escape that is no letter";
    let digits = |from: usize, most: usize, radix: u32| {
        let right = |letter: &char| letter.is_digit(radix);
        after.get(from..).unwrap_or_default().chars().take(most).take_while(right).count()
    };
    let number = |from: usize, length: usize, radix: u32| {
        u32::from_str_radix(&after[from..from + length], radix).map_err(|_| wrong)
    };
    let letter = after.chars().next().ok_or(wrong)?;
    let length = match letter {
        '0'..='7' => {
            let length = digits(0, 3, 8);
            bytes.push((number(0, length, 8)? & 0xFF) as u8);
            return Ok(length);
        }
        'x' if digits(1, 2, 16) > 0 => {
            let length = digits(1, 2, 16);
            bytes.push(number(1, length, 16)? as u8);
            return Ok(1 + length);
        }
        'u' => 4,
        'U' => 8,
        // The versions of PostgreSQL differ.
        'v' => return Err(wrong),
        _ => {
            let plain = match letter {
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                other => other,
            };
            bytes.extend_from_slice(plain.encode_utf8(&mut [0; 4]).as_bytes());
            return Ok(letter.len_utf8());
        }
    };
    if digits(1, length, 16) < length {
        return Err(wrong);
    }
    let letter = char::from_u32(number(1, length, 16)?).ok_or(wrong)?;
    bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    Ok(1 + length)
}

#[cfg(test)]
mod tests {
    use super::spell_tokens;
    use crate::sql::lexer::lex;

    fn spelled(text: &str) -> String {
        spell_tokens(&lex(text).expect(text)).expect(text)
    }

    fn refused(text: &str) -> String {
        spell_tokens(&lex(text).expect(text)).expect_err(text)
    }

    #[test]
    fn words_are_small_and_comments_are_left_out() {
        assert_eq!(
            spelled("SELECT /* a */ Ab,\"Cd\"-- x\r\n FROM É.ö"),
            "select ab , \"Cd\" from \"É\" . \"ö\""
        );
        assert_eq!(spelled("a->>'b'::TEXT"), "a ->> 'b' :: text");
    }

    #[test]
    fn texts_have_one_spelling() {
        assert_eq!(spelled("'it''s' $a$it's$a$ $$\\$$"), r"'it''s' 'it''s' E'\\'");
        assert_eq!(spelled("'a' -- x\n 'b''c'"), "'ab''c'");
        assert_eq!(spelled(r"E'\\\'\n''\x41\101\u00e9\U0001F600\q'"), "E'\\\\''\n''AAé😀q'");
        assert_eq!(spelled("E'a'\n'\\'b'"), "'a''b'");
        assert_eq!(spelled("N'x' b'1' X'1F'"), "nchar 'x' b'1' X'1F'");
        assert_eq!(refused("U&'a'"), "names or texts with U& escapes");
        assert_eq!(refused(r"E'\xff'"), "an escape that is no letter");
        assert_eq!(refused(r"E'\u12'"), "an escape that is no letter");
        assert_eq!(refused(r"E'\0'"), "a NUL character");
    }

    #[test]
    fn numbers_are_decimal() {
        assert_eq!(spelled("0x1F 0o17 0b11 1_000.5 1E5 $07"), "31 15 3 1000.5 1e5 $7");
        assert_eq!(refused("$65536"), "more than 65,535 parameters");
    }

    #[test]
    fn other_characters_are_refused() {
        for (text, what) in [
            ("a;", "a semicolon"),
            ("a \\g", "a backslash command"),
            ("$ 1", "a $ without a number"),
            ("{a}", "a character that is no part of SQL"),
        ] {
            assert_eq!(refused(text), what);
        }
    }
}
