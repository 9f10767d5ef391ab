//! What scripts can call: a folder for each group of the reference, a file for each primitive or few that belong
//! together. A file holds the functions, their reference text and their unit tests; its group's `mod.rs` lists it.

mod columns;
mod examples;
mod form;
mod other_rows;
mod overrides;
mod periods;
mod reading;
mod reference;
mod reporting;
mod row_periods;
mod rules;
mod text_of_values;
mod values;
mod writing;

use rhai::Engine;

pub(crate) use examples::given::write_given;
pub use form::{Form, FormKind};
pub use reference::{Function, Group};
pub(crate) use rules::otherwise::register_otherwise;

/// The API, by group, in the order of the reference.
pub const GROUPS: &[Group] = &[
    columns::GROUP,
    periods::GROUP,
    other_rows::GROUP,
    rules::GROUP,
    reading::GROUP,
    reporting::GROUP,
    writing::GROUP,
    examples::GROUP,
];

pub(crate) fn register(engine: &mut Engine) {
    for primitive in GROUPS.iter().flat_map(|group| group.primitives) {
        (primitive.register)(engine);
    }
    overrides::register(engine);
    text_of_values::register(engine);
}

/// With how many arguments a function is called, but for calls behind a dot; none for one that is only called so.
pub(crate) fn function_arities(name: &str) -> Vec<usize> {
    let same = GROUPS.iter().flat_map(Group::functions).filter(|one| one.name == name);
    let forms = same.flat_map(|one| one.forms).map(|form| Form::parse(form));
    forms.filter(|form| form.kind == FormKind::Function).map(|form| form.parameters.len()).collect()
}

pub(crate) fn usage(name: &str) -> Option<&'static str> {
    let mut functions = GROUPS.iter().flat_map(Group::functions);
    functions.find(|one| one.name == name && !one.usage.is_empty()).map(|one| one.usage)
}
