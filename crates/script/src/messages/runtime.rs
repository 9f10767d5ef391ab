//! The engine's errors while a script runs, in the words of those who write scripts.

use std::collections::BTreeMap;

use leora_folder::Limits;
use leora_report::Place;
use leora_rule::nearest;
use rhai::{AST, Dynamic, Engine, EvalAltResult};

use crate::api::usage;
use crate::messages::calls::{
    api_functions, declared, foreign_function, foreign_function_of_related, no_function,
    no_module_function, part_of_date_as_period, wrong_count,
};
use crate::messages::surroundings::Spot;
use crate::messages::syntax::{describe_parse_error, undefined_name};
use crate::messages::type_names::{describe_type, join_with_and};
use crate::messages::wording::{Message, column_as_value, lower_first, message, not_imported};
use crate::syntax_tree::imports::module_name;
use crate::syntax_tree::position::place;
use crate::{ScriptError, size_limit};

pub(crate) struct Callable<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) script: &'a AST,
    pub(crate) modules: &'a BTreeMap<String, AST>,
}

/// `file` is the step's.
pub(crate) fn run_error(error: &EvalAltResult, callable: &Callable<'_>, file: &str) -> ScriptError {
    let place = error_place(error, file);
    let inner = innermost(error);
    if let Some((name, value)) = limit(inner, callable.engine) {
        return ScriptError::limit(name, value, place);
    }
    let Message { text, help, .. } = match inner {
        EvalAltResult::ErrorFunctionNotFound(signature, _) => unknown_function(signature, callable),
        EvalAltResult::ErrorMismatchDataType(wanted, found, _)
        | EvalAltResult::ErrorMismatchOutputType(wanted, found, _) => mismatch(wanted, found),
        EvalAltResult::ErrorParsing(parse, _) => describe_parse_error(parse, Spot::default()),
        EvalAltResult::ErrorRuntime(thrown, _) => (thrown_text(thrown), None).into(),
        other => value_error(other),
    };
    ScriptError::mistake(text, help, place)
}

fn thrown_text(thrown: &Dynamic) -> String {
    let limits = Limits { text_bytes: 1 << 16, ..Limits::default() };
    match size_limit::check_size(std::slice::from_ref(thrown), &limits) {
        Ok(()) => thrown.to_string(),
        Err(_) => "the script threw a value that is too long to be shown".into(),
    }
}

/// A value that is not what the script takes it for.
fn value_error(error: &EvalAltResult) -> Message {
    let counted = "elements are counted from 0; ask .len() first";
    let (message, help) = match error {
        EvalAltResult::ErrorVariableNotFound(name, _) => {
            return undefined_name(name, "");
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
            format!(
                "{} has no elements, so [...] means nothing on it",
                describe_type(first_word(what))
            ),
            "[...] is for lists, maps and texts",
        ),
        EvalAltResult::ErrorFor(_) => (
            "`for` can't go through this value".into(),
            "`for` goes through a list, such as table(\"Tenant\").rows([\"id\"]), or a range such as 0..10",
        ),
        EvalAltResult::ErrorDotExpr(text, _) => return property(text),
        EvalAltResult::ErrorModuleNotFound(name, _) => return not_imported(name),
        EvalAltResult::ErrorAssignmentToConstant(name, _)
        | EvalAltResult::ErrorNonPureMethodCallOnConstant(name, _) => {
            (format!("{name} can't change a constant"), "declare it with let instead of const")
        }
        other => return (engine_text(other), None).into(),
    };
    self::message(message, help)
}

/// The engine gives it as a text alone: `Unknown property 'x' - a getter is not registered for type 'y'`.
fn property(text: &str) -> Message {
    let quoted: Vec<&str> = text.split('\'').skip(1).step_by(2).collect();
    match quoted.as_slice() {
        [name, "()", ..] => (
            format!("() has no `{name}`: the value before the dot is missing"),
            Some("test for it first, as in if found != () { ... }".into()),
        )
            .into(),
        [name, type_name, ..] => (
            format!("{} has no `{name}`", describe_type(type_name)),
            Some("docs/script-api.md lists what each thing has".into()),
        )
            .into(),
        _ => (lower_first(text), None).into(),
    }
}

fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or(text)
}

/// The engine's own text, without its position.
fn engine_text(error: &EvalAltResult) -> String {
    let text = error.to_string();
    lower_first(text.split(" (line ").next().unwrap_or(&text))
}

fn limit(error: &EvalAltResult, engine: &Engine) -> Option<(&'static str, String)> {
    let (name, value) = match error {
        EvalAltResult::ErrorTooManyVariables(_) => ("variables", engine.max_variables()),
        EvalAltResult::ErrorTooManyModules(_) => ("modules", engine.max_modules()),
        EvalAltResult::ErrorStackOverflow(_) => ("call_depth", engine.max_call_levels()),
        EvalAltResult::ErrorDataTooLarge(what, _) => data_limit(what, engine),
        _ => return None,
    };
    Some((name, value.to_string()))
}

/// The engine names the value's type in a text alone: `Length of string`, `Size of array`, `Size of object map`.
fn data_limit(what: &str, engine: &Engine) -> (&'static str, usize) {
    let what = what.to_lowercase();
    if what.contains("string") {
        ("text_bytes", engine.max_string_size())
    } else if what.contains("array") {
        ("list_elements", engine.max_array_size())
    } else {
        ("map_entries", engine.max_map_size())
    }
}

fn mismatch(wanted: &str, found: &str) -> Message {
    let (wanted, found) = (describe_type(wanted), describe_type(found));
    if found == "a column" && wanted == "true or false" {
        return column_as_value();
    }
    (format!("{wanted} is needed here, and this is {found}"), None).into()
}

/// What messages call related rows.
const RELATED: &str = "related(...)";

/// A function that does not exist, or not for such arguments.
fn unknown_function(signature: &str, callable: &Callable<'_>) -> Message {
    let (name, arguments) = signature.split_once('(').unwrap_or((signature, ""));
    let name = name.trim();
    let arguments: Vec<String> = arguments
        .trim_end_matches(')')
        .split(',')
        .map(|one| describe_type(one.trim()))
        .filter(|one| !one.is_empty())
        .collect();
    if name == "!" && arguments == ["a column"] {
        return column_as_value();
    }
    if let Some((module, function)) = name.split_once("::") {
        return unknown_in_module(module, function, callable);
    }
    if let Some(declared) = declared(callable.script, name) {
        return wrong_count(name, arguments.len(), &declared);
    }
    if !name.starts_with(|first: char| first.is_alphabetic() || first == '_')
        || is_known(callable.engine, name)
    {
        return not_for_these(name, &arguments);
    }
    let of_related = arguments.first().is_some_and(|on| on == RELATED);
    no_function(name, of_related, callable.script, &api_functions(callable.engine))
}

fn unknown_in_module(module: &str, function: &str, callable: &Callable<'_>) -> Message {
    let names = callable.modules.values().flat_map(|ast| ast.iter_functions().map(|one| one.name));
    let names: Vec<&str> = names.collect();
    match nearest(function, names.iter().copied()) {
        Some(near) if near == function => message(
            format!(
                "`{module}::{function}` is called with another number of arguments than it is declared with"
            ),
            "give it as many arguments as it has parameters",
        ),
        _ => no_module_function(module, function, names.into_iter()),
    }
}

