//! A clock that a test sets, for the program or for a server of the test's own.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// A clock that is right until it is set.
pub struct Clock {
    folder: TempDir,
}

impl Clock {
    /// A clock of its own, where the server's account can read it.
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("leora-clock-").tempdir().expect("a folder");
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("permissions");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/clock.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-o"]).arg(folder.path().join("clock.so"));
        compiler.arg(source).arg("-ldl");
        assert!(compiler.status().expect("cc").success(), "the clock is not compiled");
        let clock = Self { folder };
        clock.set(0);
        clock
    }

    /// Sets it this many seconds ahead of the true time, or behind. Whoever has it sees that at once.
    pub fn set(&self, ahead: i64) {
        // Read whole or not at all, however many processes read it now.
        let new = self.folder.path().join("new");
        fs::write(&new, ahead.to_string()).expect("a file");
        fs::rename(new, self.folder.path().join("ahead")).expect("a file");
    }

    /// Gives it to a program, and to what the program starts.
    pub fn given<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        let folder = self.folder.path();
        command
            .env("LD_PRELOAD", folder.join("clock.so"))
            .env("LEORA_TEST_CLOCK", folder.join("ahead"))
    }
}
