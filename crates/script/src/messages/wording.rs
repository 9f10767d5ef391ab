//! The messages that both a lint and a running script give.

use leora_rule::nearest;

/// What is wrong, and what to do about it.
pub(crate) type Message = (String, Option<String>);

pub(crate) fn message(text: impl Into<String>, help: impl Into<String>) -> Message {
    (text.into(), Some(help.into()))
}

pub(crate) fn chained_comparison() -> Message {
    message(
        "comparisons can't be chained: the first gives true or false, not a value",
        "write both: col(\"name\") > 1 and col(\"name\") < 5",
    )
}

pub(crate) fn same_for_every_row() -> Message {
    message(
        "this condition is the same for every row: it was read before, and looks at no column of the row",
        "compare a column of the row, as in col(\"name\") == \"x\"; if it is meant for all rows, put an `if` around the rule",
    )
}

pub(crate) fn compared_with_nothing() -> Message {
    message(
        "a column can't be compared with (): in SQL nothing equals a missing value",
        "write col(\"name\").is_null(), or not(col(\"name\").is_null())",
    )
}

pub(crate) fn column_as_value() -> Message {
    message(
        "`&&`, `||`, `!`, `if`, `while` and `switch` can't look at a column: its value differs from row to row",
        "write `and`, `or`, `not(...)`, or arms in .set(\"column\", [[condition, value], ...])",
    )
}

pub(crate) fn unfinished_update(table: &str) -> Message {
    message(
        format!("update(\"{table}\") never reaches .set(...), so it does nothing"),
        "end it with .set(\"column\", value)",
    )
}

/// Arms are counted from 1.
pub(crate) fn arm_after_otherwise(arm: usize) -> Message {
    message(
        format!("arm {arm} stands after `otherwise`, so it can never match"),
        "put `otherwise` last",
    )
}

pub(crate) fn no_module<'a>(
    path: &str,
    name: &str,
    known: impl Iterator<Item = &'a str>,
) -> Message {
    let known: Vec<&str> = known.collect();
    let help = match (nearest(name, known.iter().copied()), known.as_slice()) {
        (Some(near), _) => format!("did you mean \"lib/{near}\"?"),
        (None, []) => "modules are files in the folder's own lib/, and it has none".to_owned(),
        (None, names) => {
            format!("modules are files in the folder's own lib/: {}", names.join(", "))
        }
    };
    message(format!("there is no module \"{path}\""), help)
}

pub(crate) fn not_imported(alias: &str) -> Message {
    message(
        format!("no module is named {alias} here"),
        "import it first: import \"lib/name\" as name;",
    )
}

pub(crate) fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().collect::<String>() + letters.as_str()
    })
}
