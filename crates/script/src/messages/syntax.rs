//! The engine's errors for a text that does not parse, in the words of those who write scripts.

use leora_folder::{Limits, SourceFile};
use leora_report::Place;
use leora_rule::{is_unprintable, nearest};
use rhai::{LexError, ParseError, ParseErrorType};

use crate::ScriptError;
use crate::api::usage;
use crate::engine::is_out_of_time;
use crate::messages::brackets::unclosed;
use crate::messages::foreign_syntax::{COMPARISON, NEGATION, foreign_syntax, reserved};
use crate::messages::in_context::in_context;
use crate::messages::surroundings::{Spot, end_of_code_before};
use crate::messages::wording::{Message, lower_first, message, not_imported};
use crate::syntax_tree::position::place;

pub(crate) fn parse_error(error: &ParseError, source: &SourceFile, limits: &Limits) -> ScriptError {
    let place = place(error.position(), &source.path);
    let limit = |name, value: u64| ScriptError::limit(name, value, place.clone());
    match error.err_type() {
        ParseErrorType::ExprTooDeep => return limit("expression_depth", limits.expression_depth),
        ParseErrorType::TooManyFunctions => return limit("functions", limits.functions),
        ParseErrorType::BadInput(error) if is_out_of_time(error) => {
            return ScriptError::limit("time", format!("{} s", limits.time), place);
        }
        ParseErrorType::LiteralTooLarge(..) => return limit("text_bytes", limits.text_bytes),
        _ => {}
    }
    if let Some((position, message)) = unclosed(error, &source.text) {
        return mistake(message, self::place(position, &source.path), source);
    }
    let text = &source.text;
    let byte = place.as_ref().map_or(text.len(), |place| place.byte_offset(text));
    let spot = Spot { text, byte };
    if let Some((byte, message)) = in_context(error.err_type(), spot) {
        return mistake(message, Some(Place::from_byte_offset(&*source.path, text, byte)), source);
    }
    let message = match error.err_type() {
        ParseErrorType::VariableUndefined(name) => undefined_name(name, text),
        other => describe_parse_error(other, spot),
    };
    mistake(message, place, source)
}

fn mistake(message: Message, place: Option<Place>, source: &SourceFile) -> ScriptError {
    let Message { text, help, rewrite } = message;
    let fix = rewrite.zip(place.as_ref());
    let fix = fix.and_then(|(rewrite, place)| rewrite.at(place, &source.text));
    ScriptError { fix, ..ScriptError::mistake(text, help, place) }
}

pub(crate) fn describe_parse_error(error: &ParseErrorType, spot: Spot<'_>) -> Message {
    let rest = spot.rest();
    let (message, help) = match error {
        ParseErrorType::BadInput(error) => return unreadable(error),
        ParseErrorType::VariableUndefined(name) => return undefined_name(name, ""),
        ParseErrorType::MissingToken(token, what) => return missing(token, what, spot),
        ParseErrorType::Reserved(word) => return reserved(word),
        ParseErrorType::PropertyExpected if rest.starts_with("curry") => {
            return switched_off("curry");
        }
        ParseErrorType::PropertyExpected => {
            ("a name is needed after the dot".into(), "write the method there, as in .where(...)")
        }
        ParseErrorType::DuplicatedProperty(name) => {
            (format!("{name} stands twice in this map"), "remove one of the two")
        }
        ParseErrorType::UnexpectedEOF => (
            "the script ends in the middle of something".into(),
            "look for a bracket or quote that is not closed",
        ),
        ParseErrorType::AssignmentToConstant(name) => {
            (format!("{name} is a constant and can't be changed"), "declare it with let")
        }
        ParseErrorType::ModuleUndefined(name) => return not_imported(name),
        other => {
            let text = lower_first(&other.to_string()).replace("Expecting", "expecting");
            return (text, None).into();
        }
    };
    self::message(message, help)
}

fn missing(token: &str, what: &str, spot: Spot<'_>) -> Message {
    let rest = spot.rest();
    if let Some(message) = foreign_syntax(rest) {
        return message;
    }
    if is_list_after_list(what) {
        return message(
            "a `,` is missing between two lists: this one is read as belonging to the one before it",
            "separate the arms: [[condition, value], [condition, value]]",
        );
    }
    if token == ";" {
        return match rest.chars().next() {
            Some(bracket @ (')' | ']' | '}')) => message(
                format!("this `{bracket}` closes nothing"),
                "remove it, or open it further up",
            )
            .rewriting(&bracket.to_string(), ""),
            _ => missing_semicolon(spot),
        };
    }
    let what = what
        .replace("the arguments list of this function call", "the call of")
        .replace("the items of this array literal", "the elements of this list")
        .replace("this array literal", "this list")
        .replace("the properties of this object map literal", "the entries of this map")
        .replace("this object map literal", "this map")
        .replace('\'', "");
    let help = match token {
        "," => Some("write , between the parts, and close the bracket at the end".to_owned()),
        ")" | "]" | "}" => Some(format!("add `{token}`, or the , that should stand here")),
        _ => None,
    };
    (format!("`{token}` is missing {what}"), help).into()
}

