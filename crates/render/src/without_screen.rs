//! What is printed before there is a screen, or when the screen may be what failed.

use leora_report::Report;

use crate::text::sanitize;
use crate::workflow_log::WorkflowLog;
use crate::{render_json, sanitize_lines};

/// Prints the failure of a report on standard output, as JSON or for people.
pub fn print_failure(report: &Report, as_json: bool) {
    if as_json {
        println!("{}", render_json(report));
    } else if let Some(failure) = &report.error {
        let log = WorkflowLog::detect();
        println!("error: {}", log.defuse(&sanitize(&failure.message)));
        if let Some(help) = &failure.help {
            println!("help: {}", log.defuse(&sanitize(help)));
        }
    }
}

/// Prints how the command line is used on standard error.
pub fn print_usage(text: &str) {
    eprint!("{}", WorkflowLog::detect().defuse(&sanitize_lines(text)));
}
