//! Ctrl-C and SIGTERM.

use std::time::{Duration, Instant};

use leora_system::Interrupt;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

/// Signals within this time are one: npm passes on to its child the Ctrl-C that the terminal sent to both.
const ONE_SIGNAL: Duration = Duration::from_millis(500);

/// Raises the interrupt on Ctrl-C or SIGTERM. The next one, later than [`ONE_SIGNAL`], ends the process at once, and the
/// server rolls back.
pub fn interrupt_on_signals(runtime: &Runtime) -> Interrupt {
    let interrupt = Interrupt::default();
    // Entered, so that the handlers are in place on return, whenever the runtime's thread comes to wait for them.
    let _entered = runtime.enter();
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        // Without a handler the signal keeps its default, which ends the process.
        let Ok(mut signals) = signal(kind) else { continue };
        let interrupt = interrupt.clone();
        runtime.spawn(async move {
            signals.recv().await;
            interrupt.raise();
            let first = Instant::now();
            while first.elapsed() < ONE_SIGNAL {
                signals.recv().await;
            }
            std::process::exit(130);
        });
    }
    interrupt
}
