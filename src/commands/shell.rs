//! `completions` and `man`: what shells and `man` want to know of the command line.

use leora_report::{Failure, FailureKind};

use crate::cli::{self, Shell};
use crate::commands::Context;

/// Prints the script that teaches a shell to complete; returns the exit code.
pub(crate) fn completions(shell: Shell, context: &Context) -> u8 {
    context.screen().done(cli::completions(shell).trim_end(), &[]);
    0
}

/// Prints a manual page; returns the exit code.
pub(crate) fn manual(command: Option<&str>, context: &Context) -> u8 {
    if let Ok(Some(page)) = cli::manual(command) {
        context.screen().done(page.trim_end(), &[]);
        return 0;
    }
    let failure = Failure::new(
        FailureKind::Usage,
        format!("there is no command {}", command.unwrap_or_default()),
        Some("leora-run --help lists them".into()),
    );
    let code = failure.kind.exit_code();
    context.screen().refused(failure);
    code
}
