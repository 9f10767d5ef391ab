//! libpq's service file: connection parameters under a name, `~/.pg_service.conf`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::target::environment::Environment;

/// The user's file comes first, then the system's. The error says what is wrong with the service.
pub(crate) fn parameters(
    service: &str,
    environment: &Environment<'_>,
) -> Result<Vec<(String, String)>, String> {
    let files = candidate_files(environment);
    for file in &files {
        let Ok(text) = fs::read_to_string(file) else { continue };
        if let Some(found) = section(&text, service, file)? {
            return Ok(found);
        }
    }
    let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    Err(format!("there is no service {service} in {}", names.join(" or ")))
}

fn candidate_files(environment: &Environment<'_>) -> Vec<PathBuf> {
    let own = environment.get("PGSERVICEFILE").map(PathBuf::from);
    let home = || environment.home().map(|home| home.join(".pg_service.conf"));
    let system = environment.get("PGSYSCONFDIR").unwrap_or_else(|| "/etc/postgresql-common".into());
    own.or_else(home).into_iter().chain([Path::new(&system).join("pg_service.conf")]).collect()
}

/// `None` where the text has none of this name.
fn section(
    text: &str,
    service: &str,
    file: &Path,
) -> Result<Option<Vec<(String, String)>>, String> {
    let mut in_section = false;
    let mut found = None;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[') {
            in_section = name.strip_suffix(']') == Some(service);
            if in_section {
                found.get_or_insert_with(Vec::new);
            }
            continue;
        }
        let Some(parameters) = found.as_mut().filter(|_| in_section) else { continue };
        // The line may hold a password: only its number is shown.
        let wrong = |what: &str| format!("line {} of {} {what}", number + 1, file.display());
        let (key, value) = line.split_once('=').ok_or_else(|| wrong("is not name=value"))?;
        if key.trim() == "service" {
            return Err(wrong("refers to another service, which is not followed"));
        }
        parameters.push((key.trim().to_owned(), value.trim().to_owned()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::section;

    fn read(text: &str) -> Result<Option<Vec<(String, String)>>, String> {
        section(text, "crm", Path::new("services"))
    }

    #[test]
    fn a_section_is_read_to_the_next_one() {
        let text = "# ours\n[other]\nhost=a\n[crm]\n host = b \nport=1\n\n[last]\nhost=c\n";
        let expected = [("host", "b"), ("port", "1")];
        let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(read(text), Ok(Some(expected.to_vec())));
        assert_eq!(read("[other]\nhost=a\n"), Ok(None));
        assert_eq!(read("[crm]\n"), Ok(Some(vec![])));
    }

    #[test]
    fn a_mistake_is_named_by_its_line_and_never_quoted() {
        let error = read("[crm]\ns3cret\n").expect_err("no name");
        assert_eq!(error, "line 2 of services is not name=value");
        assert!(read("[crm]\nservice=other\n").is_err());
        assert_eq!(read("[other]\nnonsense\n"), Ok(None), "another section is not judged");
    }
}
