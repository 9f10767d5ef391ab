//! How far a long statement is.

use std::fmt;
use std::sync::Arc;

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

/// Hears how far a long statement is.
#[derive(Clone)]
pub struct Meter(Arc<dyn Fn(Progress) + Send + Sync>);

impl Meter {
    /// Calls this with how far it is.
    pub fn new(hear: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Self(Arc::new(hear))
    }

    /// Tells how far it is.
    pub(super) fn tell(&self, progress: Progress) {
        (self.0)(progress);
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meter")
    }
}
