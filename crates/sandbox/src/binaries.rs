//! The machine's own PostgreSQL server binaries, proven usable before they are chosen.

use std::collections::HashSet;
use std::env;
use std::path::{Path, PathBuf};

use crate::error::{SandboxError, tail};
use crate::privilege::Account;
use crate::{install, search};

/// The oldest major version that is taken.
const OLDEST: u32 = 13;

/// Names the directory to take, before all others.
const CHOICE: &str = "LEORA_POSTGRES_BIN";

/// A directory with `initdb` and `postgres` of one version that work on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binaries {
    dir: PathBuf,
    major: u32,
}

impl Binaries {
    /// What `LEORA_POSTGRES_BIN` names; else the first on the PATH that `account` can run; else the newest version of
    /// those in the usual places.
    ///
    /// # Errors
    /// [`SandboxError::NoServer`] with the install command, or [`SandboxError::ChosenServer`].
    pub fn preferred(account: &Account) -> Result<Self, SandboxError> {
        if let Some(chosen) = chosen(account)? {
            return Ok(chosen);
        }
        let mut all = Candidates::default();
        all.probe(search::on_path(), account);
        if let Some(first) = all.found.first() {
            return Ok(first.clone());
        }
        all.probe(search::elsewhere(account), account);
        // Of equal versions the first; max_by_key takes the last.
        let newest = all.found.iter().rev().max_by_key(|binaries| binaries.major).cloned();
        newest.ok_or_else(|| all.none())
    }

    /// The binaries of the major version that made the data directory `data`.
    ///
    /// # Errors
    /// [`SandboxError::OtherMajor`] when they are not on the machine, and as [`Binaries::preferred`].
    pub fn of_major(major: u32, data: &Path, account: &Account) -> Result<Self, SandboxError> {
        let mut all = Candidates::default();
        match chosen(account)? {
            Some(chosen) => all.found.push(chosen),
            None => {
                all.probe(search::on_path(), account);
                all.probe(search::elsewhere(account), account);
            }
        }
        if all.found.is_empty() {
            return Err(all.none());
        }
        let versions: Vec<String> =
            all.found.iter().map(|binaries| binaries.major.to_string()).collect();
        all.found.into_iter().find(|binaries| binaries.major == major).ok_or_else(|| {
            SandboxError::OtherMajor {
                data: data.to_path_buf(),
                major,
                found: format!("PostgreSQL {}", versions.join(", ")),
            }
        })
    }

    /// The directory they are in.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Their major version, such as 17.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.major
    }

    pub(crate) fn initdb(&self) -> PathBuf {
        self.dir.join("initdb")
    }

    pub(crate) fn postgres(&self) -> PathBuf {
        self.dir.join("postgres")
    }
}

/// What `LEORA_POSTGRES_BIN` names.
fn chosen(account: &Account) -> Result<Option<Binaries>, SandboxError> {
    let Some(dir) = env::var_os(CHOICE).filter(|dir| !dir.is_empty()).map(PathBuf::from) else {
        return Ok(None);
    };
    let dir = std::path::absolute(&dir).unwrap_or(dir);
    probe(&dir, account).map(Some).map_err(|reason| SandboxError::ChosenServer { dir, reason })
}

/// The usable binaries of this machine, as far as it was looked through.
#[derive(Debug, Default)]
struct Candidates {
    found: Vec<Binaries>,
    /// Those that do not work, and why.
    refused: Vec<String>,
    seen: HashSet<PathBuf>,
}

impl Candidates {
    /// Looks into directories, into each once.
    fn probe(&mut self, dirs: Vec<PathBuf>, account: &Account) {
        for dir in dirs {
            let empty = !dir.join("initdb").exists() && !dir.join("postgres").exists();
            if empty || !self.seen.insert(dir.clone()) {
                continue;
            }
            match probe(&dir, account) {
                Ok(binaries) => self.found.push(binaries),
                Err(reason) => self.refused.push(format!("{} ({reason})", dir.display())),
            }
        }
    }

    fn none(self) -> SandboxError {
        let mut looked = vec!["PATH, pg_config and the usual places".to_owned()];
        looked.extend(self.refused);
        SandboxError::NoServer { looked: looked.join(", "), install: install::command() }
    }
}

/// Asks `initdb` itself what it would use: this proves that it runs, that `postgres` of the same version is
/// beside it, and tells the share directory, without which copies of the binaries fail much later.
fn probe(dir: &Path, account: &Account) -> Result<Binaries, String> {
    for program in ["initdb", "postgres"] {
        if !dir.join(program).is_file() {
            return Err(format!("has no {program}"));
        }
    }
    let output = account
        .command(dir.join("initdb"))
        .args(["--show", "-D", "/nonexistent"])
        .output()
        .map_err(|error| format!("initdb does not run: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    let value = |name: &str| said.lines().find_map(|line| line.strip_prefix(name));
    let (Some(version), Some(share)) = (value("VERSION="), value("share_path=")) else {
        return Err(format!("initdb does not work: {}", tail(&said).replace('\n', "; ")));
    };
    if !Path::new(share).join("postgres.bki").is_file() {
        return Err(format!("has lost its share directory {share}"));
    }
    match major_of(version) {
        Some(major) if major >= OLDEST => Ok(Binaries { dir: dir.to_path_buf(), major }),
        _ => Err(format!("is version {version}")),
    }
}

/// The major version at the start of a version text: 15 of `15.18 (Debian ...)`, 18 of `18beta1`.
pub(crate) fn major_of(version: &str) -> Option<u32> {
    let digits = version.trim_start().split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::{Account, Binaries, major_of, probe};

    #[test]
    fn major_versions() {
        assert_eq!(major_of("15.18 (Debian 15.18-0+deb12u1)"), Some(15));
        assert_eq!(major_of("18beta1"), Some(18));
        assert_eq!(major_of("9.6.24"), Some(9));
        assert_eq!(major_of("devel"), None);
    }

    #[test]
    fn binaries_without_their_share_directory_are_refused() {
        let account = Account::unprivileged().unwrap();
        let good = Binaries::preferred(&account).unwrap();
        let copies = tempfile::tempdir().unwrap();
        fs::set_permissions(copies.path(), fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(probe(copies.path(), &account).unwrap_err(), "has no initdb");
        for program in ["initdb", "postgres"] {
            fs::copy(good.dir().join(program), copies.path().join(program)).unwrap();
        }
        let refused = probe(copies.path(), &account);
        // A package built for one place finds its share directory from anywhere; one that moves does not.
        assert!(
            refused
                .as_ref()
                .map_or_else(|reason| reason.contains("share"), |found| found.major == good.major)
        );
    }
}
