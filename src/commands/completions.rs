//! `completions`: the script that teaches a shell to complete command lines.

use crate::cli::{self, Shell};
use crate::commands::context::Context;

pub(crate) fn completions(shell: Shell, context: &Context) -> u8 {
    context.screen().show_done(cli::completions(shell).trim_end(), &[]);
    0
}
