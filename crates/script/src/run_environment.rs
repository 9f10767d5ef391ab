//! What a step runs in: the host that answers it, the observer that is notified, the settings and the interrupt.

use std::sync::{Arc, Mutex, PoisonError};

use leora_host::{ExampleHost, Host};
use leora_report::{Entry, Observer};
use leora_system::Interrupt;

use crate::Settings;

/// What the steps of a run have in common. Clones share the host and the observer.
#[derive(Clone)]
pub struct RunEnvironment {
    /// Answers the calls.
    pub host: Arc<Mutex<dyn Host>>,
    /// Is notified of what the steps report.
    pub observer: Arc<Mutex<dyn Observer>>,
    /// The values of `--set`.
    pub settings: Settings,
    /// Whether the user asked to stop.
    pub interrupt: Interrupt,
}

impl RunEnvironment {
    pub(crate) fn in_memory(
        host: Arc<Mutex<ExampleHost>>,
        settings: &Settings,
        interrupt: &Interrupt,
    ) -> Self {
        let observer = Arc::new(Mutex::new(SilentObserver));
        Self { host, observer, settings: settings.clone(), interrupt: interrupt.clone() }
    }

    /// Says to the host which step, counted from 0, its next calls belong to.
    pub(crate) fn enter_step(&self, step: usize) {
        // A panic of an earlier step has been reported; the host still works.
        self.host.lock().unwrap_or_else(PoisonError::into_inner).enter_step(step + 1);
    }
}

struct SilentObserver;

impl Observer for SilentObserver {
    fn on_entry(&mut self, _: &Entry) {}
    fn on_start(&mut self, _: &str) {}
}
