//! What shells and `man` want to know of the command line.

use std::io;

use clap::CommandFactory;
use clap_complete::generate;
use clap_mangen::Man;

use super::arguments::{Arguments, Shell};

/// The name of the program, as it is called.
const NAME: &str = "leora-run";

/// The script that teaches a shell to complete the command line.
pub fn completions(shell: Shell) -> String {
    let mut text = Vec::new();
    generate(clap_complete::Shell::from(shell), &mut Arguments::command(), NAME, &mut text);
    let text = String::from_utf8_lossy(&text).into_owned();
    match shell {
        Shell::Bash => {
            // The generator splits the program's own name at its hyphen in one of the two places.
            let text = text.replace("leora__subcmd__run__", "leora__run__");
            text.lines().map(without_placeholders).collect::<Vec<_>>().join("\n")
        }
        _ => text,
    }
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
