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
    about: "Rules and counts are written with columns: the database looks at every row, the script at none.",
    primitives: &[
        column::PRIMITIVE,
        comparison::PRIMITIVE,
        logic::PRIMITIVE,
        predicates::PRIMITIVE,
        arithmetic::PRIMITIVE,
        coalesce::PRIMITIVE,
    ],
};
