//! The engine's errors in the words of those who write scripts: while a script runs.

use std::collections::BTreeMap;

use leora_folder::Limits;
use leora_report::Place;
use leora_rule::nearest;
use rhai::{AST, Engine, EvalAltResult, Position};

use crate::api::usage;
use crate::messages::syntax as explain_syntax;
use crate::messages::type_names::{listed, sort_of};
use crate::{ScriptError, size_limit as weight};

/// What a message says, and what to do.
pub(crate) type Words = (String, Option<String>);

/// What a script can call: the API, its own functions, and those of the modules.
pub(crate) struct Callable<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) script: &'a AST,
    pub(crate) modules: &'a BTreeMap<String, AST>,
}

/// A script that failed while it ran.
pub(crate) fn run_error(error: &EvalAltResult, callable: &Callable<'_>, file: &str) -> ScriptError {
    let place = place(error, file);
    let inner = innermost(error);
    if let Some((name, value)) = limit(inner, callable.engine) {
        return ScriptError::limit(name, value, place);
    }
    let (message, help) = match inner {
        EvalAltResult::ErrorFunctionNotFound(signature, _) => unknown_function(signature, callable),
        EvalAltResult::ErrorMismatchDataType(wanted, found, _)
        | EvalAltResult::ErrorMismatchOutputType(wanted, found, _) => mismatch(wanted, found),
        EvalAltResult::ErrorParsing(parse, _) => explain_syntax::words(parse, ""),
        EvalAltResult::ErrorRuntime(thrown, _) => (said(thrown), None),
        other => value_error(other),
    };
    ScriptError::mistake(message, help, place)
}

/// What a script throws, as a text.
fn said(thrown: &rhai::Dynamic) -> String {
    let limits = Limits { text_bytes: 1 << 16, ..Limits::default() };
    match weight::bearable(std::slice::from_ref(thrown), &limits) {
        Ok(()) => thrown.to_string(),
        Err(_) => "the script threw a value that is too long to be shown".into(),
    }
}

/// A value that is not what the script takes it for.
fn value_error(error: &EvalAltResult) -> Words {
    let counted = "elements are counted from 0; ask .len() first";
    let (message, help) = match error {
        EvalAltResult::ErrorVariableNotFound(name, _) => {
            return explain_syntax::undefined(name, "");
        }
        EvalAltResult::ErrorPropertyNotFound(name, _) => (
            format!("this map has no entry {name}"),
            "ask for its entries with .keys(), or whether it has one with .contains(\"name\")",
        ),
        EvalAltResult::ErrorArrayBounds(length, index, _) => {
            (format!("there is no element [{index}]: the list has {length}"), counted)
        }
        EvalAltResult::ErrorStringBounds(length, index, _) => {
            (format!("there is no character [{index}]: the text has {length}"), counted)
        }
        EvalAltResult::ErrorIndexNotFound(index, _) => {
            (format!("there is nothing at [{index}]"), counted)
        }
        EvalAltResult::ErrorIndexingType(what, _) => (
            format!("{} has no elements, so [...] means nothing on it", sort_of(first_word(what))),
            "[...] is for lists, maps and texts",
        ),
        EvalAltResult::ErrorFor(_) => (
            "`for` can't go through this value".into(),
            "`for` goes through a list, such as table(\"Tenant\").rows([\"id\"]), or a range such as 0..10",
        ),
        EvalAltResult::ErrorDotExpr(text, _) => return property(text),
        EvalAltResult::ErrorModuleNotFound(name, _) => (
            format!("no module is named {name} here"),
            "import it first: import \"lib/name\" as name;",
        ),
        EvalAltResult::ErrorAssignmentToConstant(name, _)
        | EvalAltResult::ErrorNonPureMethodCallOnConstant(name, _) => {
            (format!("{name} can't change a constant"), "declare it with let instead of const")
        }
        other => return (plain(other), None),
    };
    (message, Some(help.to_owned()))
}

/// `Unknown property 'x' - a getter is not registered for type 'y'`
fn property(text: &str) -> Words {
    let quoted: Vec<&str> = text.split('\'').skip(1).step_by(2).collect();
    match quoted.as_slice() {
        [name, "()", ..] => (
            format!("() has no `{name}`: nothing was found to ask it of"),
            Some("test for it first, as in if found != () { ... }".into()),
        ),
        [name, type_name, ..] => (
            format!("{} has no `{name}`", sort_of(type_name)),
            Some("docs/script-api.md lists what each thing has".into()),
        ),
        _ => (lowered(text), None),
    }
}

fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or(text)
}

/// The engine's own text, without its position.
fn plain(error: &EvalAltResult) -> String {
    let text = error.to_string();
    lowered(text.split(" (line ").next().unwrap_or(&text))
}

/// A text that starts small, as our messages do.
pub(crate) fn lowered(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().collect::<String>() + letters.as_str()
    })
}

fn limit(error: &EvalAltResult, engine: &Engine) -> Option<(&'static str, String)> {
    let (name, value) = match error {
        EvalAltResult::ErrorTooManyVariables(_) => ("variables", engine.max_variables()),
        EvalAltResult::ErrorTooManyModules(_) => ("modules", engine.max_modules()),
        EvalAltResult::ErrorStackOverflow(_) => ("call_depth", engine.max_call_levels()),
        EvalAltResult::ErrorDataTooLarge(what, _) => {
            let what = what.to_lowercase();
            if what.contains("string") {
                ("text_bytes", engine.max_string_size())
            } else if what.contains("array") {
                ("list_elements", engine.max_array_size())
            } else {
                ("map_entries", engine.max_map_size())
            }
        }
        _ => return None,
    };
    Some((name, value.to_string()))
}

