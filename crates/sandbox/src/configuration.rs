//! The sandbox's configuration: its files are written anew before each start, so that nothing holds that somebody has
//! written there since, such as with ALTER SYSTEM or `include`.

use std::fs;
use std::path::Path;

use leora_system::{UnfinishedFile, Visibility};

use crate::account::Account;
use crate::error::SandboxError;

/// The files that a server reads, and what they say: what `initdb` writes where memory is not short. The rest is in the
/// arguments of the start.
const FILES: [(&str, &str); 4] = [
    (
        "postgresql.conf",
        "# Written by leora-run before each start; what is changed here is lost.\n\
         max_connections = 100\n\
         shared_buffers = '128MB'\n\
         max_wal_size = '1GB'\n\
         min_wal_size = '80MB'\n\
         timezone = 'UTC'\n\
         log_timezone = 'UTC'\n\
         datestyle = 'iso, mdy'\n\
         default_text_search_config = 'pg_catalog.english'\n",
    ),
    ("postgresql.auto.conf", ""),
    // Only the server's own account can enter the directory of the socket.
    ("pg_hba.conf", "local all all trust\nlocal replication all trust\n"),
    ("pg_ident.conf", ""),
];

/// Only while the server is stopped.
pub(crate) fn write_configuration(data: &Path, account: &Account) -> Result<(), SandboxError> {
    for (name, text) in FILES {
        let path = data.join(name);
        let failed = |error| SandboxError::file("write", &path)(error);
        if path.symlink_metadata().is_ok_and(|found| !found.is_file()) {
            fs::remove_file(&path).map_err(failed)?;
        }
        let new = UnfinishedFile::write(&path, text, Visibility::Private).map_err(failed)?;
        account.own(new.path())?;
        new.put_in_place().map_err(failed)?;
    }
    Ok(())
}
