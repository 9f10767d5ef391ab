//! What people write who know another language, SQL above all.

use crate::messages::wording::{Message, message};

pub(crate) const COMPARISON: &str = "a comparison is written `==`";
pub(crate) const NEGATION: &str = "write not(...), as in not(col(\"city\").is_null())";
/// For the curly quotes of word processors.
pub(crate) fn straight_quotes(text: &str) -> String {
    format!("write a text in straight quotes: \"{text}\"")
}

/// The syntax of another language, SQL above all; `rest` begins with it.
pub(crate) fn foreign_syntax(rest: &str) -> Option<Message> {
    if is_exponent(rest) {
        let (text, help) =
            ("a number has no exponent here", "write 1000 for 1e3, and 0.001 for 1e-3");
        return Some(message(text, help));
    }
    let word: String = rest.chars().take_while(|letter| letter.is_alphabetic()).collect();
    let (written, help) = match word.to_uppercase().as_str() {
        "AND" | "OR" if word != word.to_lowercase() => {
            (word.as_str(), format!("write it small: `{}`", word.to_lowercase()))
        }
        "NOT" => (word.as_str(), NEGATION.into()),
        "IS" => (word.as_str(), "a missing value is asked for with .is_null()".into()),
        "LIKE" => (word.as_str(), "write .like(\"%Grill%\")".into()),
        "ILIKE" => (word.as_str(), "write .ilike(\"%grill%\")".into()),
        "BETWEEN" => (word.as_str(), "write .between(7, 30)".into()),
        "IN" => (word.as_str(), "write .is_one_of([\"A\", \"B\"])".into()),
        "" if rest.starts_with('=') => ("=", COMPARISON.to_owned()),
        _ => return None,
    };
    let message = message(format!("`{written}` can't stand here"), help);
    Some(match written {
        "=" => message.rewriting("=", "=="),
        word if ["AND", "OR"].contains(&word.to_uppercase().as_str()) => {
            message.rewriting(word, word.to_lowercase())
        }
        _ => message,
    })
}

/// Whether a text starts with what stands behind the digits in `1e3` and `1e-3`.
fn is_exponent(rest: &str) -> bool {
    let behind = rest.strip_prefix(['e', 'E']).map(|behind| behind.trim_start_matches(['+', '-']));
    behind.is_some_and(|behind| behind.starts_with(|first: char| first.is_ascii_digit()))
}

pub(crate) fn reserved(word: &str) -> Message {
    let help = match word {
        "null" | "nil" | "undefined" | "void" => {
            "a missing value is written (); whether a column has one, .is_null() asks"
        }
        "#" | "--" => "a comment begins with //",
        "var" => "declare it with let",
        "is" => "compare with ==",
        "match" | "case" => {
            "use switch for a value of the script, and arms in .set(...) for columns"
        }
        _ => "choose another name",
    };
    let meant = match word {
        "null" | "nil" | "undefined" | "void" => "()",
        "#" | "--" => "//",
        "var" => "let",
        "is" => "==",
        _ => "",
    };
    let what = match word.starts_with(char::is_alphabetic) {
        true => "is a word of the language and can't be used here",
        false => "means nothing here",
    };
    let message = message(format!("`{word}` {what}"), help);
    if meant.is_empty() { message } else { message.rewriting(word, meant) }
}
