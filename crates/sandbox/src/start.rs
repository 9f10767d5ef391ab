//! Starting a server and waiting until it accepts connections.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;

use crate::error::{SandboxError, tail};
use crate::place;
use crate::postmaster::{POLL, Postmaster, retire};
use crate::server::LocalServer;

/// How long a start may take; recovery after a crash is the longest part of it.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long the last processes of a killed server may take to end: before PostgreSQL 15, one of them may still wait
/// 10 s for statistics of another that has ended.
const REMAINS: Duration = Duration::from_secs(30);

/// What PostgreSQL says while they have not.
const STILL_SHARED: &str = "pre-existing shared memory block";

/// Starts a server that does not run.
pub(crate) fn start(server: &LocalServer) -> Result<(), SandboxError> {
    let sockets = place::sockets(&server.data, &server.account)?;
    place::private(&sockets, &server.account)?;
    let begun = Instant::now();
    loop {
        clear_remains(server, &sockets)?;
        match attempt(server, &sockets) {
            Err(SandboxError::Start { tail, .. })
                if tail.contains(STILL_SHARED) && begun.elapsed() < REMAINS =>
            {
                thread::sleep(10 * POLL);
            }
            ended => return ended,
        }
    }
}

/// What a crash left behind. The directory of sockets is this server's own, so nobody else's is removed.
fn clear_remains(server: &LocalServer, sockets: &Path) -> Result<(), SandboxError> {
    retire(&server.data, &server.account)?;
    let socket = format!(".s.PGSQL.{}", server.port());
    for name in [format!("{socket}.lock"), socket] {
        // Mostly there is none.
        let _ = fs::remove_file(sockets.join(name));
    }
    Ok(())
}

fn attempt(server: &LocalServer, sockets: &Path) -> Result<(), SandboxError> {
    let log = open_log(server)?;
    let program = server.binaries.postgres();
    let spawned = command(server, sockets, log)?.spawn();
    let mut child = spawned.map_err(SandboxError::program(&program))?;
    let ready = wait(&mut child, server);
    // Waited for as long as we live, so that it never stays behind as an ended process with its old id.
    let _ = thread::Builder::new().name("sandbox-server".into()).spawn(move || child.wait());
    ready
}

fn command(server: &LocalServer, sockets: &Path, log: File) -> Result<Command, SandboxError> {
    let mut command = server.account.command(server.binaries.postgres());
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
    // A group of its own: Ctrl-C in the terminal reaches every process of ours, and must not reach the server.
    command.stdout(copy).stderr(log).process_group(0);
    Ok(command)
}

fn wait(child: &mut Child, server: &LocalServer) -> Result<(), SandboxError> {
    let begun = Instant::now();
    let pid = child.id();
    while !Postmaster::noted(&server.data)
        .is_some_and(|noted| noted.ready && noted.pid.unsigned_abs() == pid)
    {
        let ended = child.try_wait().map_err(SandboxError::program(&server.binaries.postgres()))?;
        if ended.is_some() {
            return Err(failed(server));
        }
        if begun.elapsed() > PATIENCE {
            let _ = child.kill();
            return Err(failed(server));
        }
        thread::sleep(POLL);
    }
    Ok(())
}

pub(crate) fn failed(server: &LocalServer) -> SandboxError {
    let log = server.log();
    let text = fs::read(&log).unwrap_or_default();
    SandboxError::Start { tail: tail(&String::from_utf8_lossy(&text)), log }
}

/// A new log for every start. The directory belongs to the server's account: root follows no link there.
pub(crate) fn open_log(server: &LocalServer) -> Result<File, SandboxError> {
    let path = server.log();
    let mut options = OpenOptions::new();
    options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .custom_flags(OFlag::O_NOFOLLOW.bits());
    let log = options.open(&path).map_err(SandboxError::file("open", &path))?;
    server.account.own(&path)?;
    Ok(log)
}
