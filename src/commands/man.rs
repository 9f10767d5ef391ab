//! `man`: the manual pages.

use leora_report::{Failure, FailureKind};

use crate::cli;
use crate::commands::context::Context;

pub(crate) fn man(command: Option<&str>, context: &Context) -> u8 {
    if let Ok(Some(page)) = cli::manual(command) {
        context.screen().show_done(page.trim_end(), &[]);
        return 0;
    }
    let failure = Failure::new(
        FailureKind::Usage,
        format!("there is no command {}", command.unwrap_or_default()),
        Some("leora-run --help lists them".into()),
    );
    let code = failure.kind.exit_code();
    context.screen().show_refusal(failure);
    code
}
