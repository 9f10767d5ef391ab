//! The settings that a script declares with `setting("name", default)`.

use serde::Serialize;

use crate::Place;

/// A setting as a script declares it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Where the script calls `setting(...)`.
    #[serde(flatten)]
    pub place: Place,
    /// The comment at the end of that line.
    pub comment: Option<String>,
    /// The default, in the script's own text.
    pub default: String,
    /// Whether the default is `false`: a switch that is off.
    #[serde(skip)]
    pub switch: bool,
}
