//! Rules and settings.

mod assignment;
mod change;
pub(crate) mod condition;
mod data;
mod lookup;
mod mistaken_part;
pub(crate) mod otherwise;
mod setting;
mod sheet_pairs;
mod update;

use crate::api::reference::Group;

pub(crate) const GROUP: Group = Group {
    title: "Rules",
    about: "`update(...).where(...).set(...)` is one rule. A row that no arm matches is left alone, and only values that really change are written.",
    primitives: &[
        update::PRIMITIVE,
        otherwise::PRIMITIVE,
        lookup::PRIMITIVE,
        data::PRIMITIVE,
        change::PRIMITIVE,
        setting::PRIMITIVE,
    ],
};