fn mismatch(wanted: &str, found: &str) -> Words {
    let (wanted, found) = (sort_of(wanted), sort_of(found));
    if found == "a column" && wanted == "true or false" {
        return column_as_truth();
    }
    (format!("{wanted} is needed here, and this is {found}"), None)
}

/// A column where the language wants true or false at once.
pub(crate) fn column_as_truth() -> Words {
    (
        "`&&`, `||`, `!`, `if`, `while` and `switch` can't look at a column: its value differs from row to row".into(),
        Some("write `and`, `or`, `not(...)`, or arms in .set(\"column\", [[condition, value], ...])".into()),
    )
}

/// A function that does not exist, or not for such arguments.
fn unknown_function(signature: &str, callable: &Callable<'_>) -> Words {
    let (name, arguments) = signature.split_once('(').unwrap_or((signature, ""));
    let name = name.trim();
    let arguments: Vec<String> = arguments
        .trim_end_matches(')')
        .split(',')
        .map(|one| sort_of(one.trim()))
        .filter(|one| !one.is_empty())
        .collect();
    if name == "!" && arguments == ["a column"] {
        return column_as_truth();
    }
    if let Some((module, function)) = name.split_once("::") {
        return unknown_in_module(module, function, callable);
    }
    if let Some(written) = own_function(callable.script, name) {
        let given = counted(arguments.len());
        return (format!("`{name}` is called with {given}"), Some(format!("it is {written}")));
    }
    if !name.starts_with(|first: char| first.is_alphabetic() || first == '_')
        || is_known(callable.engine, name)
    {
        return not_for_these(name, &arguments);
    }
    let own: Vec<String> =
        callable.script.iter_functions().map(|one| one.name.to_owned()).collect();
    let api = api_functions(callable.engine);
    let near = nearest(name, own.iter().chain(&api).map(String::as_str));
    let help = near.map_or_else(
        || "docs/script-api.md lists what there is".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    (format!("there is no function `{name}`"), Some(help))
}

/// "no arguments", "1 argument", "2 arguments"
pub(crate) fn counted(arguments: usize) -> String {
    match arguments {
        0 => "no arguments".into(),
        1 => "1 argument".into(),
        more => format!("{more} arguments"),
    }
}

fn unknown_in_module(module: &str, function: &str, callable: &Callable<'_>) -> Words {
    let names: Vec<&str> = callable
        .modules
        .values()
        .flat_map(|ast| ast.iter_functions().map(|one| one.name))
        .collect();
    let (message, help) = match nearest(function, names.iter().copied()) {
        Some(near) if near == function => (
            format!("`{module}::{function}` is not called as it is declared"),
            "give it as many arguments as it has parameters".into(),
        ),
        near => (
            format!("module {module} has no function `{function}`"),
            near.map_or_else(
                || format!("define it in the file that is imported as {module}"),
                |near| format!("did you mean `{module}::{near}`?"),
            ),
        ),
    };
    (message, Some(help))
}

/// A function of the script's own, as it is declared.
fn own_function(script: &AST, name: &str) -> Option<String> {
    let function = script.iter_functions().find(|one| one.name == name)?;
    Some(format!("fn {name}({})", function.params.join(", ")))
}

fn not_for_these(name: &str, arguments: &[String]) -> Words {
    let message = match arguments {
        [] => format!("`{name}` needs something in its brackets"),
        given => format!("`{name}` can't be used with {}", listed(given)),
    };
    let given = |sort: &str| arguments.iter().any(|argument| argument == sort);
    let help = match usage(name) {
        Some(usage) => Some(format!("write it like {usage}")),
        None if given("a column") => Some(
            "a column can be compared and calculated with, and has is_null(), is_one_of([...]) and within(period)".into(),
        ),
        None if given("a period") => Some("write the whole period at once, such as months(7)".into()),
        None if given("a text") => {
            Some("+ joins texts; parse_int(text) and parse_float(text) make numbers of them".into())
        }
        None => None,
    };
    (message, help)
}

/// Whether the engine has a function of this name, of the API or of the language itself.
fn is_known(engine: &Engine, name: &str) -> bool {
    let same = |info: rhai::FuncInfo<'_>| (info.metadata.name == name).then_some(());
    !engine.collect_fn_metadata(None, same, true).is_empty()
}

/// The functions of our own API. Rhai's are left out: a suggestion should lead to what the documentation
/// describes.
fn api_functions(engine: &Engine) -> Vec<String> {
    let names =
        engine.collect_fn_metadata(None, |info| Some(info.metadata.name.to_string()), false);
    names.into_iter().filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic())).collect()
}

/// Where an error happened: the innermost place that is known. `file` is the step's.
pub(crate) fn place(error: &EvalAltResult, file: &str) -> Option<Place> {
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    within(error, file, folder)
}

fn within(error: &EvalAltResult, file: &str, folder: &str) -> Option<Place> {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, source, inner, position) => {
            let source = if source.is_empty() { file } else { source };
            within(inner, source, folder).or_else(|| at(*position, file))
        }
        EvalAltResult::ErrorInModule(path, inner, position) => {
            let name = path.strip_prefix("lib/").unwrap_or(path);
            let source = format!("{folder}/lib/{name}.rhai");
            within(inner, &source, folder).or_else(|| at(*position, file))
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

/// A position of the engine as a place.
pub(crate) fn at(position: Position, file: &str) -> Option<Place> {
    let line = position.line()?;
    Some(Place { file: file.to_owned(), line, column: position.position().unwrap_or(1) })
}
