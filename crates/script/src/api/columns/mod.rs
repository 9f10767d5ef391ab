//! Columns and conditions.

mod arithmetic;
mod coalesce;
mod column;
mod comparison;
mod dates;
mod logic;
mod method;
mod numbers;
mod predicates;
mod texts;

use crate::api::reference::Group;

pub(crate) const GROUP: Group = Group {
    title: "Columns and conditions",
    about: "Rules and counts are written with columns: the database looks at every row, the script at none.",
    primitives: &[
        column::PRIMITIVE,
        comparison::PRIMITIVE,
        logic::PRIMITIVE,
        predicates::PRIMITIVE,
        texts::PRIMITIVE,
        dates::PRIMITIVE,
        arithmetic::PRIMITIVE,
        numbers::PRIMITIVE,
        coalesce::PRIMITIVE,
    ],
};
