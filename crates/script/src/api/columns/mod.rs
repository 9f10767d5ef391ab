//! Columns and conditions.

mod arithmetic;
mod coalesce;
mod column;
mod comparison;
mod logic;
mod predicates;

use crate::api::reference::Group;

pub(crate) const GROUP: Group = Group {
    title: "Columns and conditions",
    about: "A rule or a count is said in columns: the database looks at every row, the script at none.",
    primitives: &[
        column::PRIMITIVE,
        comparison::PRIMITIVE,
        logic::PRIMITIVE,
        predicates::PRIMITIVE,
        arithmetic::PRIMITIVE,
        coalesce::PRIMITIVE,
    ],
};
