//! Confirming that what is written may stay.

use std::io::{BufRead, IsTerminal, Write};

use super::Context;
use crate::cli::Format;
use crate::database::Target;
use crate::report::{Failure, FailureKind};

/// Asks for the target's name: with `--confirm`, or typed at a terminal.
pub(super) fn confirmed(target: &Target, context: &Context) -> Result<(), Failure> {
    let name = &target.name;
    let typed = match &context.options.confirm {
        Some(given) => given.clone(),
        None if context.options.format == Format::Text && std::io::stdin().is_terminal() => {
            ask(name)
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

fn ask(name: &str) -> String {
    let mut screen = std::io::stderr().lock();
    // A terminal that can't be written to can't answer either.
    let _ = write!(screen, "This will write to {name}. Type its name to go on: ");
    let _ = screen.flush();
    let mut line = String::new();
    let _ = std::io::stdin().lock().read_line(&mut line);
    line.trim().to_owned()
}
