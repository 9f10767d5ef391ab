//! The engine's errors in the words of those who write scripts: a text that does not parse.

use leora_folder::{Limits, SourceFile};
use leora_rule::nearest;
use rhai::{LexError, ParseError, ParseErrorType};

use crate::ScriptError;
use crate::api::usage;
use crate::engine::OUT_OF_TIME;
use crate::messages::runtime::{Words, at, lowered};

/// A text that does not parse.
pub(crate) fn parse_error(error: &ParseError, source: &SourceFile, limits: &Limits) -> ScriptError {
    let place = at(error.position(), &source.path);
    let limit = |name, value: u64| ScriptError::limit(name, value, place.clone());
    match error.err_type() {
        ParseErrorType::ExprTooDeep => return limit("expression_depth", limits.expression_depth),
        ParseErrorType::TooManyFunctions => return limit("functions", limits.functions),
        ParseErrorType::BadInput(LexError::Runtime(why)) if why == OUT_OF_TIME => {
            return ScriptError::limit("time", format!("{} s", limits.time), place);
        }
        ParseErrorType::LiteralTooLarge(..) => return limit("text_bytes", limits.text_bytes),
        _ => {}
    }
    let rest = place.as_ref().map_or("", |place| {
        let line = source.text.lines().nth(place.line - 1).unwrap_or_default();
        line.char_indices().nth(place.column - 1).map_or("", |(at, _)| &line[at..])
    });
    let (message, help) = match error.err_type() {
        ParseErrorType::VariableUndefined(name) => undefined(name, &source.text),
        other => words(other, rest),
    };
    ScriptError::mistake(message, help, place)
}

/// What is wrong, and what to do; `rest` is the line from there on.
pub(crate) fn words(error: &ParseErrorType, rest: &str) -> Words {
    let (message, help) = match error {
        ParseErrorType::BadInput(error) => return unreadable(error),
        ParseErrorType::VariableUndefined(name) => return undefined(name, ""),
        ParseErrorType::MissingToken(token, what) => return missing(token, what, rest),
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
        ParseErrorType::ModuleUndefined(name) => (
            format!("no module is named {name} here"),
            "import it first: import \"lib/name\" as name;",
        ),
        other => return (lowered(&other.to_string()).replace("Expecting", "expecting"), None),
    };
    (message, Some(help.to_owned()))
}

