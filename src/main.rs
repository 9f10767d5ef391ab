//! The program, from its arguments to its exit code.

use std::process::ExitCode;

use leora_report::Failure;
use leora_run::{Context, Invocation, dispatch, process};

fn main() -> ExitCode {
    match Invocation::parse(std::env::args_os()) {
        Ok(invocation) => {
            let format = invocation.format();
            run(invocation).unwrap_or_else(|failure| process::report_failure(failure, format))
        }
        Err(bad_usage) => process::report_bad_usage(&bad_usage),
    }
}

fn run(invocation: Invocation) -> Result<ExitCode, Failure> {
    let runtime = process::start_network_runtime()?;
    let interrupt = process::interrupt_on_signals(&runtime);
    let context = Context::new(&invocation, runtime.handle(), interrupt)?;
    let format = invocation.format();
    Ok(process::run_on_script_thread(format, move || dispatch(&invocation, &context)))
}
