//! The server's log, in its data directory.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::fcntl::OFlag;

use crate::account::Account;
use crate::error::{SandboxError, last_lines};

pub(crate) const LOG: &str = "leora-server.log";

/// The directory belongs to the server's account, so root follows no link in it.
pub(crate) fn open_log(data: &Path, account: &Account) -> Result<File, SandboxError> {
    let path = data.join(LOG);
    let mut options = OpenOptions::new();
    options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .custom_flags(OFlag::O_NOFOLLOW.bits());
    let log = options.open(&path).map_err(SandboxError::file("open", &path))?;
    account.own(&path)?;
    Ok(log)
}

pub(crate) fn log_tail(data: &Path) -> String {
    let text = fs::read(data.join(LOG)).unwrap_or_default();
    last_lines(&String::from_utf8_lossy(&text))
}
