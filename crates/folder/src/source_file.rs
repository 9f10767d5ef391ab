//! A file of a script folder, in memory.

/// A file of the folder, as it was when the folder was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// The path as shown to people: the folder as it was given, then the file.
    pub path: String,
    /// Its text.
    pub text: String,
    /// The SHA-256 of its bytes, in lowercase hex.
    pub sha256: String,
}
