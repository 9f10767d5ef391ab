//! What a step reports while it runs.

use leora_report::{Entry, Observer};

/// Hears nothing.
pub(crate) struct NoObserver;

impl Observer for NoObserver {
    fn on_entry(&mut self, _: &Entry) {}
    fn on_start(&mut self, _: &str) {}
}
