//! Options before the command, as in `leora-run --sandbox plan scripts/phase2`.
//!
//! clap reads the options before and after a command apart, and keeps only those after it where both stand. Here the
//! command goes first, so that each option counts, and one that is given twice is an error wherever it stands.

use clap::{Arg, Command};

/// The arguments with the command first, if only options stand before it.
pub(crate) fn put_verb_first(mut given: Vec<String>, command: &Command) -> Vec<String> {
    if let Some(at) = verb_position(&given, command) {
        given[1..=at].rotate_right(1);
    }
    given
}

fn verb_position(given: &[String], command: &Command) -> Option<usize> {
    let mut at = 1;
    loop {
        let word = given.get(at)?;
        if !word.starts_with('-') {
            return command.find_subcommand(word).map(|_| at);
        }
        let option = find_option(word, command)?;
        let value_follows = option.get_action().takes_values() && !word.contains('=');
        at += if value_follows { 2 } else { 1 };
    }
}

/// The option that a word is, if it may stand behind the command too.
fn find_option<'c>(word: &str, command: &'c Command) -> Option<&'c Arg> {
    let name = word.split('=').next().unwrap_or(word);
    command.get_arguments().find(|option| {
        let is_long = option.get_long().is_some_and(|long| name.strip_prefix("--") == Some(long));
        let is_short = option.get_short().is_some_and(|short| name == format!("-{short}"));
        option.is_global_set() && (is_long || is_short)
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::put_verb_first;
    use crate::cli::arguments::Arguments;

    fn reordered(arguments: &str) -> String {
        let given = arguments.split(' ').map(str::to_owned).collect();
        put_verb_first(given, &Arguments::command()).join(" ")
    }

    #[test]
    fn a_command_behind_options_comes_first() {
        assert_eq!(
            reordered("it --set k=5 -v plan F --set l=3"),
            "it plan --set k=5 -v F --set l=3"
        );
        assert_eq!(reordered("it --set=k=5 --sandbox run F"), "it run --set=k=5 --sandbox F");
        assert_eq!(reordered("it run --set k=5 F"), "it run --set k=5 F");
    }

    #[test]
    fn what_is_no_command_or_belongs_to_the_program_stays() {
        for same in [
            "it",
            "it --sandbox F plan",
            "it --set plan F",
            "it --confirm run F",
            "it --version plan",
            "it --help plan",
            "it --unknown plan F",
            "it --set",
        ] {
            assert_eq!(reordered(same), same);
        }
    }
}
