//! Notes, shown data and expectations: what a step reports.

mod counted;
mod expect;
mod note;
mod refuse;
mod show;

use crate::api::reference::Group;

pub(crate) const GROUP: Group = Group {
    title: "Reports and expectations",
    about: "Expectations add up: a step checks all of them, and then fails the run if one did not hold.",
    primitives: &[
        expect::PRIMITIVE,
        show::PRIMITIVE,
        note::PRIMITIVE,
        counted::PRIMITIVE,
        refuse::PRIMITIVE,
    ],
};
