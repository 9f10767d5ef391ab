//! Mistakes that are told by what stands around the place where the parser stopped: `20%`, `digits: 2`, `= null`.

use rhai::{LexError, ParseErrorType};
use rust_decimal::Decimal;

use crate::api::usage;
use crate::messages::foreign_syntax::straight_quotes;
use crate::messages::surroundings::{Spot, comparison_with_nothing, open_bracket};
use crate::messages::wording::{Message, message};
use crate::piece::{PieceKind, split_pieces};

/// The mistake and the byte where it is, if it is one of these.
pub(crate) fn in_context(error: &ParseErrorType, spot: Spot<'_>) -> Option<(usize, Message)> {
    percent(spot)
        .or_else(|| unequal(error, spot))
        .or_else(|| curly_quotes(spot))
        .or_else(|| named_argument(error, spot))
        .or_else(|| equals_sign_in_map(spot))
        .or_else(|| compared_with_null(spot))
        .or_else(|| is_null(spot))
}

/// A number with a sign for percent before the error.
fn percent(spot: Spot<'_>) -> Option<(usize, Message)> {
    let written = spot.before().trim_end();
    let number = written.strip_suffix('%')?.trim_end();
    let is_digit = |letter: char| letter.is_ascii_digit() || letter == '.';
    let start = number.trim_end_matches(is_digit).len();
    let number: Decimal = number[start..].parse().ok()?;
    let share = (number / Decimal::ONE_HUNDRED).normalize();
    let is_rank = open_bracket(spot.text, start).is_some_and(|(_, name)| name == "top_percent");
    let meant = if is_rank { number } else { share }.to_string();
    let help = format!(
        "write {share} as a share, or {number} in top_percent({number}, ...); a text such as \"{number}%\" is for the manifest"
    );
    let message = message("a number has no `%`", help);
    Some((start, message.rewriting(&spot.text[start..written.len()], meant)))
}

/// `<>`, at whose second character the parser stops.
fn unequal(error: &ParseErrorType, spot: Spot<'_>) -> Option<(usize, Message)> {
    let ParseErrorType::BadInput(LexError::UnexpectedInput(text)) = error else { return None };
    let before = spot.before().strip_suffix('<').filter(|_| text == ">")?;
    let message = message("`<>` means nothing here", "unequal is written `!=`");
    Some((before.len(), message.rewriting("<>", "!=")))
}

/// The quotes of word processors, and those that end what each of them begins.
const CURLY: [(char, &[char]); 7] = [
    ('“', &['”', '“']),
    ('”', &['”']),
    ('„', &['“', '”']),
    ('‘', &['’']),
    ('’', &['’']),
    ('«', &['»']),
    ('»', &['«']),
];

fn curly_quotes(spot: Spot<'_>) -> Option<(usize, Message)> {
    let rest = spot.rest();
    let quote = rest.chars().next()?;
    let (_, closing) = CURLY.iter().find(|(opening, _)| *opening == quote)?;
    let inside = &rest[quote.len_utf8()..];
    let end = inside.find(|letter| letter == '"' || closing.contains(&letter));
    let text = &inside[..end.unwrap_or_else(|| inside.find([',', ']', ')', ';']).unwrap_or(0))];
    let shown = if text.trim().is_empty() { "ACTIVE" } else { text };
    let message = message(format!("`{quote}` means nothing here"), straight_quotes(shown));
    let message = match end.and_then(|end| inside[end..].chars().next()) {
        Some('"') => message.rewriting(&quote.to_string(), "\""),
        Some(end) if !text.contains('\\') => {
            message.rewriting(&format!("{quote}{text}{end}"), format!("\"{text}\""))
        }
        _ => message,
    };
    Some((spot.byte, message))
}

/// The words that a bracket may follow and that call nothing with arguments in an order.
const KEYWORDS: [&str; 9] = ["if", "while", "switch", "in", "until", "return", "and", "or", "not"];

/// `round(x, digits: 2)`, also with `=`. The parser stops at the name, or behind it where it is that of a variable.
fn named_argument(error: &ParseErrorType, spot: Spot<'_>) -> Option<(usize, Message)> {
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    let start = spot.before().trim_end().trim_end_matches(is_name).len();
    let start = if spot.rest().starts_with([':', '=']) { start } else { spot.byte };
    let rest = Spot { byte: start, ..spot }.rest();
    let name = &rest[..rest.find(|letter| !is_name(letter))?];
    let behind = rest[name.len()..].trim_start();
    // Behind the name of a variable, `=` is a comparison that lacks its second sign.
    let is_unknown = matches!(error, ParseErrorType::VariableUndefined(_));
    let signs: &[char] = if is_unknown { &[':', '='] } else { &[':'] };
    let value = behind.strip_prefix(signs)?;
    let (bracket, function) = open_bracket(spot.text, start)?;
    let is_call = !function.is_empty() && !KEYWORDS.contains(&function);
    let is_argument = bracket == "(" && spot.text[..start].trim_end().ends_with(['(', ',']);
    if name.is_empty() || !is_call || !is_argument || value.starts_with([':', '=']) {
        return None;
    }
    let help = match usage(function) {
        Some(usage) => format!("write the value alone, in its place, as in {usage}"),
        None => "write the value alone, in its place".to_owned(),
    };
    let message =
        message(format!("arguments have no names, and this one is called `{name}`"), help);
    let written = &rest[..rest.len() - value.trim_start().len()];
    Some((start, message.rewriting(written, "")))
}

