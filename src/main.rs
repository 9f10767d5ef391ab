//! The program: parse, call, exit code.

use std::panic::PanicHookInfo;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use leora_postgres::part_committed;
use leora_report::{Failure, FailureKind, Outcome, Report};
use leora_run::cli::{BadUsage, Format, Invocation};
use leora_run::commands::{Context, dispatch};
use leora_run::render::{document, harmless};
use leora_system::{Interrupt, memory};
use tokio::runtime::{Builder, Handle};
use tokio::signal::unix::{SignalKind, signal};

/// The stack of the thread that runs scripts, in bytes: taking apart the longest chain of values that a script can
/// build takes much of it. Only what is used of it is taken from the system.
const STACK_BYTES: usize = 1 << 30;

/// How often a thread that was stopped for its memory is looked for.
const MEMORY_CHECK: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    let arguments = std::env::args_os().map(|one| one.to_string_lossy().into_owned());
    let invocation = match Invocation::read(arguments) {
        Ok(invocation) => invocation,
        Err(bad) => return misused(&bad),
    };
    let format = invocation.options.format;
    let runtime = match Builder::new_multi_thread().worker_threads(1).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            return failed(&format!("the network runtime can't be started: {error}"), format);
        }
    };
    let directory = match std::env::current_dir() {
        Ok(directory) => directory,
        Err(error) => {
            return failed(&format!("the current directory can't be used: {error}"), format);
        }
    };
    let interrupt = Interrupt::default();
    watch_signals(runtime.handle(), &interrupt);
    let context =
        Context::new(invocation.options.clone(), directory, runtime.handle().clone(), interrupt);
    let (done, ended) = channel();
    let work = move || done.send(dispatch(&invocation, &context));
    std::panic::set_hook(Box::new(remember));
    if let Err(error) = thread::Builder::new().stack_size(STACK_BYTES).spawn(work) {
        return failed(&format!("no thread can be started: {error}"), format);
    }
    loop {
        match ended.recv_timeout(MEMORY_CHECK) {
            Ok(code) => return ExitCode::from(code),
            Err(RecvTimeoutError::Timeout) if memory::exhausted() => return exhausted(format),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return failed(&crashed(), format),
        }
    }
}

fn crashed() -> String {
    let place = PANICKED.get().map_or("unknown", String::as_str);
    format!(
        "leora-run failed, a fault of its own ({place}); the server rolls back what was not committed"
    )
}

/// Where the program failed first.
static PANICKED: OnceLock<String> = OnceLock::new();

/// Remembers the place of a panic. Its text is not printed: it may hold what nobody should see, and what catches
/// the panic tells what is to be told.
fn remember(panic: &PanicHookInfo<'_>) {
    if let Some(place) = panic.location() {
        let file = place.file().rsplit('/').next().unwrap_or_default();
        let _ = PANICKED.set(format!("{file}:{}", place.line()));
    }
}

/// A script took more memory than there is for it, in one operation that could not be stopped before. Its connections
/// end with the process, and the server rolls back what is not committed.
fn exhausted(format: Format) -> ExitCode {
    let message = "the script reached its limit memory, far beyond, in a single operation";
    let standing = match part_committed() {
        true => "what was written in batches stays, and leora-run undo takes it back",
        false => "nothing was changed",
    };
    let help = format!("read fewer rows, or let the database count and group them; {standing}");
    told(Failure::new(FailureKind::Limit, message, Some(help)), format)
}

/// Raises the interrupt on Ctrl-C or SIGTERM; a second one ends the process, and the server rolls back.
fn watch_signals(runtime: &Handle, interrupt: &Interrupt) {
    // The handlers are there before anything else begins, whenever the runtime's thread comes to wait for them.
    let _entered = runtime.enter();
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        // Without the handler the signal keeps its default, which ends the process.
        let Ok(mut signals) = signal(kind) else { continue };
        let interrupt = interrupt.clone();
        runtime.spawn(async move {
            signals.recv().await;
            interrupt.raise();
            signals.recv().await;
            std::process::exit(130);
        });
    }
}

/// Arguments that mean nothing: told as JSON to programs, with the usage to people.
fn misused(bad: &BadUsage) -> ExitCode {
    let Some(message) = bad.message().filter(|_| bad.json) else {
        let text = bad.text();
        if harmless(&text) == text {
            bad.exit();
        }
        eprint!("{}", harmless(&text));
        return ExitCode::from(2);
    };
    let help = Some("leora-run --help lists what there is".to_owned());
    let failure = Failure::new(FailureKind::Usage, message, help);
    told(failure, Format::Json)
}

/// Something that is nobody's mistake but the program's or the machine's.
fn failed(message: &str, format: Format) -> ExitCode {
    told(Failure::new(FailureKind::Internal, message, None), format)
}

/// Tells a failure without the screen, which may be what failed.
fn told(failure: Failure, format: Format) -> ExitCode {
    let code = failure.kind.exit_code();
    match (format, failure.help.as_ref()) {
        (Format::Json, _) => {
            let outcome = if part_committed() { Outcome::Partial } else { Outcome::default() };
            println!(
                "{}",
                document(&Report { outcome, error: Some(failure), ..Report::default() })
            );
        }
        (Format::Text | Format::Github, Some(help)) => {
            println!("error: {}\nhelp: {help}", failure.message);
        }
        (Format::Text | Format::Github, None) => println!("error: {}", failure.message),
    }
    ExitCode::from(code)
}