/// What ends a statement is only certain where another begins: at the start of a line, or with a word that begins one.
fn missing_semicolon(spot: Spot<'_>) -> Message {
    let message = message("a `;` is missing before this", "end the statement before it with `;`");
    let begins_line = spot.before().trim_end_matches([' ', '\t']).ends_with('\n');
    let word = spot.rest().split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    if begins_line || ["let", "const", "import"].contains(&word) {
        let end = end_of_code_before(spot.text, spot.byte);
        return message.rewriting_bytes(spot.text, end..end, ";");
    }
    message
}

/// Whether a bracket is missing because a list right after another is read as its index. The engine says in a text alone
/// where the token is missing.
fn is_list_after_list(what: &str) -> bool {
    what.contains("index expression")
}

/// The engine says in a text alone why it refuses a symbol.
fn is_switched_off(why: &str) -> bool {
    why.ends_with("is disabled")
}

fn unreadable(error: &LexError) -> Message {
    match error {
        LexError::UnterminatedString => {
            message("this text has no closing quote", "end it with the quote that opens it")
        }
        LexError::MalformedChar(text) => {
            let bare = text.trim_matches('\'');
            let quoted = format!("\"{bare}\"");
            message(
                format!("'{bare}' is in single quotes"),
                format!("write a text in double quotes: {quoted}"),
            )
            .rewriting(&format!("'{bare}'"), quoted)
        }
        LexError::MalformedEscapeSequence(text) => message(
            format!("{text} means nothing inside quotes"),
            "write \\\\ for a backslash and \\\" for a quote",
        ),
        LexError::ImproperSymbol(word, text) if is_switched_off(text) => switched_off(word),
        LexError::ImproperSymbol(symbol, _) if symbol == "=" || symbol.is_empty() => {
            message("`=` can't stand here", COMPARISON).rewriting("=", "==")
        }
        LexError::ImproperSymbol(symbol, text) => {
            let what = format!("`{symbol}` can't stand here");
            match text.rsplit('\'').nth(1).filter(|meant| meant != symbol) {
                Some(meant) => {
                    message(what, format!("did you mean `{meant}`?")).rewriting(symbol, meant)
                }
                None => (what, None).into(),
            }
        }
        LexError::UnexpectedInput(text) => {
            let help = match text.as_str() {
                "else" => Some("the arm for all other rows is [ otherwise, value ]".to_owned()),
                _ => None,
            };
            let is_invisible = |letter: &char| letter.is_whitespace() || is_unprintable(*letter);
            match text.chars().next().filter(is_invisible) {
                Some(letter) => message(
                    format!(
                        "the invisible character U+{:04X} means nothing here",
                        u32::from(letter)
                    ),
                    "write a plain space in its place, or nothing",
                )
                .rewriting(text, " "),
                None => {
                    let message = Message::from((format!("`{text}` means nothing here"), help));
                    match text.as_str() {
                        "else" => message.rewriting("else", "otherwise"),
                        _ => message,
                    }
                }
            }
        }
        LexError::MalformedNumber(text) if text.parse::<f64>().is_ok() => message(
            format!("{text} has more digits than a number can have"),
            "a number has at most 28 digits, before and after the point",
        ),
        LexError::MalformedNumber(text) => (format!("`{text}` is no number"), None).into(),
        other => (lower_first(&other.to_string()), None).into(),
    }
}

fn switched_off(word: &str) -> Message {
    let help = match word {
        "curry" => "write a closure that names the value, as in |x| f(1, x)",
        _ => "write what it should do into the script itself",
    };
    message(format!("`{word}` is switched off in scripts"), help)
}

