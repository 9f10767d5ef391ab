//! A PgBouncer of a test's own, before the test server, stopped when the value is dropped.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::database::{Database, parts};

/// The number in the name of its socket; it listens on no TCP port.
const PORT: u16 = 6432;

const MISSING: &str =
    "PgBouncer is missing, which these tests need: bash .ci/setup, or apt-get install pgbouncer";

/// A running PgBouncer.
pub struct PgBouncer {
    folder: TempDir,
    process: Child,
}

impl PgBouncer {
    /// Starts one with this `pool_mode`; a missing program fails the test with the install command.
    pub fn start(mode: &str, database: &Database) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let server = parts(&database.url());
        let ini = folder.path().join("pgbouncer.ini");
        fs::write(&ini, configuration(mode, &server, folder.path())).expect("a file");
        let mut command = Command::new(program());
        command.arg(&ini).current_dir("/").stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(Stdio::null());
        give_away(&mut command, folder.path(), Path::new(&server["host"]));
        let process = command.spawn().expect("PgBouncer starts");
        let mut bouncer = Self { folder, process };
        bouncer.wait();
        bouncer
    }

    /// The address of a database behind it.
    pub fn url(&self, database: &Database) -> String {
        let folder = self.folder.path().display();
        format!(
            "postgresql:///{}?host={folder}&port={PORT}&user=app&sslmode=disable",
            database.name
        )
    }

    fn wait(&mut self) {
        let socket = self.folder.path().join(format!(".s.PGSQL.{PORT}"));
        let started = Instant::now();
        while !socket.exists() {
            let log = || fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            let ended = self.process.try_wait().expect("a process");
            assert!(ended.is_none(), "PgBouncer ended: {}", log());
            assert!(started.elapsed() < Duration::from_secs(10), "PgBouncer is slow: {}", log());
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Debian keeps it where only root's PATH looks.
    let more = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"].map(PathBuf::from);
    std::env::split_paths(&path)
        .chain(more)
        .map(|directory| directory.join("pgbouncer"))
        .find(|program| program.is_file())
        .expect(MISSING)
}

fn configuration(mode: &str, server: &BTreeMap<String, String>, folder: &Path) -> String {
    let known = |name: &&str| server.contains_key(*name);
    let server: Vec<String> = ["host", "port", "user", "password"]
        .iter()
        .filter(|name| known(name))
        .map(|name| format!("{name}={}", server[*name]))
        .collect();
    let folder = folder.display();
    format!(
        "[databases]\n* = {}\n[pgbouncer]\npool_mode = {mode}\nlisten_port = {PORT}\n\
         unix_socket_dir = {folder}\nunix_socket_mode = 0777\nauth_type = any\ndefault_pool_size = 3\n\
         logfile = {folder}/log\n",
        server.join(" ")
    )
}

/// It refuses to run as root: then it runs as the server's account, which also may enter the server's socket.
fn give_away(command: &mut Command, folder: &Path, sockets: &Path) {
    if fs::metadata("/proc/self").map_or(1, |process| process.uid()) != 0 {
        return;
    }
    let (uid, gid) = match fs::metadata(sockets) {
        Ok(found) if found.uid() != 0 => (found.uid(), found.gid()),
        _ => (65_534, 65_534),
    };
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("permissions");
    chown(folder, Some(uid), Some(gid)).expect("an owner");
    command.uid(uid).gid(gid);
}
