//! Arguments that can't be used, and what to say about them.

use std::path::Path;

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use leora_rule::nearest;

use crate::cli::arguments::Arguments;

/// Arguments that can't be used, or that ask for help.
#[derive(Debug)]
pub struct BadUsage {
    /// Whether the result was to be JSON.
    pub(crate) json: bool,
    /// Whether an argument has several lines: which of the message's are its own can't be told.
    pub(crate) several_lines: bool,
    error: clap::Error,
}

impl BadUsage {
    pub(crate) fn new(error: clap::Error, given: &[String]) -> Self {
        Self {
            json: asks_for_json(given),
            several_lines: given.iter().any(|one| one.contains(['\n', '\r'])),
            error: explain_unknown_command(error, given),
        }
    }

    /// What is wrong; `None` when help was asked for.
    pub(crate) fn message(&self) -> Option<String> {
        let text = self.error.to_string();
        let message = text.split("\n\n").next().unwrap_or(&text).trim_start_matches("error: ");
        self.error.use_stderr().then(|| message.to_owned())
    }

    /// The message with the usage, without colour; in one line when an argument has several.
    pub(crate) fn text(&self) -> String {
        let text = self.error.render().to_string();
        if self.several_lines { text.trim_end().replace('\n', " ") + "\n" } else { text }
    }

    /// Prints the message with the usage, or the help that was asked for, and ends the process.
    pub(crate) fn exit(&self) -> ! {
        self.error.exit()
    }
}

pub(crate) fn usage_error(message: &str) -> clap::Error {
    Arguments::command().error(ErrorKind::MissingRequiredArgument, message)
}

/// A first word that is neither a command nor a folder is the mistake. clap takes it for a folder, and complains about the
/// word after it, as about a command where it is similar to one.
fn explain_unknown_command(error: clap::Error, given: &[String]) -> clap::Error {
    let context = match error.kind() {
        ErrorKind::UnknownArgument => error.get(ContextKind::InvalidArg),
        ErrorKind::InvalidSubcommand => error.get(ContextKind::InvalidSubcommand),
        _ => None,
    };
    let Some(ContextValue::String(unexpected)) = context else { return error };
    let before =
        given.iter().position(|one| one == unexpected).and_then(|at| given.get(at.checked_sub(1)?));
    let word = before.filter(|word| !word.starts_with('-') && !unexpected.starts_with('-'));
    let Some(word) = word.filter(|word| **word != given[0]) else { return error };
    let command = Arguments::command();
    let commands: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
    let commanded = given.iter().any(|one| commands.contains(&one.as_str()));
    if commanded || Path::new(word).is_dir() {
        return usage_error(&format!("{unexpected} is one argument too many"));
    }
    let help = match nearest(word, commands.iter().copied()) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("the commands are {}", commands.join(", ")),
    };
    Arguments::command()
        .error(ErrorKind::InvalidSubcommand, format!("there is no command {word}; {help}"))
}

fn asks_for_json(given: &[String]) -> bool {
    let pair = |pair: &[String]| pair[0] == "--format" && pair[1] == "json";
    given.iter().any(|one| one == "--format=json") || given.windows(2).any(pair)
}