fn not_for_these(name: &str, arguments: &[String]) -> Message {
    let message = match arguments {
        [] => format!("`{name}` needs something in its brackets"),
        given => format!("`{name}` can't be used with {}", join_with_and(given)),
    };
    let given = |sort: &str| arguments.iter().any(|argument| argument == sort);
    if let Some(message) = part_of_date_as_period(name).filter(|_| given("a whole number")) {
        return message;
    }
    let of_column = arguments.first().is_some_and(|on| on == "a column");
    let of_related = arguments.first().is_some_and(|on| on == RELATED);
    let help = match usage(name) {
        _ if name == "set" && arguments.first().is_some_and(|on| on == "a change") => {
            Some("set several columns by one map: .set(#{ accountType: \"ACTIVE\", accountPriority: \"HIGH\" })".into())
        }
        _ if of_related && foreign_function_of_related(name).is_some() => {
            foreign_function_of_related(name).map(str::to_owned)
        }
        _ if of_column && foreign_function(name).is_some() => {
            foreign_function(name).map(str::to_owned)
        }
        Some(usage) => Some(format!("write it like {usage}")),
        None if given("a column") => Some(
            "a column can be compared and calculated with; docs/script-api.md lists what can be asked of it".into(),
        ),
        None if given("a period") => Some("write one period, such as months(7)".into()),
        None if given("a text") => {
            Some("+ joins texts; parse_int(text) and parse_float(text) make numbers of them".into())
        }
        None => None,
    };
    (message, help).into()
}

/// Whether the engine has a function of this name, of the API or of the language itself.
fn is_known(engine: &Engine, name: &str) -> bool {
    let same = |info: rhai::FuncInfo<'_>| (info.metadata.name == name).then_some(());
    !engine.collect_fn_metadata(None, same, true).is_empty()
}

/// The innermost place that is known. `file` is the step's.
pub(crate) fn error_place(error: &EvalAltResult, file: &str) -> Option<Place> {
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    innermost_place(error, file, folder)
}

fn innermost_place(error: &EvalAltResult, file: &str, folder: &str) -> Option<Place> {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, source, inner, position) => {
            let source = if source.is_empty() { file } else { source };
            innermost_place(inner, source, folder).or_else(|| place(*position, file))
        }
        EvalAltResult::ErrorInModule(path, inner, position) => {
            let source = format!("{folder}/lib/{}.rhai", module_name(path));
            innermost_place(inner, &source, folder).or_else(|| place(*position, file))
        }
        other => place(other.position(), file),
    }
}

fn innermost(error: &EvalAltResult) -> &EvalAltResult {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _)
        | EvalAltResult::ErrorInModule(_, inner, _) => innermost(inner),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::failure;

    #[test]
    fn errors_of_a_running_script_say_what_is_wrong_and_what_to_do() {
        for (script, message) in [
            (
                "let a = [1]; a[3];",
                "1:16: there is no element [3]: the list has 1; elements are counted from 0; ask .len() first",
            ),
            (
                "let a = \"x\"; a[3];",
                "1:16: there is no character [3]: the text has 1; elements are counted from 0; ask .len() first",
            ),
            (
                "let a = #{ b: 1 }; a.c;",
                "1:22: this map has no entry c; ask for its entries with .keys(), or whether it has one with .contains(\"name\")",
            ),
            (
                "let a = (); a.type;",
                "1:15: () has no `type`: the value before the dot is missing; test for it first, as in if found != () { ... }",
            ),
            (
                "let a = 7; for b in a { }",
                "1:21: `for` can't go through this value; `for` goes through a list, such as table(\"Tenant\").rows([\"id\"]), or a range such as 0..10",
            ),
            (
                "const A = [1]; A.push(2);",
                "1:18: push can't change a constant; declare it with let instead of const",
            ),
            (
                "let a = 5; if a { }",
                "1:15: true or false is needed here, and this is a whole number",
            ),
            (
                "ago(5);",
                "1:1: `ago` can't be used with a whole number; write it like ago(months(6))",
            ),
            ("throw \"no\";", "1:1: no"),
            (
                "let a = []; loop { a.push(a); }",
                "1:22: the script reached its limit list_elements = 100000; read fewer rows, or let the database count and group them",
            ),
        ] {
            assert_eq!(failure(script), message, "{script}");
        }
    }
}
