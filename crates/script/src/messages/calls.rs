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
    if let Some(help) = foreign_function(name) {
        return message(format!("there is no function `{name}`"), help);
    }
    let own = script.iter_functions().map(|function| function.name);
    let help = nearest(name, own.chain(api.iter().map(String::as_str))).map_or_else(
        || "docs/script-api.md lists what there is".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    message(format!("there is no function `{name}`"), help)
}

/// What says the same as a function of SQL or of a spreadsheet.
fn foreign_function(name: &str) -> Option<&'static str> {
    Some(match name.to_lowercase().as_str() {
        "is_not_null" | "isnotnull" | "is_present" | "exists" => {
            "write not(...), as in not(col(\"city\").is_null())"
        }
        "isnull" | "isblank" | "is_blank" | "is_empty" => {
            "write .is_null(), as in col(\"city\").is_null()"
        }
        "ifnull" | "nvl" | "if_null" => "write coalesce, as in coalesce([col(\"city\"), \"\"])",
        "isin" | "is_in" | "one_of" => "write .is_one_of([\"A\", \"B\"])",
        "year" => {
            "compare with dates, as in col(\"lastOrderDate\") >= \"2025-01-01\" and col(\"lastOrderDate\") < \"2026-01-01\""
        }
        "now" | "getdate" | "current_date" | "sysdate" => "write today(), the date of the run",
        "dateadd" | "date_sub" | "datediff" => {
            "write .within(months(6)), or compare with ago(months(6))"
        }
        "iif" | "case" | "decode" => {
            "write arms: .set(\"column\", [[condition, value], [otherwise, value]])"
        }
        _ => return None,
    })
}

/// The message where a number with a comma is read as two values. `before` is the text before the second, `after` the text
/// from it on.
pub(crate) fn number_with_comma(before: &str, after: &str) -> Option<Message> {
    let is_digit = |letter: char| letter.is_ascii_digit();
    let before = before.strip_suffix(',')?;
    let whole = &before[before.trim_end_matches(is_digit).len()..];
    let rest = &after[..after.len() - after.trim_start_matches(is_digit).len()];
    if whole.is_empty() || rest.is_empty() {
        return None;
    }
    let is_thousand = rest.len() == 3 && !whole.starts_with('0');
    let number = if is_thousand { format!("{whole}{rest}") } else { format!("{whole}.{rest}") };
    let text = format!("`{whole},{rest}` is read as two values: a number has no comma");
    Some(message(text, format!("write {number}")))
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
