//! Where a PostgreSQL server may be on this machine.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::privilege::Account;

/// Parents of one directory a version: its name starts with the prefix, the binaries are in the last part below.
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

/// The directories of the `PATH`, the user's own choice, in its order.
pub(crate) fn on_path() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).filter(|dir| dir.is_absolute()).map(|dir| real(&dir)).collect()
}

/// The other directories that may hold the server's binaries.
pub(crate) fn elsewhere(account: &Account) -> Vec<PathBuf> {
    let versioned = VERSIONED.iter().flat_map(|(parent, prefix, below)| {
        versions(Path::new(parent), prefix).map(move |dir| dir.join(below))
    });
    let single = SINGLE.iter().map(PathBuf::from);
    let all = named_by_pg_config(account).into_iter().chain(versioned).chain(single);
    all.map(|dir| real(&dir)).collect()
}

/// Where the binaries really are: a directory of links (`/usr/local/bin`) lacks what they need beside them.
fn real(dir: &Path) -> PathBuf {
    let linked = dir.join("postgres").canonicalize().ok();
    let home =
        linked.as_deref().and_then(Path::parent).filter(|home| home.join("initdb").is_file());
    home.map_or_else(|| dir.to_path_buf(), Path::to_path_buf)
}

fn named_by_pg_config(account: &Account) -> Option<PathBuf> {
    let output = account.command("pg_config").arg("--bindir").output().ok()?;
    let dir = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    (output.status.success() && dir.is_absolute()).then_some(dir)
}

fn versions(parent: &Path, prefix: &str) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let mut dirs: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path())
        .collect();
    // The order of a directory is chance; which of two equal versions is taken should not be.
    dirs.sort();
    dirs.into_iter()
}
