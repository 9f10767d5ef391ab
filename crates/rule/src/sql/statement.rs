//! A statement and its parameters.

/// A statement without any value in its text: `$1`, `$2`, ... stand for `parameters`, all sent as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sql {
    /// The statement.
    pub text: String,
    /// Its parameters; `None` is NULL.
    pub parameters: Vec<Option<String>>,
}
