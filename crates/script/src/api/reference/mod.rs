//! What each function of the API is: one declaration a function, which the page, the editor's definitions and the
//! messages are made from. A function that is registered and not declared fails a test.

pub(crate) mod columns;
pub(crate) mod examples;
pub(crate) mod form;
pub(crate) mod outcome;
pub(crate) mod periods;
pub(crate) mod reading;
pub(crate) mod rules;
pub(crate) mod writing;

pub use form::{Form, FormKind};

/// One function of the API.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its name; the sign of an operator.
    pub name: &'static str,
    /// Each way to call it, as [`Form::parse`] reads them.
    pub forms: &'static [&'static str],
    /// What it does.
    pub about: &'static str,
    /// How a message says to write it.
    pub usage: &'static str,
    /// A script that runs on the sample CRM.
    pub example: &'static str,
    /// What it says when it is used wrongly, as `docs/messages.md` has it.
    pub errors: &'static [&'static str],
}

/// Functions that belong together.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// Its heading.
    pub title: &'static str,
    /// What they have in common.
    pub about: &'static str,
    /// The functions.
    pub functions: &'static [Function],
}

/// The API, by group.
pub const GROUPS: &[Group] = &[
    columns::GROUP,
    periods::GROUP,
    rules::GROUP,
    reading::GROUP,
    outcome::GROUP,
    writing::GROUP,
    examples::GROUP,
];

/// How a function is written, by name.
pub(crate) fn usage(name: &str) -> Option<&'static str> {
    let mut all = GROUPS.iter().flat_map(|group| group.functions);
    all.find(|function| function.name == name && !function.usage.is_empty()).map(|one| one.usage)
}
