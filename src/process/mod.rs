//! What surrounds a command: signals, the network runtime, the thread that runs scripts, and failures outside it.

mod failure;
mod network;
mod script_thread;
mod signals;

pub use failure::{report_bad_usage, report_failure};
pub use network::start_network_runtime;
pub use script_thread::{STACK_BYTES, run_on_script_thread};
pub use signals::interrupt_on_signals;
