//! Who holds a lock on a file, for a message.

use std::fmt;
use std::fs::File;
#[cfg(target_os = "linux")]
use std::os::unix::fs::MetadataExt;

use nix::unistd::{Uid, User, geteuid};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileLockHolder {
    pid: i32,
    uid: u32,
}

impl FileLockHolder {
    /// `None` also where the system does not tell it.
    #[cfg(target_os = "linux")]
    pub(crate) fn of(file: &File) -> Option<Self> {
        let inode = file.metadata().ok()?.ino().to_string();
        let locks = std::fs::read_to_string("/proc/locks").ok()?;
        let pid = locks.lines().find_map(|line| pid_of(line, &inode))?;
        let uid = std::fs::metadata(format!("/proc/{pid}")).ok()?.uid();
        Some(Self { pid, uid })
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn of(_: &File) -> Option<Self> {
        None
    }

    /// Whether another user than this process's own holds it.
    pub(crate) fn is_foreign(self) -> bool {
        self.uid != geteuid().as_raw()
    }
}

impl fmt::Display for FileLockHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, uid } = self;
        match User::from_uid(Uid::from_raw(*uid)) {
            Ok(Some(user)) => write!(f, "process {pid} of the user {}", user.name),
            _ => write!(f, "process {pid} of the user with uid {uid}"),
        }
    }
}

/// The process of a line of `/proc/locks`, if it is about the file with this inode:
/// `1: FLOCK  ADVISORY  WRITE 4711 08:01:131090 0 EOF`.
#[cfg(target_os = "linux")]
fn pid_of(line: &str, inode: &str) -> Option<i32> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let holds = words.get(1) == Some(&"FLOCK") && words.get(5)?.rsplit(':').next() == Some(inode);
    holds.then(|| words[4].parse().ok()).flatten().filter(|pid| *pid > 0)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs::File;

    use super::{FileLockHolder, pid_of};

    #[test]
    fn the_holder_of_a_lock_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let file = File::create(folder.path().join("lock")).unwrap();
        assert_eq!(FileLockHolder::of(&file), None);
        file.lock().unwrap();
        let holder = FileLockHolder::of(&file).unwrap();
        assert_eq!(holder.pid, std::process::id().cast_signed());
        assert!(!holder.is_foreign());
        assert!(holder.to_string().starts_with(&format!("process {} of the user ", holder.pid)));
    }

    #[test]
    fn waiting_processes_hold_nothing() {
        assert_eq!(pid_of("1: FLOCK  ADVISORY  WRITE 4711 08:01:12 0 EOF", "12"), Some(4711));
        assert_eq!(pid_of("1: -> FLOCK  ADVISORY  WRITE 4712 08:01:12 0 EOF", "12"), None);
        assert_eq!(pid_of("1: FLOCK  ADVISORY  WRITE 4711 08:01:12 0 EOF", "1"), None);
    }
}
