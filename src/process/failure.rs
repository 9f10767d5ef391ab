//! Failures before a command has its screen, or when the screen may be what failed.

use std::process::ExitCode;

use leora_postgres::part_committed;
use leora_report::{Failure, FailureKind, Outcome, Report};

use crate::cli::{BadUsage, Format};
use leora_render::{print_failure, print_usage, sanitize_lines};

/// Reports arguments that can't be used: as JSON to programs, with the usage to people. Also prints the help.
pub fn report_bad_usage(bad_usage: &BadUsage) -> ExitCode {
    if let Some(message) = bad_usage.message().filter(|_| bad_usage.json) {
        let help = Some("leora-run --help lists what there is".to_owned());
        return report_failure(Failure::new(FailureKind::Usage, message, help), Format::Json);
    }
    let text = bad_usage.text();
    let as_it_is = !bad_usage.several_lines && !text.contains("##[");
    if as_it_is && sanitize_lines(&text) == text {
        bad_usage.exit();
    }
    print_usage(&text);
    ExitCode::from(2)
}

/// Prints a failure, and returns its exit code.
pub fn report_failure(failure: Failure, format: Format) -> ExitCode {
    let code = failure.kind.exit_code();
    let outcome = if part_committed() { Outcome::Partial } else { Outcome::default() };
    let report = Report { outcome, error: Some(failure), ..Report::default() };
    print_failure(&report, format == Format::Json);
    ExitCode::from(code)
}
