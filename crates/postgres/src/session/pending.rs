//! What a transaction has still to do before it ends.

use std::collections::{BTreeMap, BTreeSet};

use leora_report::DeferredIndex;

#[derive(Clone, Debug, Default)]
pub(crate) struct Pending {
    pub(crate) indexes: Vec<DeferredIndex>,
    /// The columns that are rewritten, by their table, and have no statistics yet.
    pub(crate) unanalyzed: BTreeMap<String, BTreeSet<String>>,
}
