//! A place in a file.

/// A place in a script: file, line and column, both from 1, the column in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as shown to people.
    pub file: String,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}
