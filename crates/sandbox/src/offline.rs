//! SQL for a server that does not run, by PostgreSQL's single-user mode: quicker than starting it, and nobody
//! else can be connected.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use crate::error::{SandboxError, tail};
use crate::server::LocalServer;
use crate::start::open_log;

impl LocalServer {
    /// Runs `sql` in `database` of this server, which must not run; the first error ends it. A command ends with
    /// a semicolon and an empty line. Nothing is forced to the disk yet.
    ///
    /// # Errors
    /// [`SandboxError::Load`] with what the server said.
    pub fn load(&self, database: &str, sql: &str) -> Result<(), SandboxError> {
        let program = self.binaries.postgres();
        let log = open_log(self)?;
        let mut command = self.account.command(&program);
        command.args([
            "--single",
            "-j",
            "-F",
            "-c",
            "exit_on_error=true",
            "-c",
            "log_checkpoints=off",
            "-D",
        ]);
        command.arg(&self.data).arg(database);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log);
        let mut child = command.spawn().map_err(SandboxError::program(&program))?;
        let sent = child.stdin.take().map_or(Ok(()), |mut input| input.write_all(sql.as_bytes()));
        let status = child.wait().map_err(SandboxError::program(&program))?;
        if status.success() && sent.is_ok() {
            return Ok(());
        }
        let said = fs::read(self.log()).unwrap_or_default();
        let detail = tail(&String::from_utf8_lossy(&said));
        Err(SandboxError::Load { database: database.to_owned(), detail })
    }
}