/// `#{ accountType = "ACTIVE" }`
fn equals_sign_in_map(spot: Spot<'_>) -> Option<(usize, Message)> {
    let is_sign = spot.rest().starts_with('=') && !spot.rest().starts_with("==");
    let (bracket, _) = open_bracket(spot.text, spot.byte).filter(|_| is_sign)?;
    let pieces = split_pieces(spot.before());
    let [.., before, key] = &pieces[..] else { return None };
    let is_key = matches!(key.kind, PieceKind::Word | PieceKind::Quoted)
        && (before.is("#{") || before.is(","));
    if bracket != "#{" || !is_key {
        return None;
    }
    let help = format!("in a map a `:` stands behind the name: #{{ {}: \"...\" }}", key.text);
    let message = message("`=` can't stand here", help);
    Some((spot.byte, message.rewriting("=", ":")))
}

/// `== null`, for a word that other languages have for a missing value.
fn compared_with_null(spot: Spot<'_>) -> Option<(usize, Message)> {
    let word = first_word(spot.rest());
    if !["null", "nil", "undefined", "none"].contains(&word.to_lowercase().as_str()) {
        return None;
    }
    let found = comparison_with_nothing(spot.text, spot.byte..spot.byte + word.len())?;
    let what = format!("nothing is compared with `{word}`: a missing value equals no other");
    let message = message(what, format!("write {}", found.to_write()));
    Some((spot.byte, message.rewriting_bytes(spot.text, found.written, found.test)))
}

/// `is null` and `is not null`, as in SQL.
fn is_null(spot: Spot<'_>) -> Option<(usize, Message)> {
    let is = first_word(spot.rest());
    let mut rest = spot.rest()[is.len()..].trim_start();
    let not = first_word(rest);
    let is_negated = not.eq_ignore_ascii_case("not");
    if is_negated {
        rest = rest[not.len()..].trim_start();
    }
    let null = first_word(rest);
    if !is.eq_ignore_ascii_case("is") || !null.eq_ignore_ascii_case("null") {
        return None;
    }
    let test = if is_negated { ".is_not_null()" } else { ".is_null()" };
    let end = spot.byte + spot.rest().len() - rest.len() + null.len();
    let written = spot.before().trim_end().len()..end;
    let what = format!("`{is}` can't stand here");
    let message = message(what, format!("a missing value is asked for with {test}"));
    Some((spot.byte, message.rewriting_bytes(spot.text, written, test)))
}

fn first_word(text: &str) -> &str {
    text.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::testing::failure;

    #[test]
    fn what_stands_around_a_mistake_tells_what_is_meant() {
        for (script, message) in [
            (
                "top_percent(20%, \"a\");",
                "1:13: a number has no `%`; write 0.2 as a share, or 20 in top_percent(20, ...); a text such as \"20%\" is for the manifest",
            ),
            ("col(\"a\") <> 1;", "1:10: `<>` means nothing here; unequal is written `!=`"),
            (
                "round(col(\"a\"), digits: 2);",
                "1:17: arguments have no names, and this one is called `digits`; write the value alone, in its place, as in round(col(\"orderingPaceDays\") / 7, 1)",
            ),
            (
                "let n = 1; round(col(\"a\"), n: 2);",
                "1:28: arguments have no names, and this one is called `n`; write the value alone, in its place, as in round(col(\"orderingPaceDays\") / 7, 1)",
            ),
            (
                "if (wether = 1) { }",
                "1:5: nothing is named `wether` here; declare it with `let wether = ...`, write a text in \"quotes\", or a column as col(\"wether\")",
            ),
            ("let a = 1; note(a = 2);", "1:19: `=` can't stand here; a comparison is written `==`"),
            (
                "let m = #{ a: 1, b = 2 };",
                "1:20: `=` can't stand here; in a map a `:` stands behind the name: #{ b: \"...\" }",
            ),
            (
                "let m = #{ a: col(\"b\") = 2 };",
                "1:24: `=` can't stand here; a comparison is written `==`",
            ),
            (
                "col(\"a\") == null;",
                "1:13: nothing is compared with `null`: a missing value equals no other; write col(\"a\").is_null()",
            ),
            (
                "col(\"a\") IS NOT NULL;",
                "1:10: `IS` can't stand here; a missing value is asked for with .is_not_null()",
            ),
            (
                "let a = ‘Joe\"s’;",
                "1:9: `‘` means nothing here; write a text in straight quotes: \"Joe\"",
            ),
        ] {
            assert_eq!(failure(script), message, "{script}");
        }
    }
}
