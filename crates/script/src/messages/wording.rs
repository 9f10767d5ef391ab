//! The messages that both a lint and a running script give.

use leora_report::{Fix, Place, Replacement};
use leora_rule::nearest;

/// What is wrong, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) text: String,
    pub(crate) help: Option<String>,
    /// What mends it, where that is a text at the message's place.
    pub(crate) rewrite: Option<Rewrite>,
}

/// A text at a message's place, or in the quotes there, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rewrite {
    found: String,
    text: String,
}

pub(crate) fn message(text: impl Into<String>, help: impl Into<String>) -> Message {
    (text.into(), Some(help.into())).into()
}

impl From<(String, Option<String>)> for Message {
    fn from((text, help): (String, Option<String>)) -> Self {
        Self { text, help, rewrite: None }
    }
}

impl Message {
    /// The same, where writing another text for this one mends it.
    pub(crate) fn rewriting(self, found: &str, text: impl Into<String>) -> Self {
        Self { rewrite: Some(Rewrite { found: found.to_owned(), text: text.into() }), ..self }
    }
}

impl Rewrite {
    pub(crate) fn new(found: &str, text: &str) -> Self {
        Self { found: found.to_owned(), text: text.to_owned() }
    }

    /// The change of a script, where the text stands at this place of it.
    pub(crate) fn at(self, place: &Place, script: &str) -> Option<Fix> {
        let rest = &script[place.byte_offset(script)..];
        let unquoted = rest.strip_prefix('"').filter(|inside| inside.starts_with(&self.found));
        let column = match unquoted {
            Some(_) => place.column + 1,
            None if rest.starts_with(&self.found) => place.column,
            None => return None,
        };
        let place = Place { column, ..place.clone() };
        let title = format!("write `{}`", self.text);
        let replacements = vec![Replacement { place, replaced: self.found, text: self.text }];
        Some(Fix { title, replacements })
    }
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
    let near = nearest(name, known.iter().copied()).map(|near| format!("lib/{near}"));
    let help = match (&near, known.as_slice()) {
        (Some(near), _) => format!("did you mean \"{near}\"?"),
        (None, []) => "modules are files in the folder's own lib/, and it has none".to_owned(),
        (None, names) => {
            format!("modules are files in the folder's own lib/: {}", names.join(", "))
        }
    };
    let message = message(format!("there is no module \"{path}\""), help);
    match near {
        Some(near) => message.rewriting(path, near),
        None => message,
    }
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
