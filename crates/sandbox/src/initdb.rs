//! Running `initdb`: to create a data directory, and to force one to the disk.

use crate::error::{SandboxError, last_lines};
use crate::server::LocalServer;
use crate::url::USER;

impl LocalServer {
    /// In the locale C.UTF-8 where the system has it, as most servers are; else in C.
    pub(crate) fn initialize(&self) -> Result<(), SandboxError> {
        let initialize = |locale| {
            self.initdb(&["-U", USER, "-A", "trust", "-E", "UTF8", "--locale", locale, "--no-sync"])
        };
        match initialize("C.UTF-8") {
            Err(SandboxError::Program { detail, .. }) if detail.contains("locale") => {
                initialize("C")
            }
            other => other,
        }
    }

    pub(crate) fn sync(&self) -> Result<(), SandboxError> {
        self.initdb(&["--sync-only"])
    }

    fn initdb(&self, arguments: &[&str]) -> Result<(), SandboxError> {
        let program = self.binaries.initdb();
        let mut command = self.binaries.command(&program, &self.account);
        command.arg("-D").arg(&self.data).args(arguments);
        let output = command.output().map_err(SandboxError::program(&program))?;
        if output.status.success() {
            return Ok(());
        }
        let detail = last_lines(&String::from_utf8_lossy(&output.stderr));
        Err(SandboxError::Program { program, detail })
    }
}
