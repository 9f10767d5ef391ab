//! libpq's service file: connection parameters under a name, `~/.pg_service.conf`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::target::environment::Environment;

/// The parameters of a service: the user's file first, then the system's.
///
/// The error says what is wrong with the service.
pub(crate) fn parameters(
    service: &str,
    environment: &Environment<'_>,
) -> Result<Vec<(String, String)>, String> {
    let files = places(environment);
    for file in &files {
        let Ok(text) = fs::read_to_string(file) else { continue };
        if let Some(found) = section(&text, service, file)? {
            return Ok(found);
        }
    }
    let looked: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    Err(format!("there is no service {service} in {}", looked.join(" or ")))
}

fn places(environment: &Environment<'_>) -> Vec<PathBuf> {
    let own = environment.get("PGSERVICEFILE").map(PathBuf::from);
    let home = || environment.home().map(|home| home.join(".pg_service.conf"));
    let system = environment.get("PGSYSCONFDIR").unwrap_or_else(|| "/etc/postgresql-common".into());
    own.or_else(home).into_iter().chain([Path::new(&system).join("pg_service.conf")]).collect()
}

/// The lines of one `[service]`.
fn section(
    text: &str,
    service: &str,
    file: &Path,
) -> Result<Option<Vec<(String, String)>>, String> {
    let mut within = false;
    let mut found = None;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[') {
            within = name.strip_suffix(']') == Some(service);
            if within {
                found.get_or_insert_with(Vec::new);
            }
            continue;
        }
        let Some(parameters) = found.as_mut().filter(|_| within) else { continue };
        // The line may hold a password: only its number is told.
        let wrong = |what: &str| format!("line {} of {} {what}", number + 1, file.display());
        let (key, value) = line.split_once('=').ok_or_else(|| wrong("is not name=value"))?;
        if key.trim() == "service" {
            return Err(wrong("refers to another service, which is not followed"));
        }
        parameters.push((key.trim().to_owned(), value.trim().to_owned()));
    }
    Ok(found)
}
