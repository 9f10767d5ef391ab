//! What a step reports while it runs.

use leora_report::{Entry, Observer};

/// Hears nothing.
pub(crate) struct Unheard;

impl Observer for Unheard {
    fn entry(&mut self, _: &Entry) {}
    fn working(&mut self, _: &str) {}
}