fn missing(token: &str, what: &str, rest: &str) -> Words {
    if let Some(words) = foreign(rest) {
        return words;
    }
    if what.contains("index expression") {
        return (
            "a `,` is missing between two lists: this one is read as belonging to the one before it".into(),
            Some("separate the arms: [[condition, value], [condition, value]]".into()),
        );
    }
    if token == ";" {
        return match rest.chars().next() {
            Some(bracket @ (')' | ']' | '}')) => (
                format!("this `{bracket}` closes nothing"),
                Some("remove it, or open it further up".into()),
            ),
            _ => (
                "a `;` is missing before this".into(),
                Some("end the statement before it with `;`".into()),
            ),
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
    (format!("`{token}` is missing {what}"), help)
}

fn unreadable(error: &LexError) -> Words {
    match error {
        LexError::UnterminatedString => (
            "this text has no closing quote".into(),
            Some("end it with the quote that opens it".into()),
        ),
        LexError::MalformedChar(text) => {
            let bare = text.trim_matches('\'');
            (
                format!("'{bare}' is in single quotes"),
                Some(format!("write a text in double quotes: \"{bare}\"")),
            )
        }
        LexError::MalformedEscapeSequence(text) => (
            format!("{text} means nothing inside quotes"),
            Some("write \\\\ for a backslash and \\\" for a quote".into()),
        ),
        LexError::ImproperSymbol(word, text) if text.ends_with("is disabled") => switched_off(word),
        LexError::ImproperSymbol(symbol, _) if symbol == "=" || symbol.is_empty() => {
            ("`=` can't stand here".into(), Some(COMPARISON.into()))
        }
        LexError::ImproperSymbol(symbol, text) => {
            let meant = text.rsplit('\'').nth(1).filter(|meant| meant != symbol);
            (
                format!("`{symbol}` can't stand here"),
                meant.map(|meant| format!("did you mean `{meant}`?")),
            )
        }
        LexError::UnexpectedInput(text) => {
            let quoted = text.contains(['“', '”', '„', '‘', '’', '«', '»']);
            let help = match text.as_str() {
                ">" => Some("unequal is written `!=`".to_owned()),
                _ => quoted.then(|| STRAIGHT.to_owned()),
            };
            (format!("`{text}` means nothing here"), help)
        }
        LexError::MalformedNumber(text) => (format!("`{text}` is no number"), None),
        other => (lowered(&other.to_string()), None),
    }
}

/// For a single `=`.
const COMPARISON: &str = "a comparison is written `==`";
/// For NOT.
const NEGATION: &str = "write not(...), as in not(col(\"city\").is_null())";
/// For the quotes that word processors make.
const STRAIGHT: &str = "write a text in straight quotes: \"ACTIVE\"";

/// What is written as another language has it, SQL above all; `rest` begins with it.
fn foreign(rest: &str) -> Option<Words> {
    let word: String = rest.chars().take_while(|letter| letter.is_alphabetic()).collect();
    let (written, help) = match word.to_uppercase().as_str() {
        "AND" | "OR" if word != word.to_lowercase() => {
            (word.as_str(), format!("write it small: `{}`", word.to_lowercase()))
        }
        "NOT" => (word.as_str(), NEGATION.into()),
        "IS" => (word.as_str(), "a missing value is asked for with .is_null()".into()),
        "LIKE" | "ILIKE" | "BETWEEN" => {
            (word.as_str(), "docs/script-api.md lists what can be asked of a column".into())
        }
        "IN" => (word.as_str(), "write .is_one_of([\"A\", \"B\"])".into()),
        "" if rest.starts_with('=') => ("=", COMPARISON.to_owned()),
        _ => return None,
    };
    Some((format!("`{written}` can't stand here"), Some(help)))
}

fn switched_off(word: &str) -> Words {
    let help = match word {
        "curry" => "write a closure that names the value, as in |x| f(1, x)",
        _ => "write what it should do into the script itself",
    };
    (format!("`{word}` is switched off in scripts"), Some(help.into()))
}

fn reserved(word: &str) -> Words {
    let help = match word {
        "null" | "nil" | "undefined" | "void" => "a missing value is written ()",
        "var" => "declare it with let",
        "is" => "compare with ==",
        "match" | "case" => {
            "use switch for a value of the script, and arms in .set(...) for columns"
        }
        _ => "choose another name",
    };
    (format!("`{word}` is a word of the language and can't be used here"), Some(help.into()))
}

/// A name that stands for nothing; `text` is the script.
pub(crate) fn undefined(name: &str, text: &str) -> Words {
    let sql = ["SELECT", "UPDATE", "INSERT", "DELETE", "ALTER", "CREATE", "DROP", "WITH", "BEGIN"];
    let help = match name {
        "NULL" | "None" => "a missing value is written ()".to_owned(),
        "True" | "TRUE" => "write true".to_owned(),
        "False" | "FALSE" => "write false".to_owned(),
        "NOT" | "Not" => NEGATION.to_owned(),
        _ if sql.contains(&name) => {
            "this looks like SQL: put it into a file for run_sql(\"file.sql\"), or change rows with update(\"Table\").where(...).set(...)".into()
        }
        _ => match (usage(name), nearest(name, declared(text))) {
            (Some(usage), _) => format!("it is a function: write it like {usage}"),
            (None, Some(near)) => format!("did you mean `{near}`?"),
            (None, None) => format!(
                "declare it with `let {name} = ...`, write a text in \"quotes\", or a column as col(\"{name}\")"
            ),
        },
    };
    (format!("nothing is named `{name}` here"), Some(help))
}

/// The names that a script declares.
fn declared(text: &str) -> impl Iterator<Item = &str> {
    let words =
        text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
    let mut before = "";
    words.filter(move |word| {
        let declares = matches!(before, "let" | "const" | "for");
        before = word;
        declares
    })
}
