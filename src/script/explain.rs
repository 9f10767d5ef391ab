//! The engine's errors in the words of those who write scripts.

use rhai::{Engine, EvalAltResult, ParseError, ParseErrorType, Position};

use super::{Place, ScriptError};
use crate::rule::nearest;

/// A text that does not parse.
pub(super) fn parse_error(error: &ParseError, file: &str) -> ScriptError {
    let place = at(error.position(), file);
    let (message, help) = match error.err_type() {
        ParseErrorType::VariableUndefined(name) => undefined(name),
        ParseErrorType::Reserved(word) => (
            format!("`{word}` is a word of the language and can't be used here"),
            Some("choose another name".into()),
        ),
        ParseErrorType::DuplicatedProperty(name) => {
            (format!("{name} stands twice in this map"), Some("remove one of the two".into()))
        }
        ParseErrorType::MissingToken(token, what) => (format!("`{token}` is missing {what}"), None),
        ParseErrorType::UnexpectedEOF => (
            "the script ends in the middle of something".into(),
            Some("look for a bracket or quote that is not closed".into()),
        ),
        other => (other.to_string(), None),
    };
    ScriptError::mistake(message, help, place)
}

fn undefined(name: &str) -> (String, Option<String>) {
    let help = match name {
        "null" | "NULL" | "None" | "nil" => "a missing value is written ()".to_owned(),
        "True" | "TRUE" => "write true".to_owned(),
        "False" | "FALSE" => "write false".to_owned(),
        _ => format!(
            "declare it with `let {name} = ...`, write a text in \"quotes\", or a column as col(\"{name}\")"
        ),
    };
    (format!("nothing is named `{name}` here"), Some(help))
}

/// A script that failed while it ran.
pub(super) fn run_error(error: &EvalAltResult, engine: &Engine, file: &str) -> ScriptError {
    let place = place(error, file);
    let inner = innermost(error);
    if let Some((name, value)) = limit(inner, engine) {
        return ScriptError::limit(name, value, place);
    }
    let (message, help) = match inner {
        EvalAltResult::ErrorFunctionNotFound(signature, _) => unknown_function(signature, engine),
        EvalAltResult::ErrorVariableNotFound(name, _) => undefined(name),
        EvalAltResult::ErrorPropertyNotFound(name, _) => (
            format!("this map has no entry {name}"),
            Some("look at what is in it with show(map.keys())".into()),
        ),
        EvalAltResult::ErrorMismatchDataType(wanted, found, _) => mismatch(wanted, found),
        EvalAltResult::ErrorParsing(parse, _) => (parse.to_string(), None),
        EvalAltResult::ErrorRuntime(message, _) => (message.to_string(), None),
        other => (plain(other), None),
    };
    ScriptError::mistake(message, help, place)
}

/// The engine's own text, without its position.
fn plain(error: &EvalAltResult) -> String {
    let text = error.to_string();
    text.split(" (line ").next().unwrap_or(&text).to_owned()
}

fn limit(error: &EvalAltResult, engine: &Engine) -> Option<(&'static str, String)> {
    match error {
        EvalAltResult::ErrorTooManyOperations(_) => {
            Some(("operations", engine.max_operations().to_string()))
        }
        EvalAltResult::ErrorTooManyVariables(_) => {
            Some(("variables", engine.max_variables().to_string()))
        }
        EvalAltResult::ErrorTooManyModules(_) => {
            Some(("modules", engine.max_modules().to_string()))
        }
        EvalAltResult::ErrorStackOverflow(_) => {
            Some(("call_depth", engine.max_call_levels().to_string()))
        }
        EvalAltResult::ErrorDataTooLarge(what, _) if what.contains("string") => {
            Some(("text_bytes", engine.max_string_size().to_string()))
        }
        EvalAltResult::ErrorDataTooLarge(what, _) if what.contains("array") => {
            Some(("list_elements", engine.max_array_size().to_string()))
        }
        EvalAltResult::ErrorDataTooLarge(..) => {
            Some(("map_entries", engine.max_map_size().to_string()))
        }
        _ => None,
    }
}

