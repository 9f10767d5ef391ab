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

/// `of_related` tells that it is called on `related(...)`.
pub(crate) fn no_function(name: &str, of_related: bool, script: &AST, api: &[String]) -> Message {
    let foreign = of_related.then(|| foreign_function_of_related(name)).flatten();
    if let Some(help) = foreign.or_else(|| foreign_function(name)) {
        let message = message(format!("there is no function `{name}`"), help);
        return match with_the_same_arguments(help) {
            Some(meant) => message.rewriting(name, meant),
            None => message,
        };
    }
    let own = script.iter_functions().map(|function| function.name);
    let what = format!("there is no function `{name}`");
    match nearest(name, own.chain(api.iter().map(String::as_str))) {
        Some(near) => message(what, format!("did you mean `{near}`?")).rewriting(name, near),
        None => message(what, "docs/script-api.md lists what there is"),
    }
}

/// The method that a remedy names, where it takes what the other function is given.
fn with_the_same_arguments(help: &str) -> Option<&str> {
    let (name, _) = help.strip_prefix("write .")?.split_once('(')?;
    let same = [
        "is_null",
        "is_not_null",
        "is_one_of",
        "starts_with",
        "ends_with",
        "contains",
        "lower",
        "upper",
        "length",
        "weekday",
        "average",
        "sum",
        "exists",
        "where",
    ];
    // Not `.count() == 0`.
    let counts = name == "count" && !help.contains("== 0");
    (counts || same.contains(&name)).then_some(name)
}

/// `month(6)`: a part of a date where a period is meant.
pub(crate) fn part_of_date_as_period(name: &str) -> Option<Message> {
    ["month", "year"].contains(&name).then(|| {
        message(
            format!("`{name}` can't be used with a whole number"),
            format!(
                "a period is written {name}s(6); the {name} of a column is col(\"lastOrderDate\").{name}()"
            ),
        )
    })
}

/// What says the same as a function of SQL, of a spreadsheet, or of texts of the script.
pub(crate) fn foreign_function(name: &str) -> Option<&'static str> {
    Some(match name.to_lowercase().as_str() {
        "isnotnull" | "notnull" | "not_null" | "is_present" | "exists" => {
            "write .is_not_null(), as in col(\"city\").is_not_null()"
        }
        "isnull" | "isblank" | "is_blank" | "is_empty" => {
            "write .is_null(), as in col(\"city\").is_null()"
        }
        "ifnull" | "nvl" | "if_null" => "write coalesce, as in coalesce([col(\"city\"), \"\"])",
        "isin" | "is_in" | "one_of" => "write .is_one_of([\"A\", \"B\"])",
        "startswith" | "begins_with" | "beginswith" => "write .starts_with(\"The \")",
        "endswith" => "write .ends_with(\"Inc.\")",
        "includes" | "include" | "instr" | "strpos" | "charindex" | "index_of" | "indexof"
        | "search" => "write .contains(\"Grill\")",
        "tolowercase" | "to_lowercase" | "tolower" | "to_lower" | "make_lower" | "lowercase"
        | "lcase" => "write .lower(), as in col(\"name\").lower()",
        "touppercase" | "to_uppercase" | "toupper" | "to_upper" | "make_upper" | "uppercase"
        | "ucase" => "write .upper(), as in col(\"name\").upper()",
        "len" | "size" | "strlen" | "char_length" => {
            "write .length(), as in col(\"name\").length() > 40"
        }
        "matches" | "regexp" | "similar_to" => "write .like(\"%Grill%\")",
        "day_of_week" | "dayofweek" | "dow" => {
            "write .weekday(), as in col(\"lastOrderDate\").weekday() == 1 for Monday"
        }
        "extract" | "date_part" | "datepart" => {
            "write .year(), .quarter(), .month() or .weekday(), as in col(\"lastOrderDate\").year()"
        }
        "datediff" | "date_diff" | "days_ago" => {
            "write days_since(col(\"lastOrderDate\")), or days_between(a, b)"
        }
        "min" => "write least([col(\"a\"), col(\"b\")])",
        "max" => "write greatest([col(\"a\"), col(\"b\")])",
        "now" | "getdate" | "current_date" | "sysdate" => "write today(), the date of the run",
        "dateadd" | "date_sub" => "write .within(months(6)), or compare with ago(months(6))",
        "iif" | "case" | "decode" => {
            "write arms: .set(\"column\", [[condition, value], [otherwise, value]])"
        }
        _ => return None,
    })
}

/// What says the same of `related(...)` as a function of other languages.
pub(crate) fn foreign_function_of_related(name: &str) -> Option<&'static str> {
    Some(match name.to_lowercase().as_str() {
        "size" | "len" | "length" | "number" => {
            "write .count(), as in related(\"SalesOrder\", \"customerId\").count() >= 4"
        }
        "avg" | "mean" => "write .average(\"total\")",
        "total" => "write .sum(\"total\")",
        "last" | "latest" | "newest" | "maximum" => "write .max(\"orderedAt\")",
        "first" | "earliest" | "oldest" | "minimum" => "write .min(\"orderedAt\")",
        "any" | "some" => "write .exists()",
        "is_empty" | "isempty" | "none" | "is_null" => "write .count() == 0",
        "is_not_null" => "write .exists()",
        "distinct" | "unique" => "write .count_distinct(\"status\")",
        "filter" => "write .where(condition)",
        _ => return None,
    })
}

/// The message where a number with a comma is read as two values, and how many characters before the second it begins.
/// `before` is the text before the second, `after` the text from it on.
pub(crate) fn number_with_comma(before: &str, after: &str) -> Option<(usize, Message)> {
    let is_digit = |letter: char| letter.is_ascii_digit();
    let before = before.strip_suffix(',')?;
    let whole = &before[before.trim_end_matches(is_digit).len()..];
    let rest = &after[..after.len() - after.trim_start_matches(is_digit).len()];
    if whole.is_empty() || rest.is_empty() {
        return None;
    }
    let is_thousand = rest.len() == 3 && !whole.starts_with('0');
    let number = if is_thousand { format!("{whole}{rest}") } else { format!("{whole}.{rest}") };
    let written = format!("{whole},{rest}");
    let text = format!("`{written}` is read as two values: a number has no comma");
    let message = message(text, format!("write {number}")).rewriting(&written, number);
    Some((whole.len() + 1, message))
}

pub(crate) fn no_module_function<'a>(
    alias: &str,
    name: &str,
    functions: impl Iterator<Item = &'a str>,
) -> Message {
    let what = format!("module {alias} has no function `{name}`");
    match nearest(name, functions) {
        Some(near) => {
            message(what, format!("did you mean `{alias}::{near}`?")).rewriting(name, near)
        }
        None => message(what, format!("define it in the file that is imported as {alias}")),
    }
}

/// The functions of the API, for suggestions. Rhai's own are left out: a suggestion leads to what the documentation
/// describes.
pub(crate) fn api_functions(engine: &Engine) -> Vec<String> {
    let names =
        engine.collect_fn_metadata(None, |info| Some(info.metadata.name.to_string()), false);
    names.into_iter().filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic())).collect()
}
