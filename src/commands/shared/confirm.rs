//! Confirming that what is written may stay.

use std::io::{BufRead, IsTerminal, Write};

use leora_postgres::Target;
use leora_report::{DatabaseError, Failure, FailureKind};

use crate::cli::Format;
use crate::commands::context::Context;

/// Asks for the target's name: with `--confirm`, or typed at a terminal.
pub(crate) fn confirmed(target: &Target, context: &Context) -> Result<(), Failure> {
    let name = &target.name;
    let typed = match &context.options.confirm {
        Some(given) => given.clone(),
        None if context.options.format == Format::Text && std::io::stdin().is_terminal() => {
            ask(name, context)?
        }
        None => {
            return Err(refused(
                format!("this would write to {name}, and nobody confirmed it"),
                name,
            ));
        }
    };
    if typed == *name {
        return Ok(());
    }
    Err(refused(format!("\"{typed}\" is not the name of the target, which is {name}"), name))
}

fn refused(message: String, name: &str) -> Failure {
    let help =
        format!("if it is the right database, give --confirm {name}; to try it first, --sandbox");
    Failure::new(FailureKind::NotConfirmed, message, Some(help))
}

/// Asks at the terminal; Ctrl-C and SIGTERM end the waiting.
fn ask(name: &str, context: &Context) -> Result<String, Failure> {
    // A terminal that can't be written to can't answer either.
    let _ = write!(std::io::stderr(), "This will write to {name}. Type its name to go on: ");
    let (tell, typed) = tokio::sync::oneshot::channel();
    // A thread of its own, since reading a line can't be stopped; the process ends without it.
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line).unwrap_or(0);
        let _ = tell.send((read > 0).then(|| line.trim().to_owned()));
    });
    let answer = context.runtime.block_on(async {
        tokio::select! {
            answer = typed => Some(answer.ok().flatten()),
            () = context.interrupt.wait() => None,
        }
    });
    if !matches!(answer, Some(Some(_))) {
        // What follows begins on a line of its own.
        let _ = writeln!(std::io::stderr());
    }
    answer.map(Option::unwrap_or_default).ok_or_else(|| DatabaseError::Interrupted.into())
}
