//! Running SQL in PostgreSQL's single-user mode: quicker than starting the server, and nobody else can connect.

use std::io::Write;
use std::process::Stdio;

use crate::error::SandboxError;
use crate::server::LocalServer;
use crate::server_log::{log_tail, open_log};

impl LocalServer {
    /// Runs `sql` in `database` while the server does not run; the first error ends it. Each statement ends with a semicolon
    /// and an empty line. Nothing is forced to the disk yet.
    ///
    /// # Errors
    /// [`SandboxError::Load`] with the end of the server's log.
    pub fn load(&self, database: &str, sql: &str) -> Result<(), SandboxError> {
        let program = self.binaries.postgres();
        let log = open_log(&self.data, &self.account)?;
        let mut command = self.binaries.command(&program, &self.account);
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
        Err(SandboxError::Load { database: database.to_owned(), detail: log_tail(&self.data) })
    }
}
