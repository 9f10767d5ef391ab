//! Messages about calls of functions that do not exist, or not for these arguments.

use leora_rule::nearest;
use rhai::{AST, Engine, ScriptFnMetadata};

use crate::messages::wording::{Message, message};

pub(crate) fn declared<'a>(script: &'a AST, name: &str) -> Option<ScriptFnMetadata<'a>> {
    script.iter_functions().find(|function| function.name == name)
}

pub(crate) fn wrong_count(name: &str, count: usize, declared: &ScriptFnMetadata<'_>) -> Message {
    let help = format!("it is fn {}({})", declared.name, declared.params.join(", "));
    message(called_with(name, count), help)
}

/// `name` is called with 2 arguments
pub(crate) fn called_with(name: &str, count: usize) -> String {
    let arguments = match count {
        0 => "no arguments".to_owned(),
        1 => "1 argument".to_owned(),
        more => format!("{more} arguments"),
    };
    format!("`{name}` is called with {arguments}")
}

pub(crate) fn no_function(name: &str, script: &AST, api: &[String]) -> Message {
    let own = script.iter_functions().map(|function| function.name);
    let help = nearest(name, own.chain(api.iter().map(String::as_str))).map_or_else(
        || "docs/script-api.md lists what there is".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    message(format!("there is no function `{name}`"), help)
}

pub(crate) fn no_module_function<'a>(
    alias: &str,
    name: &str,
    functions: impl Iterator<Item = &'a str>,
) -> Message {
    let help = nearest(name, functions).map_or_else(
        || format!("define it in the file that is imported as {alias}"),
        |near| format!("did you mean `{alias}::{near}`?"),
    );
    message(format!("module {alias} has no function `{name}`"), help)
}

/// The functions of the API, for suggestions. Rhai's own are left out: a suggestion leads to what the documentation
/// describes.
pub(crate) fn api_functions(engine: &Engine) -> Vec<String> {
    let names =
        engine.collect_fn_metadata(None, |info| Some(info.metadata.name.to_string()), false);
    names.into_iter().filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic())).collect()
}