fn mismatch(wanted: &str, found: &str) -> (String, Option<String>) {
    if found == "column expression" && wanted == "bool" {
        return (
            "`&&`, `||`, `!`, `if` and `switch` can't look at a column: its value differs from row to row".into(),
            Some("write `and`, `or`, `not(...)`, or arms in .set(\"column\", [[condition, value], ...])".into()),
        );
    }
    (format!("{} is needed here, and this is {}", friendly(wanted), friendly(found)), None)
}

/// A function that does not exist, or not for such arguments.
fn unknown_function(signature: &str, engine: &Engine) -> (String, Option<String>) {
    let (name, arguments) = signature.split_once('(').unwrap_or((signature, ""));
    let name = name.trim();
    let arguments: Vec<String> = arguments
        .trim_end_matches(')')
        .split(',')
        .map(|one| friendly(one.trim()))
        .filter(|one| !one.is_empty())
        .collect();
    let known = functions(engine);
    let arities: Vec<usize> =
        known.iter().filter(|(known, _)| known == name).map(|(_, arity)| *arity).collect();
    if arities.is_empty() {
        let near = nearest(name, known.iter().map(|(name, _)| name.as_str()));
        let help = near.map_or_else(
            || "docs/script-api.md lists what there is".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        return (format!("there is no function `{name}`"), Some(help));
    }
    let given = if arguments.is_empty() { "nothing".to_owned() } else { arguments.join(", ") };
    let help = (!arities.contains(&arguments.len()))
        .then(|| format!("it is called with {}", counts(&arities)));
    (format!("`{name}` can't be used with {given}"), help)
}

/// "1 or 2 arguments, counting the value before the dot"
fn counts(arities: &[usize]) -> String {
    let mut sorted = arities.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let texts: Vec<String> = sorted.iter().map(ToString::to_string).collect();
    format!("{} arguments, counting the value before the dot", texts.join(" or "))
}

/// The functions of our own API by name and number of arguments. Rhai's are left out: a suggestion should
/// lead to what the documentation describes.
fn functions(engine: &Engine) -> Vec<(String, usize)> {
    let named = |name: &str| name.starts_with(|first: char| first.is_ascii_alphabetic());
    engine
        .collect_fn_metadata(
            None,
            |info| Some((info.metadata.name.to_string(), info.metadata.num_params)),
            false,
        )
        .into_iter()
        .filter(|(name, _)| named(name))
        .collect()
}

/// A type of the engine as people call it.
fn friendly(name: &str) -> String {
    let bare = name.trim_start_matches("&mut ").split(" | ").next().unwrap_or(name);
    let bare = bare.rsplit("::").next().unwrap_or(bare).trim_start_matches('&');
    match bare {
        "" => String::new(),
        "str" | "ImmutableString" | "String" | "string" => "a text".into(),
        "i64" => "a whole number".into(),
        "f64" | "decimal" | "Decimal" => "a number".into(),
        "bool" => "true or false".into(),
        "array" | "Array" | "Vec<rhai::Dynamic>" => "a list".into(),
        "map" | "Map" => "a map".into(),
        "()" => "()".into(),
        "Expr" | "column expression" => "a column".into(),
        "Period" | "period" => "a period".into(),
        "Selection" | "table" => "a table".into(),
        other => format!("a {}", other.to_lowercase()),
    }
}

/// Where an error happened: the innermost place that is known.
pub(super) fn place(error: &EvalAltResult, file: &str) -> Option<Place> {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, source, inner, position) => {
            let within = if source.is_empty() { file } else { source };
            place(inner, within).or_else(|| at(*position, file))
        }
        EvalAltResult::ErrorInModule(path, inner, position) => {
            let name = path.strip_prefix("lib/").unwrap_or(path);
            let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
            place(inner, &format!("{folder}/lib/{name}.rhai")).or_else(|| at(*position, file))
        }
        other => at(other.position(), file),
    }
}

fn innermost(error: &EvalAltResult) -> &EvalAltResult {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _)
        | EvalAltResult::ErrorInModule(_, inner, _) => innermost(inner),
        other => other,
    }
}

fn at(position: Position, file: &str) -> Option<Place> {
    let line = position.line()?;
    Some(Place { file: file.to_owned(), line, column: position.position().unwrap_or(1) })
}
