//! Examples, which `check` runs.

mod example;
pub(crate) mod given;
mod given_answers;

use crate::api::reference::Group;

pub(crate) const GROUP: Group = Group {
    title: "Examples",
    about: "Files in the folder's `examples/`, which `leora-run check` runs, each on one row in memory, through the rules of every step.",
    primitives: &[example::PRIMITIVE, given::PRIMITIVE],
};
