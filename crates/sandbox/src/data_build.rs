//! Building the sandbox's data so that it exists whole or not at all.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process;

use crate::account::Account;
use crate::error::SandboxError;
use crate::server::LocalServer;

pub(crate) const DATABASE: &str = "leora";

/// A server in single-user mode gives new objects ids below 16384, and takes tables with such ids for its own: it applies
/// no row-level security to them, and does not publish them. Large objects use the ids up.
const PAST_RESERVED_IDS: &str = "DO $$ DECLARE made oid;
BEGIN
LOOP made := pg_catalog.lo_creat(-1); PERFORM pg_catalog.lo_unlink(made); EXIT WHEN made >= 16384; END LOOP;
END $$;";

const UNFINISHED: &str = "data.new";
const REPLACED: &str = "data.old";

/// Forces it to the disk. It has a name of its own, since programs of a killed command may still be writing to theirs.
pub(crate) fn build_data(
    home: &Path,
    account: &Account,
    sample: &str,
) -> Result<PathBuf, SandboxError> {
    let new = home.join(format!("{UNFINISHED}.{}", process::id()));
    remove(&new)?;
    let server = LocalServer::create_as(account.clone(), &new)?;
    server.load("postgres", &format!("{PAST_RESERVED_IDS}\n\nCREATE DATABASE {DATABASE};\n\n"))?;
    server.load(DATABASE, sample)?;
    server.sync()?;
    Ok(new)
}

pub(crate) fn replace_data(data: &Path, new: &Path) -> Result<(), SandboxError> {
    let home = data.parent().unwrap_or(data);
    if data.exists() {
        let old = home.join(format!("{REPLACED}.{}", process::id()));
        remove(&old)?;
        fs::rename(data, &old).map_err(SandboxError::file("rename", data))?;
    }
    fs::rename(new, data).map_err(SandboxError::file("rename", new))?;
    // The new name is on the disk only when its directory is.
    let synced = File::open(home).and_then(|dir| dir.sync_all());
    synced.map_err(SandboxError::file("sync", home))?;
    remove_leftovers(home);
    Ok(())
}

/// What can't be removed now is removed the next time.
pub(crate) fn remove_leftovers(home: &Path) {
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
