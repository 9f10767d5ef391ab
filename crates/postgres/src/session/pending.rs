//! What a transaction has still to do before it ends.

use std::collections::{BTreeMap, BTreeSet};

use leora_report::DeferredIndex;

/// What a transaction has still to do for what it has written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pending {
    /// The indexes that an SQL file has left until the rows are written.
    pub(crate) later: Vec<DeferredIndex>,
    /// The columns that are written anew, by their table, and have no statistics yet.
    pub(crate) unanalyzed: BTreeMap<String, BTreeSet<String>>,
}
