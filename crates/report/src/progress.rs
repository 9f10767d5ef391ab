//! How far a long statement is.

/// How far a long statement is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// From 0 to 1.
    pub share: f64,
    /// How many rows it has written, where that is its pace: an UPDATE passes the rows that it need not change much
    /// faster.
    pub rows: Option<u64>,
    /// What it waits for, if it does.
    pub waits_for: Option<&'static str>,
}
