//! `lsp`: the language server, for an editor that starts it.

mod database;

use std::io::IsTerminal;

use leora_lsp::{ServerOptions, SessionEnd, serve, stop_channel};
use leora_report::{Failure, FailureKind};
use leora_script::Settings;

use crate::cli::VERSION;
use crate::commands::context::Context;
use crate::process::STACK_BYTES;
use database::EditorDatabase;

pub(crate) fn lsp(context: &Context) -> u8 {
    if std::io::stdin().is_terminal() {
        return refuse(for_editors(), context);
    }
    let (handle, stop) = stop_channel();
    let interrupt = context.interrupt.clone();
    context.runtime.spawn(async move {
        interrupt.wait().await;
        handle.raise();
    });
    let options = ServerOptions {
        version: VERSION,
        as_of: context.options.as_of,
        settings: Settings::new(context.options.set.clone()),
        stack_bytes: STACK_BYTES,
        stop,
        database: Box::new(EditorDatabase::new(context)),
    };
    match serve(options) {
        Ok(SessionEnd::Exited | SessionEnd::Disconnected) => 0,
        Ok(SessionEnd::NeverBegan) => refuse(for_editors(), context),
        Ok(SessionEnd::Stopped) => FailureKind::Interrupted.exit_code(),
        Err(error) => {
            let message = format!("the session with the editor ended: {error}");
            refuse(Failure::new(FailureKind::Internal, message, None), context)
        }
    }
}

fn for_editors() -> Failure {
    let message = "lsp speaks with an editor that starts it, and none began a session";
    let help = "docs/editors.md says how editors are told of it; leora-run check --watch is for a terminal";
    Failure::new(FailureKind::Usage, message, Some(help.into()))
}

fn refuse(failure: Failure, context: &Context) -> u8 {
    let code = failure.kind.exit_code();
    context.screen().show_refusal(failure);
    code
}
