//! Directories that only the server's account can use, and names for them that stay the same.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, DirBuilder, Permissions};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::unistd::geteuid;

use crate::error::SandboxError;
use crate::privilege::Account;

/// What the names of our directories in a shared temporary directory begin with.
const PREFIX: &str = "leora-run-";

/// The longest path of a Unix socket: macOS has 104 bytes with the final NUL, Linux 108.
const SOCKET_PATH: usize = 103;

/// The longest name of a socket and its lock file below its directory.
const SOCKET_NAME: usize = "/.s.PGSQL.65535.lock".len();

/// The directory for the sockets of the server over `data`: short, wherever the data is.
pub(crate) fn sockets(data: &Path, account: &Account) -> Result<PathBuf, SandboxError> {
    let name = name_for(data, account);
    let candidates = [env::temp_dir(), PathBuf::from("/tmp")];
    candidates
        .iter()
        .filter(|dir| dir.is_dir() && account.can_enter(dir) && is_plain(dir))
        .map(|dir| dir.join(&name))
        .find(|dir| dir.as_os_str().len() + SOCKET_NAME <= SOCKET_PATH)
        .ok_or_else(|| SandboxError::NoSocketPlace {
            tried: candidates.map(|dir| dir.display().to_string()).join(" and "),
            account: account.name().to_owned(),
        })
}

/// Where the data of the sandbox `dir` is: there, or in a temporary directory when the account cannot get there.
pub(crate) fn home(dir: &Path, account: &Account) -> Result<PathBuf, SandboxError> {
    if account.can_enter(dir) {
        return Ok(dir.to_path_buf());
    }
    // /var/tmp first: what is there outlives a restart of the machine.
    [PathBuf::from("/var/tmp"), env::temp_dir(), PathBuf::from("/tmp")]
        .into_iter()
        .find(|place| place.is_dir() && account.can_enter(place))
        .map(|place| place.join(format!("{}-data", name_for(dir, account))))
        .ok_or_else(|| SandboxError::Unreachable {
            path: dir.to_path_buf(),
            account: account.name().to_owned(),
        })
}

/// Removes a directory of sockets that a stopped server has left empty.
pub(crate) fn remove_sockets(dir: &Path) {
    let ours = |name: &OsStr| name.as_bytes().starts_with(PREFIX.as_bytes());
    if dir.file_name().is_some_and(ours) {
        // It may be gone already, or another server may use it: both are fine.
        let _ = fs::remove_dir(dir);
    }
}

/// Makes `dir` a directory that only `account` can enter, or checks that it is one already.
///
/// # Errors
/// [`SandboxError::Foreign`] when somebody else was there first.
pub(crate) fn private(dir: &Path, account: &Account) -> Result<(), SandboxError> {
    make(dir, 0o700)?;
    let owner = owner_of(dir)?;
    if owner != account.uid() && owner != geteuid().as_raw() {
        return Err(SandboxError::Foreign { path: dir.to_path_buf(), owner });
    }
    account.own(dir)?;
    fs::set_permissions(dir, Permissions::from_mode(0o700))
        .map_err(SandboxError::file("close", dir))
}

/// Makes `dir` a directory of our own which the account may pass through, or checks that it is one already.
pub(crate) fn passable(dir: &Path) -> Result<(), SandboxError> {
    make(dir, 0o711)?;
    let owner = owner_of(dir)?;
    if owner != geteuid().as_raw() {
        return Err(SandboxError::Foreign { path: dir.to_path_buf(), owner });
    }
    fs::set_permissions(dir, Permissions::from_mode(0o711)).map_err(SandboxError::file("open", dir))
}

fn make(dir: &Path, mode: u32) -> Result<(), SandboxError> {
    match DirBuilder::new().mode(mode).create(dir) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(SandboxError::file("create", dir)(error))
        }
        _ => Ok(()),
    }
}

/// The owner of a directory; a link that somebody put in its place counts as theirs.
fn owner_of(dir: &Path) -> Result<u32, SandboxError> {
    let found = dir.symlink_metadata().map_err(SandboxError::file("read", dir))?;
    if !found.is_dir() {
        return Err(SandboxError::file("use", dir)(ErrorKind::NotADirectory.into()));
    }
    Ok(found.uid())
}

/// PostgreSQL splits its list of socket directories at commas.
fn is_plain(dir: &Path) -> bool {
    dir.to_str().is_some_and(|text| !text.contains([',', '"']))
}

fn name_for(path: &Path, account: &Account) -> String {
    format!("{PREFIX}{}-{:016x}", account.uid(), fingerprint(path.as_os_str().as_bytes()))
}

/// FNV-1a: the same on every machine and in every version, which std's hasher does not promise.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use super::{Account, SandboxError, fingerprint, private, sockets};

    #[test]
    fn fingerprints_are_those_of_fnv_1a() {
        assert_eq!(fingerprint(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fingerprint(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn sockets_are_short_and_differ_by_path() {
        let account = Account::unprivileged().unwrap();
        let long = sockets(Path::new(&format!("/{}", "long/".repeat(60))), &account).unwrap();
        assert!(long.as_os_str().len() < 84, "{}", long.display());
        assert_ne!(long, sockets(Path::new("/short"), &account).unwrap());
    }

    #[test]
    fn a_link_in_the_place_of_a_private_directory_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let link = dir.path().join("link");
        symlink("/etc", &link).unwrap();
        let refused = private(&link, &Account::unprivileged().unwrap());
        assert!(matches!(refused, Err(SandboxError::File { .. })), "{refused:?}");
    }
}
