//! A file of a folder, as a page shows it.

/// A file of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceReport {
    /// Its path, as shown to people.
    pub path: String,
    /// Its text.
    pub text: String,
}
