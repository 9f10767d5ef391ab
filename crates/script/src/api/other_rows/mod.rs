//! What other rows give a row: the rows that refer to it, the row that it refers to, and its place among the rows of its
//! table.

mod link;
mod parent;
mod rank;
mod related;

use crate::api::reference::Group;

pub(crate) const GROUP: Group = Group {
    title: "Other rows",
    about: "A rule may read what other rows give its row: its orders, its tenant, its place among the others. The database computes it once for all rows; a run writes what was computed then.",
    primitives: &[related::PRIMITIVE, parent::PRIMITIVE, rank::PRIMITIVE],
};
