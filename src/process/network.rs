//! The runtime that waits for the network, beside the thread that runs scripts.

use leora_report::{Failure, FailureKind};
use tokio::runtime::{Builder, Runtime};

/// Starts the runtime, with one thread of its own.
///
/// # Errors
/// Where the system gives no thread.
pub fn start_network_runtime() -> Result<Runtime, Failure> {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(|error| {
        let message = format!("the network runtime can't be started: {error}");
        Failure::new(FailureKind::Internal, message, None)
    })
}
