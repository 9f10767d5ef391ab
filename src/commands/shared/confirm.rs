//! Asking for confirmation before something is written that stays.

use std::io::{BufRead, IsTerminal};

use leora_postgres::Target;
use leora_report::{DatabaseError, Failure, FailureKind, shell_option};

use crate::cli::Format;
use crate::commands::context::Context;

/// Asks for the target's name: with `--confirm`, or typed at a terminal.
pub(crate) fn confirm_target(target: &Target, context: &Context) -> Result<(), Failure> {
    let name = &target.name;
    let typed = match &context.options.confirm {
        Some(given) => given.clone(),
        None if context.options.format == Format::Text && std::io::stdin().is_terminal() => {
            ask(name, context)?
        }
        None => {
            return Err(not_confirmed(
                format!("this would write to {name}, and nobody confirmed it"),
                name,
            ));
        }
    };
    if typed == *name {
        return Ok(());
    }
    Err(not_confirmed(format!("\"{typed}\" is not the name of the target, which is {name}"), name))
}

fn not_confirmed(message: String, name: &str) -> Failure {
    let confirm = shell_option("--confirm", name);
    let help = format!("if it is the right database, give {confirm}; to try it first, --sandbox");
    Failure::new(FailureKind::NotConfirmed, message, Some(help))
}

/// Asks at the terminal, until Ctrl-C or SIGTERM.
fn ask(name: &str, context: &Context) -> Result<String, Failure> {
    context.screen().ask(&format!("This will write to {name}. Type its name to go on: "));
    let (sender, typed) = tokio::sync::oneshot::channel();
    // On a thread of its own, since reading a line can't be interrupted; the process ends without waiting for it.
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line).unwrap_or(0);
        let _ = sender.send((read > 0).then(|| line.trim().to_owned()));
    });
    let answer = context.runtime.block_on(async {
        tokio::select! {
            answer = typed => Some(answer.ok().flatten()),
            () = context.interrupt.wait() => None,
        }
    });
    if !matches!(answer, Some(Some(_))) {
        // The cursor is still behind the question.
        context.screen().end_question();
    }
    answer.map(Option::unwrap_or_default).ok_or_else(|| DatabaseError::Interrupted.into())
}
