//! The messages that both a lint and a running script give.

use std::ops::Range;

use leora_report::{Fix, Place, Replacement};
use leora_rule::nearest;

/// What is wrong, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) text: String,
    pub(crate) help: Option<String>,
    /// What mends it, where that is the change of a text.
    pub(crate) rewrite: Option<Rewrite>,
}

/// A text, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rewrite {
    /// The byte of the script where it stands; without one that is the message's place, or in the quotes there.
    byte: Option<usize>,
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
        Self { rewrite: Some(Rewrite::new(found, &text.into())), ..self }
    }

    /// The same, where these bytes of the script are to be written in another way.
    pub(crate) fn rewriting_bytes(self, script: &str, bytes: Range<usize>, text: &str) -> Self {
        let rewrite = Rewrite { byte: Some(bytes.start), ..Rewrite::new(&script[bytes], text) };
        Self { rewrite: Some(rewrite), ..self }
    }
}

impl Rewrite {
    pub(crate) fn new(found: &str, text: &str) -> Self {
        Self { byte: None, found: found.to_owned(), text: text.to_owned() }
    }

    /// The change of a script whose message has this place; `None` where the text does not stand there.
    pub(crate) fn at(self, place: &Place, script: &str) -> Option<Fix> {
        let byte = self.byte.unwrap_or_else(|| place.byte_offset(script));
        let rest = &script[byte..];
        let unquoted = rest.strip_prefix('"').filter(|inside| inside.starts_with(&self.found));
        let byte = match unquoted {
            Some(_) if self.byte.is_none() => byte + 1,
            _ if rest.starts_with(&self.found) => byte,
            _ => return None,
        };
        let place = Place::from_byte_offset(&place.file, script, byte);
        let title = match self.text.trim() {
            "" => format!("remove `{}`", self.found.trim()),
            text => format!("write `{text}`"),
        };
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
