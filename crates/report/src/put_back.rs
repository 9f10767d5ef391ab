//! What an undo put back.

use leora_rule::Transition;

/// What became of the values that a rule of the past had changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
