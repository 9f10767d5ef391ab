//! What a step reports while it runs.

use leora_report::{Entry, Observer};

/// Hears nothing.
pub(crate) struct NoObserver;

impl Observer for NoObserver {
    fn entry(&mut self, _: &Entry) {}
    fn working(&mut self, _: &str) {}
}
