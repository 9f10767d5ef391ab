//! The program: parse, call, exit code.

use std::process::ExitCode;
use std::thread;

use leora_run::cli::{BadUsage, Invocation};
use leora_run::commands::{Context, dispatch};
use leora_run::database::Interrupt;
use leora_run::render::document;
use leora_run::report::{Failure, FailureKind, Report};
use tokio::runtime::{Builder, Handle};
use tokio::signal::unix::{SignalKind, signal};

/// The stack of the thread that runs scripts, in bytes: nested script calls take much of it.
const STACK_BYTES: usize = 16 << 20;

fn main() -> ExitCode {
    let arguments = std::env::args_os().map(|one| one.to_string_lossy().into_owned());
    let invocation = match Invocation::read(arguments) {
        Ok(invocation) => invocation,
        Err(bad) => return misused(&bad),
    };
    let runtime = match Builder::new_multi_thread().worker_threads(1).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("the network runtime can't be started: {error}")),
    };
    let directory = match std::env::current_dir() {
        Ok(directory) => directory,
        Err(error) => return failed(&format!("the current directory can't be used: {error}")),
    };
    let interrupt = Interrupt::default();
    watch_signals(runtime.handle(), &interrupt);
    let context =
        Context::new(invocation.options.clone(), directory, runtime.handle().clone(), interrupt);
    let work = move || dispatch(&invocation, &context);
    match thread::Builder::new().stack_size(STACK_BYTES).spawn(work).map(thread::JoinHandle::join) {
        Ok(Ok(code)) => ExitCode::from(code),
        Ok(Err(_)) => failed("leora-run failed; an open transaction is rolled back by the server"),
        Err(error) => failed(&format!("no thread can be started: {error}")),
    }
}

/// Raises the interrupt on Ctrl-C or SIGTERM; a second one ends the process, and the server rolls back.
fn watch_signals(runtime: &Handle, interrupt: &Interrupt) {
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        let interrupt = interrupt.clone();
        runtime.spawn(async move {
            // Without the handler the signal keeps its default, which ends the process.
            let Ok(mut signals) = signal(kind) else { return };
            signals.recv().await;
            interrupt.raise();
            signals.recv().await;
            std::process::exit(130);
        });
    }
}

/// Arguments that mean nothing: told as JSON to programs, with the usage to people.
fn misused(bad: &BadUsage) -> ExitCode {
    let Some(message) = bad.message().filter(|_| bad.json) else { bad.exit() };
    let help = Some("leora-run --help lists what there is".to_owned());
    let failure = Failure::new(FailureKind::Usage, message, help);
    let code = failure.kind.exit_code();
    println!("{}", document(&Report { error: Some(failure), ..Report::default() }));
    ExitCode::from(code)
}

fn failed(message: &str) -> ExitCode {
    eprintln!("error: {message}");
    ExitCode::from(3)
}
