//! How far a long statement is.

use std::fmt;
use std::sync::Arc;

/// Hears how far a long statement is, from 0 to 1, and how many rows it has written, where that is its pace: an UPDATE
/// passes the rows that it need not change much faster.
#[derive(Clone)]
pub struct Meter(Arc<dyn Fn(f64, Option<u64>) + Send + Sync>);

impl Meter {
    /// Calls this with how far it is.
    pub fn new(hear: impl Fn(f64, Option<u64>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(hear))
    }

    /// Tells how far it is.
    pub(super) fn tell(&self, share: f64, rows: Option<u64>) {
        (self.0)(share, rows);
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meter")
    }
}
