//! The directories where PostgreSQL's server programs may be on this machine.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::account::Account;

/// Parents of one directory for each version: its name starts with the prefix, and the programs are in the last part.
const VERSIONED: [(&str, &str, &str); 7] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr/lib", "postgresql", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/usr", "pgsql-", "bin"),
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local/opt", "postgresql@", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

/// Single directories that are seldom on the `PATH`.
const SINGLE: [&str; 4] =
    ["/opt/homebrew/bin", "/usr/local/bin", "/usr/local/pgsql/bin", "/usr/bin"];

pub(crate) fn on_path() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).filter(|dir| dir.is_absolute()).map(|dir| resolve_links(&dir)).collect()
}

pub(crate) fn elsewhere(account: &Account) -> Vec<PathBuf> {
    let versioned = VERSIONED.iter().flat_map(|(parent, prefix, below)| {
        version_directories(Path::new(parent), prefix).map(move |dir| dir.join(below))
    });
    let single = SINGLE.iter().map(PathBuf::from);
    let all = pg_config_directory(account).into_iter().chain(versioned).chain(single);
    all.map(|dir| resolve_links(&dir)).collect()
}

/// Where the programs really are: a directory of links, such as `/usr/local/bin`, lacks the files that they need.
fn resolve_links(dir: &Path) -> PathBuf {
    let program = dir.join("postgres").canonicalize().ok();
    let home =
        program.as_deref().and_then(Path::parent).filter(|home| home.join("initdb").is_file());
    home.map_or_else(|| dir.to_path_buf(), Path::to_path_buf)
}

fn pg_config_directory(account: &Account) -> Option<PathBuf> {
    let output = account.command("pg_config").arg("--bindir").output().ok()?;
    let dir = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    (output.status.success() && dir.is_absolute()).then_some(dir)
}

fn version_directories(parent: &Path, prefix: &str) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let mut dirs: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path())
        .collect();
    // Directories list their entries in any order, and which of two equal versions is chosen should not depend on that.
    dirs.sort();
    dirs.into_iter()
}
