//! The command line for shells, which complete it, and for `man`.

use std::io;

use clap::{Args, Command, CommandFactory, Subcommand};
use clap_complete::generate;
use clap_mangen::Man;

use crate::cli::arguments::{Arguments, Shell, VERSION, Verb};
use crate::cli::options::Options;

const PROGRAM: &str = "leora-run";

/// The script that teaches a shell to complete the command line.
pub(crate) fn completions(shell: Shell) -> String {
    let mut text = Vec::new();
    let mut command = command_without_folder();
    generate(clap_complete::Shell::from(shell), &mut command, PROGRAM, &mut text);
    let text = String::from_utf8_lossy(&text).into_owned();
    match shell {
        Shell::Bash => {
            // The generator splits the program's own name at its hyphen in one of the two places.
            let text = text.replace("leora__subcmd__run__", "leora__run__");
            text.lines().map(without_placeholders).collect::<Vec<_>>().join("\n")
        }
        Shell::Zsh => complete_folders(&text),
        Shell::Fish => format!("{text}{}", fish_value_lines(&command)),
        Shell::Pwsh => text,
    }
}

/// The commands and options, without the folder that may stand in place of a command: zsh's script would take a command
/// for that folder, and complete nothing after it.
fn command_without_folder() -> Command {
    let options = Options::augment_args(Command::new(PROGRAM).version(VERSION));
    Verb::augment_subcommands(options)
}

/// Adapts zsh's script so that it accepts a folder in place of a command, and then the arguments of `run`.
fn complete_folders(text: &str) -> String {
    let first = "\":: :_leora-run_commands\"";
    let text = text.replacen(first, "\":: :{_leora-run_commands; _files -/}\"", 1);
    text.replacen("            (run)\n", "            (run|*/*)\n", 1)
}

/// The lines that fish's script lacks: for positional arguments that take one of a few words.
fn fish_value_lines(command: &Command) -> String {
    let mut lines = String::new();
    for verb in command.get_subcommands() {
        for position in verb.get_positionals() {
            let values = position.get_possible_values();
            let words: Vec<&str> = values.iter().map(|value| value.get_name()).collect();
            if !words.is_empty() {
                let (verb, words) = (verb.get_name(), words.join(" "));
                lines += &format!(
                    "complete -c {PROGRAM} -n \"__fish_leora_run_using_subcommand {verb}\" -f -a \"{words}\"\n"
                );
            }
        }
    }
    lines
}

/// Removes the names of positional arguments from a line of bash's script, which would offer them as words to type.
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
pub(crate) fn manual(command: Option<&str>) -> io::Result<Option<String>> {
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
