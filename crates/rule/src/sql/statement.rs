//! A statement and its parameters.

use crate::sql::quote::replace_parameters;

/// A statement without any value in its text: `$1`, `$2`, ... stand for `parameters`, all sent as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sql {
    /// The statement.
    pub text: String,
    /// Its parameters; `None` is NULL.
    pub parameters: Vec<Option<String>>,
}

/// Puts a statement's text after others: its parameters follow those that are there. Returns the text, which names them so.
pub(crate) fn append(
    parameters: &mut Vec<Option<String>>,
    text: &str,
    more: Vec<Option<String>>,
) -> String {
    let before = parameters.len();
    parameters.extend(more);
    if before == 0 {
        return text.to_owned();
    }
    replace_parameters(text, |number| format!("${}", number + before))
}
