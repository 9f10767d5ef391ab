//! A connection's own runtime: who waits for the server watches the socket too, so that no answer goes through another
//! thread first.

use std::future::Future;
use std::io;

use tokio::runtime::{Builder, Runtime};

#[derive(Debug)]
pub(crate) struct OwnRuntime {
    runtime: Option<Runtime>,
}

impl OwnRuntime {
    pub(crate) fn new() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self { runtime: Some(runtime) })
    }

    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        let runtime = self.runtime.as_ref().expect("it is there until it is dropped");
        runtime.block_on(future)
    }
}

impl Drop for OwnRuntime {
    /// Does not wait: the name of a host may still be looked up, by a thread that can't be stopped.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
