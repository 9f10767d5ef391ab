//! The declarations of the API: the reference, the editor's definitions and the messages are made from them. A function
//! that is registered and not declared fails a test.

use rhai::Engine;

/// One function of the API.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its name; the sign of an operator.
    pub name: &'static str,
    /// Each way to call it, as [`Form::parse`](crate::Form::parse) reads them.
    pub forms: &'static [&'static str],
    /// What it does.
    pub about: &'static str,
    /// How messages say to write it; empty where another function of this name has it.
    pub usage: &'static str,
    /// A script that runs on the sample CRM.
    pub example: &'static str,
    /// The messages about its wrong uses, as `docs/messages.md` has them.
    pub errors: &'static [&'static str],
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Primitive {
    pub(crate) functions: &'static [Function],
    pub(crate) register: fn(&mut Engine),
}

/// Functions that belong together.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// Its heading.
    pub title: &'static str,
    /// What the functions have in common.
    pub about: &'static str,
    pub(crate) primitives: &'static [Primitive],
}

impl Group {
    /// The functions, in the order of the reference.
    pub fn functions(&self) -> impl Iterator<Item = &'static Function> + use<> {
        self.primitives.iter().flat_map(|primitive| primitive.functions)
    }
}
