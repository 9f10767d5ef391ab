//! What `initdb` does for a data directory.

use crate::error::{SandboxError, tail};
use crate::server::{LocalServer, USER};

impl LocalServer {
    /// C.UTF-8 where the system has it, as most servers; plain C elsewhere.
    pub(crate) fn initialise(&self) -> Result<(), SandboxError> {
        let with = |locale| {
            self.initdb(&["-U", USER, "-A", "trust", "-E", "UTF8", "--locale", locale, "--no-sync"])
        };
        match with("C.UTF-8") {
            Err(SandboxError::Program { detail, .. }) if detail.contains("locale") => with("C"),
            other => other,
        }
    }

    /// Forces the data directory of a stopped server to the disk.
    pub(crate) fn sync(&self) -> Result<(), SandboxError> {
        self.initdb(&["--sync-only"])
    }

    fn initdb(&self, arguments: &[&str]) -> Result<(), SandboxError> {
        let program = self.binaries.initdb();
        let mut command = self.account.command(&program);
        command.arg("-D").arg(&self.data).args(arguments);
        let output = command.output().map_err(SandboxError::program(&program))?;
        if output.status.success() {
            return Ok(());
        }
        let detail = tail(&String::from_utf8_lossy(&output.stderr));
        Err(SandboxError::Program { program, detail })
    }
}
