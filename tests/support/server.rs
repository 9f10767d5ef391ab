//! One PostgreSQL for the whole test run: the one that `LEORA_TEST_DATABASE_URL` names, else a private one
//! that ends with the test process, however that ends.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use leora_run::sandbox::Server;

/// Addresses of databases on the server.
pub struct TestServer {
    /// The address of an existing database, for CREATE DATABASE.
    pub admin: String,
    /// The name of the database that holds the sample, to copy from.
    pub template: String,
}

impl TestServer {
    /// The address of another database on the server.
    pub fn url(&self, database: &str) -> String {
        let mut url = url::Url::parse(&self.admin).expect("the server's address is a URL");
        url.set_path(database);
        url.into()
    }
}

/// The server, started by the first test that needs it. A missing PostgreSQL fails the test with the
/// install command.
pub fn server() -> &'static TestServer {
    static SERVER: OnceLock<TestServer> = OnceLock::new();
    SERVER.get_or_init(|| {
        let admin = std::env::var("LEORA_TEST_DATABASE_URL").unwrap_or_else(|_| start());
        let template = format!("leora_template_{}", std::process::id());
        let server = TestServer { admin, template };
        super::database::load_template(&server);
        server
    })
}

fn start() -> String {
    let home =
        tempfile::Builder::new().prefix("leora-tests-").tempdir().expect("a temporary folder");
    let home = home.keep();
    // The server's own account must be able to enter it when the tests run as root.
    fs::set_permissions(&home, fs::Permissions::from_mode(0o755)).expect("permissions");
    let server = Server::create(home.join("data"))
        .unwrap_or_else(|error| panic!("{error}"))
        .with_setting("fsync", "off")
        .with_setting("max_connections", "200")
        .with_setting("max_prepared_transactions", "10");
    server.start().unwrap_or_else(|error| panic!("{error}"));
    let pid = server.pid().expect("a server that was started has a process");
    end_with_this_process(pid, &home);
    server.url("postgres").expect("a server has an address")
}

/// Stops the server and removes its files when this process ends: the pipe then closes.
fn end_with_this_process(pid: i32, home: &Path) {
    let script = format!(
        "cat > /dev/null; kill -QUIT {pid}; while kill -0 {pid} 2> /dev/null; do sleep 0.05; done; rm -rf '{}'",
        home.display()
    );
    let watcher = Command::new("setsid")
        .args(["sh", "-c", &script])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a shell");
    // Its end of the pipe stays open as long as this process lives.
    std::mem::forget(watcher);
}
