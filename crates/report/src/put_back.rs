//! What an undo put back.

use leora_rule::Transition;
use serde::{Serialize, Serializer};

/// What became of the values that a rule of the past had changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PutBack {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// The values put back, by the value that was there and the one that is there again.
    pub transitions: Vec<Transition>,
    /// Rows that were edited since, and are left.
    pub edited: u64,
    /// Rows that were deleted since.
    pub deleted: u64,
    /// The keys of the rows that are left, and why: `edited` or `deleted`.
    #[serde(serialize_with = "keys_with_reasons")]
    pub left: Vec<(String, String)>,
    /// Why there was nothing to put back to, if so.
    pub gone: Option<String>,
}

impl PutBack {
    /// How many values were put back.
    pub fn changed(&self) -> u64 {
        self.transitions.iter().map(|one| one.rows).sum()
    }
}

fn keys_with_reasons<S: Serializer>(
    left: &[(String, String)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct LeftRow<'r> {
        key: &'r str,
        why: &'r str,
    }
    serializer.collect_seq(left.iter().map(|(key, why)| LeftRow { key, why }))
}
