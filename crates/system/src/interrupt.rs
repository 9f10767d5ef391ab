//! Ctrl-C and SIGTERM, as something that waits and scripts can look at.

use tokio::sync::watch;

/// Whether somebody asked the run to stop. Clones share the answer.
#[derive(Clone, Debug)]
pub struct Interrupt {
    raised: watch::Sender<bool>,
}

impl Default for Interrupt {
    fn default() -> Self {
        Self { raised: watch::Sender::new(false) }
    }
}

impl Interrupt {
    /// Asks the run to stop.
    pub fn raise(&self) {
        self.raised.send_replace(true);
    }

    /// Whether the run was asked to stop.
    pub fn is_raised(&self) -> bool {
        *self.raised.borrow()
    }

    /// Waits until the run is asked to stop.
    pub async fn wait(&self) {
        let mut raised = self.raised.subscribe();
        // An error means that the sender is gone, which `self` keeps alive.
        let _ = raised.wait_for(|raised| *raised).await;
    }
}
