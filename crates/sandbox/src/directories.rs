//! The server's directories: for data and for sockets, which its account can enter and nobody else can.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, DirBuilder, Permissions};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::unistd::geteuid;

use crate::account::Account;
use crate::error::SandboxError;

const PREFIX: &str = "leora-run-";

/// The longest path of a Unix socket: macOS has 104 bytes with the final NUL, Linux 108.
const MAX_SOCKET_PATH: usize = 103;

const MAX_SOCKET_NAME: usize = "/.s.PGSQL.65535.lock".len();

/// Its path is short, wherever the data is.
pub(crate) fn socket_directory(data: &Path, account: &Account) -> Result<PathBuf, SandboxError> {
    let name = stable_name(data, account);
    let candidates = [env::temp_dir(), PathBuf::from("/tmp")];
    candidates
        .iter()
        .filter(|dir| dir.is_dir() && account.can_enter(dir) && is_listable(dir))
        .map(|dir| dir.join(&name))
        .find(|dir| dir.as_os_str().len() + MAX_SOCKET_NAME <= MAX_SOCKET_PATH)
        .ok_or_else(|| SandboxError::NoSocketPlace {
            tried: candidates.map(|dir| dir.display().to_string()).join(" and "),
            account: account.name().to_owned(),
        })
}

/// Where links to the libraries of a server are whose own directory lacks them. The loader's list of directories is split
/// at these characters.
pub(crate) fn library_directory(native: &Path, account: &Account) -> Option<PathBuf> {
    [env::temp_dir(), PathBuf::from("/tmp")]
        .into_iter()
        .filter(|dir| dir.is_dir() && account.can_enter(dir))
        .map(|dir| dir.join(format!("{}-libraries", stable_name(native, account))))
        .find(|dir| dir.to_str().is_some_and(|text| !text.contains([':', ';'])))
}

/// The sandbox `dir` itself, or one in a temporary directory when the account cannot enter that.
pub(crate) fn data_home(dir: &Path, account: &Account) -> Result<PathBuf, SandboxError> {
    if account.can_enter(dir) {
        return Ok(dir.to_path_buf());
    }
    // /var/tmp first: it survives a restart of the machine.
    [PathBuf::from("/var/tmp"), env::temp_dir(), PathBuf::from("/tmp")]
        .into_iter()
        .find(|parent| parent.is_dir() && account.can_enter(parent))
        .map(|parent| parent.join(format!("{}-data", stable_name(dir, account))))
        .ok_or_else(|| SandboxError::Unreachable {
            path: dir.to_path_buf(),
            account: account.name().to_owned(),
        })
}

pub(crate) fn remove_socket_directory(dir: &Path) {
    let ours = |name: &OsStr| name.as_bytes().starts_with(PREFIX.as_bytes());
    if dir.file_name().is_some_and(ours) {
        // It may be gone already, or another server may use it: both are fine.
        let _ = fs::remove_dir(dir);
    }
}

/// Creates `dir` so that only `account` can enter it, or checks that it is such a directory already.
///
/// # Errors
/// [`SandboxError::Foreign`] when somebody else was there first.
pub(crate) fn make_private(dir: &Path, account: &Account) -> Result<(), SandboxError> {
    create(dir, 0o700)?;
    let owner = owner_of(dir)?;
    if owner != account.uid() && owner != geteuid().as_raw() {
        return Err(SandboxError::Foreign { path: dir.to_path_buf(), owner });
    }
    account.own(dir)?;
    fs::set_permissions(dir, Permissions::from_mode(0o700))
        .map_err(SandboxError::file("close", dir))
}

/// Creates `dir` as our own, so that the account can pass through it, or checks that it is such a directory already.
pub(crate) fn make_passable(dir: &Path) -> Result<(), SandboxError> {
    create(dir, 0o711)?;
    let owner = owner_of(dir)?;
    if owner != geteuid().as_raw() {
        return Err(SandboxError::Foreign { path: dir.to_path_buf(), owner });
    }
    fs::set_permissions(dir, Permissions::from_mode(0o711)).map_err(SandboxError::file("open", dir))
}

fn create(dir: &Path, mode: u32) -> Result<(), SandboxError> {
    match DirBuilder::new().mode(mode).create(dir) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(SandboxError::file("create", dir)(error))
        }
        _ => Ok(()),
    }
}

/// A link is not followed: somebody may have put it there.
fn owner_of(dir: &Path) -> Result<u32, SandboxError> {
    let found = dir.symlink_metadata().map_err(SandboxError::file("read", dir))?;
    if !found.is_dir() {
        return Err(SandboxError::file("use", dir)(ErrorKind::NotADirectory.into()));
    }
    Ok(found.uid())
}

/// Whether it can be in PostgreSQL's list of socket directories, which is split at commas.
fn is_listable(dir: &Path) -> bool {
    dir.to_str().is_some_and(|text| !text.contains([',', '"']))
}

fn stable_name(path: &Path, account: &Account) -> String {
    format!("{PREFIX}{}-{:016x}", account.uid(), fnv_1a(path.as_os_str().as_bytes()))
}

/// A hash that is the same on every machine and in every version, which std's does not promise.
fn fnv_1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use super::{Account, SandboxError, fnv_1a, make_private, socket_directory};

    #[test]
    fn hashes_are_those_of_fnv_1a() {
        assert_eq!(fnv_1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv_1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn socket_directories_are_short_and_differ_by_path() {
        let account = Account::unprivileged().unwrap();
        let long =
            socket_directory(Path::new(&format!("/{}", "long/".repeat(60))), &account).unwrap();
        assert!(long.as_os_str().len() < 84, "{}", long.display());
        assert_ne!(long, socket_directory(Path::new("/short"), &account).unwrap());
    }

    #[test]
    fn a_link_in_the_place_of_a_private_directory_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let link = dir.path().join("link");
        symlink("/etc", &link).unwrap();
        let refused = make_private(&link, &Account::unprivileged().unwrap());
        assert!(matches!(refused, Err(SandboxError::File { .. })), "{refused:?}");
    }
}
