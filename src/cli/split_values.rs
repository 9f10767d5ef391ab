//! Several settings behind one `--set`, and a blank among the values of `--vary`: each option takes one argument, so the
//! next is taken for something else. The message says what to write.

use std::path::Path;

use crate::cli::usage::usage_error;

/// Refuses arguments that belong to the `--set` or `--vary` before them.
pub(crate) fn refuse_split_values(given: &[String]) -> Result<(), clap::Error> {
    let mut at = 1;
    while at < given.len() {
        let (option, value, behind) = match (given[at].as_str(), given.get(at + 1)) {
            (option @ ("--set" | "--vary"), Some(value)) => (option, value.as_str(), at + 2),
            (joined, _) => match joined.split_once('=') {
                Some((option @ ("--set" | "--vary"), value)) => (option, value, at + 1),
                _ => {
                    at += 1;
                    continue;
                }
            },
        };
        let names_folder = given.iter().any(|one| Path::new(one).is_dir());
        let mut parts = vec![value];
        for further in &given[behind..] {
            let last = parts.last().copied().unwrap_or_default();
            if further.starts_with('-') || !goes_on(option, last, further, names_folder) {
                break;
            }
            parts.push(further);
        }
        if parts.len() > 1 {
            return Err(usage_error(&explain(option, &parts)));
        }
        at = behind;
    }
    Ok(())
}

/// Whether an argument is a further setting or value, and no folder, row or the like.
fn goes_on(option: &str, last: &str, further: &str, names_folder: bool) -> bool {
    let has_comma = last.ends_with(',') || further.starts_with(',');
    let is_path = Path::new(further).exists() || further.contains('/');
    let is_value = names_folder && !is_path && !further.is_empty();
    is_setting(further) || option == "--vary" && (has_comma || is_value)
}

fn is_setting(argument: &str) -> bool {
    let name = argument.split_once('=').map(|(name, _)| name);
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.is_some_and(|name| {
        name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(is_letter)
    })
}

fn explain(option: &str, parts: &[&str]) -> String {
    let mut settings: Vec<String> = Vec::new();
    for part in parts {
        match settings.last_mut().filter(|_| !is_setting(part)) {
            Some(setting) => {
                let values = part.trim_matches(',');
                *setting = format!("{},{values}", setting.trim_end_matches(','));
            }
            None => settings.push((*part).to_owned()),
        }
    }
    let written = settings.iter().map(|setting| match setting.contains(char::is_whitespace) {
        true => format!("{option} '{setting}'"),
        false => format!("{option} {setting}"),
    });
    let written = written.collect::<Vec<_>>().join(" ");
    match settings.len() {
        1 => format!("the values of {option} have no blanks between them; write {written}"),
        _ => format!("{option} takes one setting, and can be given again; write {written}"),
    }
}

#[cfg(test)]
mod tests {
    use super::refuse_split_values;

    fn told(arguments: &[&str]) -> String {
        let given: Vec<String> =
            std::iter::once(&"leora-run").chain(arguments).map(|one| (*one).to_owned()).collect();
        let error = refuse_split_values(&given).err().map(|error| error.to_string());
        let error = error.unwrap_or_default();
        error.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
    }

    #[test]
    fn several_settings_need_an_option_each() {
        let several = "--set takes one setting, and can be given again; write --set a=1 --set b=2";
        assert_eq!(told(&["run", "src", "--set", "a=1", "b=2"]), several);
        assert_eq!(told(&["--set=a=1", "b=2", "src"]), several);
        assert_eq!(
            told(&["src", "--set", "a=1 month", "b=2", "c=x/y", "--sandbox"]),
            "--set takes one setting, and can be given again; write --set 'a=1 month' --set b=2 --set c=x/y"
        );
        let varied =
            "--vary takes one setting, and can be given again; write --vary a=1,2 --vary b=3,4";
        assert_eq!(told(&["what-if", "src", "--vary", "a=1,2", "b=3,", "4"]), varied);
    }

    #[test]
    fn values_have_no_blanks_between_them() {
        let one = "the values of --vary have no blanks between them; write --vary a=1,2,3";
        for values in
            [["a=1,", "2,", "3"], ["a=1", ",2", ",3"], ["a=1,2", ",", "3"], ["a=1", "2", "3"]]
        {
            let arguments = [&["what-if", "src", "--vary"][..], &values].concat();
            assert_eq!(told(&arguments), one, "{values:?}");
        }
    }

    #[test]
    fn folders_and_rows_are_left_alone() {
        for arguments in [
            &["--set", "a=1", "src"][..],
            &["--set", "a=1", "scripts/mising"],
            &["plan", "--set", "a=1", "folder"],
            &["what-if", "--vary", "a=1,2", "scripts/missing"],
            &["what-if", "--vary", "a=1,2", "missing"],
            &["what-if", "--vary", "a=1,2", "src"],
            &["why", "src", "--set", "a=1", "AC-1"],
            &["plan", "--set", "a=1", "--set", "b=2", "src"],
            &["plan", "--set"],
        ] {
            assert_eq!(told(arguments), "", "{arguments:?}");
        }
    }
}
