//! Choosing the PostgreSQL server programs of this machine, by trying whether they work.

use std::collections::HashSet;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::account::Account;
use crate::error::{SandboxError, last_lines};
use crate::{binary_directories, install_command, npm_libraries, npm_package};

const OLDEST_MAJOR_VERSION: u32 = 13;

const DIRECTORY_VARIABLE: &str = "LEORA_POSTGRES_BIN";

/// Where the system's loader looks for libraries first.
const LIBRARY_VARIABLE: &str =
    if cfg!(target_os = "macos") { "DYLD_LIBRARY_PATH" } else { "LD_LIBRARY_PATH" };

/// A directory with `initdb` and `postgres` of one version that work on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binaries {
    dir: PathBuf,
    major: u32,
    /// A directory of libraries that they do not find by themselves.
    libraries: Option<PathBuf>,
}

impl Binaries {
    /// Those that `LEORA_POSTGRES_BIN` names; else the first in the PATH that `account` can run; else the newest version in
    /// the usual directories; else the one that the project has from npm.
    ///
    /// # Errors
    /// [`SandboxError::NoServer`] with the install command, or [`SandboxError::ChosenServer`].
    pub fn preferred(account: &Account) -> Result<Self, SandboxError> {
        if let Some(chosen) = named_by_environment(account)? {
            return Ok(chosen);
        }
        let mut all = Candidates::default();
        all.probe(binary_directories::on_path(), account);
        if let Some(first) = all.usable.first() {
            return Ok(first.clone());
        }
        all.probe(binary_directories::elsewhere(account), account);
        // The first of equal versions, where max_by_key takes the last.
        let newest = all.usable.iter().rev().max_by_key(|binaries| binaries.major).cloned();
        if let Some(newest) = newest {
            return Ok(newest);
        }
        all.probe(npm_package::directories(), account);
        all.usable.first().cloned().ok_or_else(|| all.no_server())
    }

    /// Those of the major version that created the data directory `data`.
    ///
    /// # Errors
    /// [`SandboxError::OtherMajor`] when they are not on the machine, and as [`Binaries::preferred`].
    pub(crate) fn of_major_version(
        major: u32,
        data: &Path,
        account: &Account,
    ) -> Result<Self, SandboxError> {
        let mut all = Candidates::default();
        match named_by_environment(account)? {
            Some(chosen) => all.usable.push(chosen),
            None => {
                all.probe(binary_directories::on_path(), account);
                all.probe(binary_directories::elsewhere(account), account);
                all.probe(npm_package::directories(), account);
            }
        }
        if all.usable.is_empty() {
            return Err(all.no_server());
        }
        let versions: Vec<String> =
            all.usable.iter().map(|binaries| binaries.major.to_string()).collect();
        all.usable.into_iter().find(|binaries| binaries.major == major).ok_or_else(|| {
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

    /// A command of one of its programs, as this account, with the libraries that it needs.
    pub(crate) fn command(&self, program: &Path, account: &Account) -> Command {
        command(program, self.libraries.as_deref(), account)
    }
}

fn command(program: &Path, libraries: Option<&Path>, account: &Account) -> Command {
    let mut command = account.command(program);
    if let Some(libraries) = libraries {
        let mut path = OsString::from(libraries);
        if let Some(given) = env::var_os(LIBRARY_VARIABLE).filter(|given| !given.is_empty()) {
            path.push(":");
            path.push(given);
        }
        command.env(LIBRARY_VARIABLE, path);
    }
    command
}

fn named_by_environment(account: &Account) -> Result<Option<Binaries>, SandboxError> {
    let Some(dir) =
        env::var_os(DIRECTORY_VARIABLE).filter(|dir| !dir.is_empty()).map(PathBuf::from)
    else {
        return Ok(None);
    };
    let dir = std::path::absolute(&dir).unwrap_or(dir);
    probe(&dir, account).map(Some).map_err(|reason| SandboxError::ChosenServer { dir, reason })
}

#[derive(Debug, Default)]
struct Candidates {
    usable: Vec<Binaries>,
    /// The directories of those that do not work, and why.
    unusable: Vec<String>,
    seen: HashSet<PathBuf>,
}

impl Candidates {
    fn probe(&mut self, dirs: Vec<PathBuf>, account: &Account) {
        for dir in dirs {
            let empty = !dir.join("initdb").exists() && !dir.join("postgres").exists();
            if empty || !self.seen.insert(dir.clone()) {
                continue;
            }
            match probe(&dir, account) {
                Ok(binaries) => self.usable.push(binaries),
                Err(reason) => self.unusable.push(format!("{} ({reason})", dir.display())),
            }
        }
    }

    fn no_server(&self) -> SandboxError {
        let mut looked = vec!["PATH, pg_config and the usual places".to_owned()];
        looked.extend(self.unusable.clone());
        let by_npm = npm_package::install_command();
        let install = [Some(install_command::install_command()), by_npm];
        let install =
            install.into_iter().flatten().collect::<Vec<_>>().join(", or in this project ");
        SandboxError::NoServer { looked: looked.join(", "), install }
    }
}

/// Asks `initdb` what it would use. This shows that it runs and that `postgres` of the same version is beside it, and returns
/// its share directory, without which copies of the programs fail much later.
fn probe(dir: &Path, account: &Account) -> Result<Binaries, String> {
    for program in ["initdb", "postgres"] {
        if !dir.join(program).is_file() {
            return Err(format!("has no {program}"));
        }
    }
    let libraries = npm_libraries::linked_libraries(dir, account)?;
    let output = command(&dir.join("initdb"), libraries.as_deref(), account)
        .args(["--show", "-D", "/nonexistent"])
        .output()
        .map_err(|error| format!("initdb does not run: {error}"))?;
    let output = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    let value = |name: &str| output.lines().find_map(|line| line.strip_prefix(name));
    let (Some(version), Some(share)) = (value("VERSION="), value("share_path=")) else {
        return Err(format!("initdb does not work: {}", last_lines(&output).replace('\n', "; ")));
    };
    if !Path::new(share).join("postgres.bki").is_file() {
        return Err(format!("has lost its share directory {share}"));
    }
    match major_version(version) {
        Some(major) if major >= OLDEST_MAJOR_VERSION => {
            Ok(Binaries { dir: dir.to_path_buf(), major, libraries })
        }
        _ => Err(format!("is version {version}")),
    }
}

/// The major version at the start of a version text: 15 of `15.18 (Debian ...)`, 18 of `18beta1`.
pub(crate) fn major_version(version: &str) -> Option<u32> {
    let digits = version.trim_start().split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::{Account, Binaries, major_version, probe};

    #[test]
    fn major_versions() {
        assert_eq!(major_version("15.18 (Debian 15.18-0+deb12u1)"), Some(15));
        assert_eq!(major_version("18beta1"), Some(18));
        assert_eq!(major_version("9.6.24"), Some(9));
        assert_eq!(major_version("devel"), None);
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
