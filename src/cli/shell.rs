//! What shells and `man` want to know of the command line.

use std::io;

use clap::{Args, Command, CommandFactory, Subcommand};
use clap_complete::generate;
use clap_mangen::Man;

use crate::cli::arguments::{Arguments, OptionArguments, Shell, VERSION, VerbArgument};

/// The name of the program, as it is called.
const NAME: &str = "leora-run";

/// The script that teaches a shell to complete the command line.
pub fn completions(shell: Shell) -> String {
    let mut text = Vec::new();
    let mut command = spoken();
    generate(clap_complete::Shell::from(shell), &mut command, NAME, &mut text);
    let text = String::from_utf8_lossy(&text).into_owned();
    match shell {
        Shell::Bash => {
            // The generator splits the program's own name at its hyphen in one of the two places.
            let text = text.replace("leora__subcmd__run__", "leora__run__");
            text.lines().map(without_placeholders).collect::<Vec<_>>().join("\n")
        }
        Shell::Zsh => with_folders(&text),
        Shell::Fish => format!("{text}{}", values_of_positions(&command)),
        Shell::PowerShell => text,
    }
}

/// The commands and options, without the folder that may stand in a command's place: zsh's script would take the command
/// for that folder, and complete nothing behind it.
fn spoken() -> Command {
    let options = OptionArguments::augment_args(Command::new(NAME).version(VERSION));
    VerbArgument::augment_subcommands(options)
}

/// zsh's script, which takes a folder in the place of a command, and then what `run` takes.
fn with_folders(text: &str) -> String {
    let first = "\":: :_leora-run_commands\"";
    let text = text.replacen(first, "\":: :{_leora-run_commands; _files -/}\"", 1);
    text.replacen("            (run)\n", "            (run|*/*)\n", 1)
}

/// What fish's script leaves out: the words that a command takes in a place of its own.
fn values_of_positions(command: &Command) -> String {
    let mut lines = String::new();
    for verb in command.get_subcommands() {
        for position in verb.get_positionals() {
            let values = position.get_possible_values();
            let words: Vec<&str> = values.iter().map(|value| value.get_name()).collect();
            if !words.is_empty() {
                let (verb, words) = (verb.get_name(), words.join(" "));
                lines += &format!(
                    "complete -c {NAME} -n \"__fish_leora_run_using_subcommand {verb}\" -f -a \"{words}\"\n"
                );
            }
        }
    }
    lines
}

/// A line without the names of positional arguments, which bash would offer as if they were words to write.
fn without_placeholders(line: &str) -> String {
    let Some((before, words)) = line.split_once("opts=\"") else { return line.to_owned() };
    let is_word = |word: &&str| !word.starts_with(['[', '<']) && !word.ends_with([']', '>']);
    let words: Vec<&str> = words.trim_end_matches('"').split(' ').filter(is_word).collect();
    format!("{before}opts=\"{}\"", words.join(" "))
}

/// The manual page of the program, or of one of its commands; `None` where there is no such command.
///
/// # Errors
/// Never on a text in memory.
pub fn manual(command: Option<&str>) -> io::Result<Option<String>> {
    let mut whole = Arguments::command();
    whole.build();
    let page = match command {
        None => whole,
        Some(name) => match whole.find_subcommand(name) {
            // Its page is found as `man leora-run-plan`.
            Some(found) => found.clone(),
            None => return Ok(None),
        },
    };
    let mut text = Vec::new();
    Man::new(page).render(&mut text)?;
    Ok(Some(String::from_utf8_lossy(&text).into_owned()))
}