/// `text` is the script, whose own names are suggested.
pub(crate) fn undefined_name(name: &str, text: &str) -> Message {
    let sql = ["SELECT", "UPDATE", "INSERT", "DELETE", "ALTER", "CREATE", "DROP", "WITH", "BEGIN"];
    let what = format!("nothing is named `{name}` here");
    let meant = match name {
        "NULL" | "None" => Some("()"),
        "True" | "TRUE" => Some("true"),
        "False" | "FALSE" => Some("false"),
        _ if sql.contains(&name) || usage(name).is_some() => None,
        _ => nearest(name, declared_names(text)),
    };
    let help = match name {
        "NULL" | "None" => "a missing value is written ()".to_owned(),
        "True" | "TRUE" => "write true".to_owned(),
        "False" | "FALSE" => "write false".to_owned(),
        "NOT" | "Not" => NEGATION.to_owned(),
        _ if sql.contains(&name) => {
            "this looks like SQL: put it into a file for run_sql(\"file.sql\"), or change rows with update(\"Table\").where(...).set(...)".into()
        }
        _ if is_key_of_a_block(name, text) => {
            format!("a map begins with `#{{`, as in .set(#{{ {name}: \"...\" }})")
        }
        _ => match (usage(name), meant) {
            (Some(usage), _) => format!("it is a function: write it like {usage}"),
            (None, Some(near)) => format!("did you mean `{near}`?"),
            (None, None) => format!(
                "declare it with `let {name} = ...`, write a text in \"quotes\", or a column as col(\"{name}\")"
            ),
        },
    };
    match meant {
        Some(meant) => message(what, help).rewriting(name, meant),
        None => message(what, help),
    }
}

/// Whether the name stands like the first key of a map whose `#` is missing: `{ name: ...`.
fn is_key_of_a_block(name: &str, text: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].trim_end();
        let after = text[at + name.len()..].trim_start();
        before.ends_with('{')
            && !before.ends_with("#{")
            && after.starts_with(':')
            && !after.starts_with("::")
    })
}

fn declared_names(text: &str) -> impl Iterator<Item = &str> {
    let words =
        text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
    let mut before = "";
    words.filter(move |word| {
        let declares = matches!(before, "let" | "const" | "for");
        before = word;
        declares
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::failure;

    #[test]
    fn texts_that_do_not_parse_say_what_is_wrong_and_what_to_do() {
        for (script, message) in [
            (
                "let a = \"x;",
                "1:9: this text has no closing quote; end it with the quote that opens it",
            ),
            (
                "let a = 'ACTIVE';",
                "1:9: 'ACTIVE' is in single quotes; write a text in double quotes: \"ACTIVE\"",
            ),
            ("let a = “x”;", "1:9: `“` means nothing here; write a text in straight quotes: \"x\""),
            (
                "let a = 1 let b = 2;",
                "1:11: a `;` is missing before this; end the statement before it with `;`",
            ),
            ("note(\"x\"));", "1:10: this `)` closes nothing; remove it, or open it further up"),
            ("if col(\"a\") = 1 { }", "1:13: `=` can't stand here; a comparison is written `==`"),
            ("let a = col(\"a\") AND 1;", "1:18: `AND` can't stand here; write it small: `and`"),
            (
                "let a = eval(\"1\");",
                "1:9: `eval` is switched off in scripts; write what it should do into the script itself",
            ),
            (
                "let a = null;",
                "1:9: `null` is a word of the language and can't be used here; a missing value is written (); whether a column has one, .is_null() asks",
            ),
            (
                "let within = 1; note(witin);",
                "1:22: nothing is named `witin` here; did you mean `within`?",
            ),
            (
                "let share = 20%; share;",
                "1:13: a number has no `%`; write 0.2 as a share, or 20 in top_percent(20, ...); a text such as \"20%\" is for the manifest",
            ),
            (
                "let a = [else, 1];",
                "1:10: `else` means nothing here; the arm for all other rows is [ otherwise, value ]",
            ),
            (
                "let a =\u{a0}1;",
                "1:8: the invisible character U+00A0 means nothing here; write a plain space in its place, or nothing",
            ),
            ("# note", "1:1: `#` means nothing here; a comment begins with //"),
            ("-- note", "1:1: `--` means nothing here; a comment begins with //"),
            (
                "update(\"T\").set({ c: 1 });",
                "1:19: nothing is named `c` here; a map begins with `#{`, as in .set(#{ c: \"...\" })",
            ),
            ("let a = NULL;", "1:9: nothing is named `NULL` here; a missing value is written ()"),
            ("let a = #{ A: 1, A: 2 };", "1:18: A stands twice in this map; remove one of the two"),
            (
                "let a = [[1, 2] [3, 4]];",
                "1:19: a `,` is missing between two lists: this one is read as belonging to the one before it; separate the arms: [[condition, value], [condition, value]]",
            ),
        ] {
            assert_eq!(failure(script), message, "{script}");
        }
    }
}
