//! A change of the texts of a folder that mends a finding, for an editor to offer.

use crate::Place;

/// A change of texts that mends a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, such as "write `==`".
    pub title: String,
    /// What is replaced, in one or several places.
    pub replacements: Vec<Replacement>,
}

/// A text that takes the place of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// Where the other begins.
    pub place: Place,
    /// The other; empty where a text is inserted.
    pub replaced: String,
    /// The text.
    pub text: String,
}
