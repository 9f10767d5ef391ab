//! The settings of a script.

use crate::Place;

/// A setting as it stands in a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Where it is asked for.
    pub place: Place,
    /// The comment beside it.
    pub comment: Option<String>,
    /// Its default, as it is written.
    pub default: String,
    /// Whether its default is `false`: a switch that is off.
    pub switch: bool,
}
