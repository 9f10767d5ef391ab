//! What goes wrong outside: each fault leaves the database as before or complete, says what happened, and the next
//! run succeeds.

mod again;
mod commit;
mod edits;
mod holders;
mod interrupted;
mod killed;
mod limits;
mod privileges;
mod restarts;

use std::process::Child;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::tried;

fn send(run: &Child, signal: Signal) {
    tried(signal.as_str());
    // It may have ended already.
    let _ = kill(Pid::from_raw(run.id().cast_signed()), signal);
}
