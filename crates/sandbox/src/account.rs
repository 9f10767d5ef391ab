//! The user that the server runs as: PostgreSQL refuses to run as root.

use std::ffi::OsStr;
use std::os::unix::fs::{MetadataExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::unistd::{Uid, User, getegid, geteuid};

use crate::error::SandboxError;

/// The users that root runs the server as, in order of preference.
const USERS_FOR_ROOT: [&str; 2] = ["postgres", "nobody"];

/// The user that the server and its programs run as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    name: String,
    uid: u32,
    gid: u32,
    /// Whether this process is root, and has to switch to that user.
    switch: bool,
}

impl Account {
    /// The account for a new data directory: the current user, or for root `postgres`, else `nobody`.
    ///
    /// # Errors
    /// [`SandboxError::NoAccount`] when root has neither.
    pub fn unprivileged() -> Result<Self, SandboxError> {
        if !geteuid().is_root() {
            return Ok(Self::current_user());
        }
        USERS_FOR_ROOT
            .iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .map(Self::from_user)
            .ok_or(SandboxError::NoAccount)
    }

    /// The account for an existing data directory: its owner, which root switches to.
    ///
    /// # Errors
    /// [`SandboxError::Foreign`] when it belongs to another user and this process is not root, and as
    /// [`Account::unprivileged`].
    pub fn owner_of(data: &Path) -> Result<Self, SandboxError> {
        let found = data.symlink_metadata().map_err(SandboxError::file("read", data))?;
        let owner = Uid::from_raw(found.uid());
        if owner == geteuid() {
            return Self::unprivileged();
        }
        if !geteuid().is_root() {
            return Err(SandboxError::Foreign { path: data.to_path_buf(), owner: owner.as_raw() });
        }
        Ok(match User::from_uid(owner) {
            Ok(Some(user)) => Self::from_user(user),
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

    /// Makes it the owner of `path`; a symbolic link is not followed.
    pub(crate) fn own(&self, path: &Path) -> Result<(), SandboxError> {
        if !self.switch {
            return Ok(());
        }
        lchown(path, Some(self.uid), Some(self.gid))
            .map_err(SandboxError::file("change the owner of", path))
    }

    /// Whether the account can enter `dir`, by the permissions of it and of every directory above it. One that does not exist
    /// yet counts as entered: it will be created accordingly.
    pub(crate) fn can_enter(&self, dir: &Path) -> bool {
        !self.switch || dir.ancestors().all(|part| self.has_execute_permission(part))
    }

    fn has_execute_permission(&self, dir: &Path) -> bool {
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

    /// A command that runs as this account, without our input, working directory, or environment variables that would change
    /// PostgreSQL's behavior or language.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").stdin(Stdio::null()).env("LC_ALL", "C").env("TZ", "UTC");
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        if self.switch {
            // std also drops root's supplementary groups when it sets the user.
            command.gid(self.gid).uid(self.uid);
        }
        command
    }

    fn current_user() -> Self {
        let uid = geteuid();
        let name =
            User::from_uid(uid).ok().flatten().map_or_else(|| uid.to_string(), |user| user.name);
        Self { name, uid: uid.as_raw(), gid: getegid().as_raw(), switch: false }
    }

    fn from_user(user: User) -> Self {
        Self { name: user.name, uid: user.uid.as_raw(), gid: user.gid.as_raw(), switch: true }
    }
}
