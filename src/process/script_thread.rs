//! The thread that runs a command and its scripts: with a large stack, and watched for memory and panics.

use std::num::NonZeroUsize;
use std::panic::PanicHookInfo;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use leora_postgres::part_committed;
use leora_report::{Failure, FailureKind};
use leora_system::memory;

use crate::cli::Format;
use crate::process::failure::report_failure;

/// In bytes: dropping the longest chain of values that a script can build needs much of it. The system only provides
/// what is used.
pub const STACK_BYTES: NonZeroUsize = NonZeroUsize::new(1 << 30).unwrap();

/// How often to look whether the thread was stopped at its memory limit.
const MEMORY_CHECK: Duration = Duration::from_millis(100);

/// Where the program panicked first.
static PANIC_PLACE: OnceLock<String> = OnceLock::new();

/// Runs a command, which returns its exit code, and reports when the thread does not come to its end.
pub fn run_on_script_thread(
    format: Format,
    command: impl FnOnce() -> u8 + Send + 'static,
) -> ExitCode {
    std::panic::set_hook(Box::new(remember_place));
    let (done, ended) = channel();
    let work = move || done.send(command());
    if let Err(error) = thread::Builder::new().stack_size(STACK_BYTES.get()).spawn(work) {
        return report_failure(internal(format!("no thread can be started: {error}")), format);
    }
    loop {
        match ended.recv_timeout(MEMORY_CHECK) {
            Ok(code) => return ExitCode::from(code),
            Err(RecvTimeoutError::Timeout) if memory::exhausted() => {
                return report_failure(memory_exhausted(), format);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return report_failure(panicked(), format),
        }
    }
}

/// Keeps the place of a panic. Its text is not printed: it may contain customers' data.
fn remember_place(panic: &PanicHookInfo<'_>) {
    if let Some(place) = panic.location() {
        let file = place.file().rsplit('/').next().unwrap_or_default();
        let _ = PANIC_PLACE.set(format!("{file}:{}", place.line()));
    }
}

fn panicked() -> Failure {
    let place = PANIC_PLACE.get().map_or("unknown", String::as_str);
    internal(format!(
        "leora-run failed, a fault of its own ({place}); the server rolls back what was not committed"
    ))
}

/// The connections end with the process, and the server rolls back what is not committed.
fn memory_exhausted() -> Failure {
    let message = "the script reached its limit memory, far beyond, in a single operation";
    let changes = match part_committed() {
        true => "what was written in batches stays, and leora-run undo takes it back",
        false => "nothing was changed",
    };
    let help = format!("read fewer rows, or let the database count and group them; {changes}");
    Failure::new(FailureKind::Limit, message, Some(help))
}

fn internal(message: String) -> Failure {
    Failure::new(FailureKind::Internal, message, None)
}
