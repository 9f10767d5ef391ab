//! Starting a server and waiting until it accepts connections.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use crate::directories;
use crate::error::SandboxError;
use crate::postmaster::{POLL_INTERVAL, Postmaster, disarm_stale_pid_file};
use crate::server::LocalServer;
use crate::server_log::{log_tail, open_log};

/// How long a start may take, including recovery after a crash.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// How long the last processes of a killed server may take to end: before PostgreSQL 15, one of them may wait 10 s for
/// statistics from another that has ended.
const LAST_PROCESSES_TIMEOUT: Duration = Duration::from_secs(30);

/// PostgreSQL's message while they have not ended.
const STILL_SHARED: &str = "pre-existing shared memory block";

impl LocalServer {
    /// Starts it, unless it runs, and waits until it accepts connections.
    ///
    /// # Errors
    /// [`SandboxError::Start`] with the end of its log.
    pub fn start(&self) -> Result<(), SandboxError> {
        if self.is_running() {
            return Ok(());
        }
        let sockets = directories::socket_directory(&self.data, &self.account)?;
        directories::make_private(&sockets, &self.account)?;
        let begun = Instant::now();
        loop {
            clear_crash_remains(self, &sockets)?;
            match try_start(self, &sockets) {
                Err(SandboxError::Start { tail, .. })
                    if tail.contains(STILL_SHARED) && begun.elapsed() < LAST_PROCESSES_TIMEOUT =>
                {
                    thread::sleep(10 * POLL_INTERVAL);
                }
                ended => return ended,
            }
        }
    }
}

/// The socket directory is this server's own, so no other server loses its socket.
fn clear_crash_remains(server: &LocalServer, sockets: &Path) -> Result<(), SandboxError> {
    disarm_stale_pid_file(&server.data, &server.account)?;
    let socket = format!(".s.PGSQL.{}", server.port());
    for name in [format!("{socket}.lock"), socket] {
        // After an orderly stop there is none.
        let _ = fs::remove_file(sockets.join(name));
    }
    Ok(())
}

fn try_start(server: &LocalServer, sockets: &Path) -> Result<(), SandboxError> {
    let log = open_log(&server.data, &server.account)?;
    let program = server.binaries.postgres();
    let spawned = command(server, sockets, log)?.spawn();
    let mut child = spawned.map_err(SandboxError::program(&program))?;
    let ready = wait_until_ready(&mut child, server);
    // Waited for as long as this process lives, so that an ended server does not remain as a zombie with its old id.
    let _ = thread::Builder::new().name("sandbox-server".into()).spawn(move || child.wait());
    ready
}

fn command(server: &LocalServer, sockets: &Path, log: File) -> Result<Command, SandboxError> {
    let mut command = server.binaries.command(&server.binaries.postgres(), &server.account);
    let addresses = if server.port.is_some() { "127.0.0.1" } else { "" };
    let port = server.port().to_string();
    command.arg("-D").arg(&server.data);
    for (name, value) in [
        ("listen_addresses", addresses),
        ("port", &port),
        ("unix_socket_directories", &sockets.to_string_lossy()),
        ("unix_socket_permissions", "0700"),
    ] {
        command.arg("-c").arg(format!("{name}={value}"));
    }
    for (name, value) in &server.settings {
        command.arg("-c").arg(format!("{name}={value}"));
    }
    let copy = log.try_clone().map_err(SandboxError::file("open", &server.log()))?;
    // A process group of its own: Ctrl-C in the terminal reaches our whole group, and must not reach the server.
    command.stdout(copy).stderr(log).process_group(0);
    Ok(command)
}

fn wait_until_ready(child: &mut Child, server: &LocalServer) -> Result<(), SandboxError> {
    let begun = Instant::now();
    let pid = child.id();
    while !Postmaster::from_pid_file(&server.data)
        .is_some_and(|found| found.ready && found.pid.unsigned_abs() == pid)
    {
        let ended = child.try_wait().map_err(SandboxError::program(&server.binaries.postgres()))?;
        if ended.is_some() {
            return Err(start_error(server));
        }
        if begun.elapsed() > START_TIMEOUT {
            let _ = child.kill();
            return Err(start_error(server));
        }
        thread::sleep(POLL_INTERVAL);
    }
    Ok(())
}

fn start_error(server: &LocalServer) -> SandboxError {
    SandboxError::Start { tail: log_tail(&server.data), log: server.log() }
}
