//! How far a long statement is.

use leora_report::Progress;
use std::fmt;
use std::sync::Arc;

/// Hears how far a long statement is.
#[derive(Clone)]
pub struct Meter(Arc<dyn Fn(Progress) + Send + Sync>);

impl Meter {
    /// Calls this with how far it is.
    pub fn new(hear: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Self(Arc::new(hear))
    }

    /// Tells how far it is.
    pub(crate) fn tell(&self, progress: Progress) {
        (self.0)(progress);
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meter")
    }
}
