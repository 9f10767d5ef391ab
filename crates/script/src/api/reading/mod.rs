//! Reading the database.

mod catalog;
mod distribution;
mod last_run;
mod query;
mod rows;
mod table;

use crate::api::reference::Group;

pub(crate) use table::narrow_rows;

pub(crate) const GROUP: Group = Group {
    title: "Reading",
    about: "The database counts and groups; rows come to a script only when it asks for them, at most 10,000.",
    primitives: &[
        table::PRIMITIVE,
        distribution::PRIMITIVE,
        rows::PRIMITIVE,
        query::PRIMITIVE,
        catalog::PRIMITIVE,
        last_run::PRIMITIVE,
    ],
};
