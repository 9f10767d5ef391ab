//! Ends the server from outside, such as by Ctrl-C.

use crossbeam_channel::{Receiver, Sender, bounded};

/// Ends the server.
#[derive(Clone, Debug)]
pub struct StopHandle(Sender<()>);

/// What the server waits for beside the editor.
#[derive(Debug)]
pub struct Stop(pub(crate) Receiver<()>);

/// A handle, and what it ends.
pub fn stop_channel() -> (StopHandle, Stop) {
    let (sender, receiver) = bounded(1);
    (StopHandle(sender), Stop(receiver))
}

impl StopHandle {
    /// Asks the server to end.
    pub fn raise(&self) {
        // It was asked before, or has ended.
        let _ = self.0.try_send(());
    }
}
