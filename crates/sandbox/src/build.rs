//! Building the sandbox's data so that it is there whole or not at all.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process;

use crate::error::SandboxError;
use crate::privilege::Account;
use crate::server::LocalServer;

/// The database that holds the sample.
pub(crate) const DATABASE: &str = "leora";

/// What the names of unfinished and of replaced data begin with.
const UNFINISHED: &str = "data.new";
const REPLACED: &str = "data.old";

/// Builds data with the sample in `home`, on the disk, under a name of its own. A killed command's programs may
/// still be writing to theirs.
pub(crate) fn build(home: &Path, account: &Account, sample: &str) -> Result<PathBuf, SandboxError> {
    let new = home.join(format!("{UNFINISHED}.{}", process::id()));
    remove(&new)?;
    let server = LocalServer::create_as(account.clone(), &new)?;
    server.load("postgres", &format!("CREATE DATABASE {DATABASE};\n\n"))?;
    server.load(DATABASE, sample)?;
    server.sync()?;
    Ok(new)
}

/// Puts built data in place, instead of what is there.
pub(crate) fn install(new: &Path, data: &Path) -> Result<(), SandboxError> {
    let home = data.parent().unwrap_or(data);
    if data.exists() {
        let old = home.join(format!("{REPLACED}.{}", process::id()));
        remove(&old)?;
        fs::rename(data, &old).map_err(SandboxError::file("rename", data))?;
    }
    fs::rename(new, data).map_err(SandboxError::file("rename", new))?;
    // The name itself is on the disk only when its directory is.
    let synced = File::open(home).and_then(|dir| dir.sync_all());
    synced.map_err(SandboxError::file("sync", home))?;
    sweep(home);
    Ok(())
}

/// Removes what killed commands left. What cannot be removed now is tried again the next time.
pub(crate) fn sweep(home: &Path) {
    for entry in fs::read_dir(home).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(UNFINISHED) || name.starts_with(REPLACED) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn remove(dir: &Path) -> Result<(), SandboxError> {
    if dir.symlink_metadata().is_err() {
        return Ok(());
    }
    fs::remove_dir_all(dir).map_err(SandboxError::file("remove", dir))
}
