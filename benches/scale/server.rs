//! A server of the benchmark's own, with the sandbox's way to start one.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use leora_sandbox::LocalServer;

/// What the server is given beside PostgreSQL's defaults: room, so that no checkpoint falls into a measurement.
const SETTINGS: [(&str, &str); 4] = [
    ("shared_buffers", "1GB"),
    ("max_wal_size", "8GB"),
    ("checkpoint_timeout", "30min"),
    ("autovacuum", "off"),
];

/// A running server; stopped and removed when the value is dropped.
pub(crate) struct BenchServer {
    server: LocalServer,
    home: PathBuf,
}

impl BenchServer {
    /// Starts one.
    pub(crate) fn start() -> Self {
        let home =
            tempfile::Builder::new().prefix("leora-bench-").tempdir().expect("a folder").keep();
        fs::set_permissions(&home, fs::Permissions::from_mode(0o755)).expect("permissions");
        let mut server =
            LocalServer::create(home.join("data")).unwrap_or_else(|error| panic!("{error}"));
        for (name, value) in SETTINGS {
            server = server.with_setting(name, value);
        }
        server.start().unwrap_or_else(|error| panic!("{error}"));
        Self { server, home }
    }

    /// The address of a database.
    pub(crate) fn url(&self, database: &str) -> String {
        self.server.url(database).expect("it runs")
    }

    /// The process id of the server.
    pub(crate) fn pid(&self) -> i32 {
        self.server.pid().expect("it runs")
    }

    /// psql on a database.
    pub(crate) fn psql(&self, database: &str) -> Command {
        let mut psql = Command::new("psql");
        psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d"]).arg(self.url(database));
        psql.stdin(Stdio::null()).stdout(Stdio::null());
        psql
    }

    /// Runs statements.
    pub(crate) fn run(&self, database: &str, sql: &str) {
        let done = self.psql(database).args(["-c", sql]).status().expect("psql is installed");
        assert!(done.success(), "{sql}");
    }

    /// The first column of the first row.
    pub(crate) fn value(&self, database: &str, sql: &str) -> String {
        let output =
            self.psql(database).args(["-A", "-t", "-c", sql]).stdout(Stdio::piped()).output();
        String::from_utf8(output.expect("psql is installed").stdout)
            .expect("text")
            .trim()
            .to_owned()
    }
}

impl Drop for BenchServer {
    fn drop(&mut self) {
        let _ = self.server.stop();
        let _ = fs::remove_dir_all(&self.home);
    }
}
