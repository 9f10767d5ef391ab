//! As whom the server runs: PostgreSQL refuses to run as root.

use std::ffi::OsStr;
use std::os::unix::fs::{MetadataExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::unistd::{Uid, User, getegid, geteuid};

use crate::error::SandboxError;

/// The accounts that root hands the server to, in order of preference.
const FOR_ROOT: [&str; 2] = ["postgres", "nobody"];

/// The user as whom the server and its programs run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    name: String,
    uid: u32,
    gid: u32,
    /// We are root and have to become that user.
    switch: bool,
}

impl Account {
    /// The account for a new data directory: ourselves, or for root `postgres`, else `nobody`.
    ///
    /// # Errors
    /// [`SandboxError::NoAccount`] when root has neither.
    pub fn unprivileged() -> Result<Self, SandboxError> {
        if !geteuid().is_root() {
            return Ok(Self::ourselves());
        }
        FOR_ROOT
            .iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .map(Self::of)
            .ok_or(SandboxError::NoAccount)
    }

    /// The account for a data directory that exists: its owner, whom root becomes.
    ///
    /// # Errors
    /// [`SandboxError::Foreign`] when it belongs to somebody whom we cannot become, and as [`Account::unprivileged`].
    pub fn owning(data: &Path) -> Result<Self, SandboxError> {
        let found = data.symlink_metadata().map_err(SandboxError::file("read", data))?;
        let owner = Uid::from_raw(found.uid());
        if owner == geteuid() {
            return Self::unprivileged();
        }
        if !geteuid().is_root() {
            return Err(SandboxError::Foreign { path: data.to_path_buf(), owner: owner.as_raw() });
        }
        Ok(match User::from_uid(owner) {
            Ok(Some(user)) => Self::of(user),
            _ => Self {
                name: owner.to_string(),
                uid: owner.as_raw(),
                gid: found.gid(),
                switch: true,
            },
        })
    }

    /// The account's name, for messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The account's user id.
    #[must_use]
    pub fn uid(&self) -> u32 {
        self.uid
    }

    /// Makes the account the owner of `path` where it is not (a symbolic link is not followed).
    pub(crate) fn own(&self, path: &Path) -> Result<(), SandboxError> {
        if !self.switch {
            return Ok(());
        }
        lchown(path, Some(self.uid), Some(self.gid))
            .map_err(SandboxError::file("change the owner of", path))
    }

    /// Whether the account can enter `dir`, by the permissions of it and of every directory above it.
    /// A part that does not exist yet will be made by us, and is entered.
    pub(crate) fn can_enter(&self, dir: &Path) -> bool {
        !self.switch || dir.ancestors().all(|part| self.passes(part))
    }

    fn passes(&self, dir: &Path) -> bool {
        let Ok(found) = dir.metadata() else {
            return true;
        };
        let bit = if found.uid() == self.uid {
            0o100
        } else if found.gid() == self.gid {
            0o010
        } else {
            0o001
        };
        found.mode() & bit != 0
    }

    /// A command that runs as this account, away from our input and working directory, with nothing of our
    /// environment that would change what PostgreSQL does or in which language it speaks.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").stdin(Stdio::null()).env("LC_ALL", "C").env("TZ", "UTC");
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        if self.switch {
            // std drops our other groups too when root sets the user.
            command.gid(self.gid).uid(self.uid);
        }
        command
    }

    fn ourselves() -> Self {
        let uid = geteuid();
        let name =
            User::from_uid(uid).ok().flatten().map_or_else(|| uid.to_string(), |user| user.name);
        Self { name, uid: uid.as_raw(), gid: getegid().as_raw(), switch: false }
    }

    fn of(user: User) -> Self {
        Self { name: user.name, uid: user.uid.as_raw(), gid: user.gid.as_raw(), switch: true }
    }
}
