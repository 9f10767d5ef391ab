//! Notes, shown data and expectations: what a step reports.

mod counted;
mod expect;
mod note;
mod refuse;
mod show;

use crate::api::reference::Group;

pub(crate) const GROUP: Group = Group {
    title: "Saying and expecting",
    about: "What a step expects adds up: all of it is judged, and a step that did not find what it expects fails the run.",
    primitives: &[
        expect::PRIMITIVE,
        show::PRIMITIVE,
        note::PRIMITIVE,
        counted::PRIMITIVE,
        refuse::PRIMITIVE,
    ],
};
