//! A streaming replica of a server of a test's own.

use std::fs;
use std::process::Command;

use leora_sandbox::LocalServer;

use super::OwnServer;

/// A hot standby; stopped when the value is dropped, which must be before its primary's.
pub struct Standby {
    server: LocalServer,
}

impl Standby {
    /// Copies a server, which is stopped meanwhile, and lets the copy follow it.
    pub fn of(primary: &OwnServer) -> Self {
        let data = primary.server.data().with_file_name("standby");
        primary.server.stop().unwrap_or_else(|error| panic!("{error}"));
        let copied = Command::new("cp").arg("-a").arg(primary.server.data()).arg(&data).status();
        assert!(copied.expect("cp").success(), "copied");
        primary.go_on();
        fs::write(data.join("standby.signal"), "").expect("a file");
        let url = url::Url::parse(&primary.server.url("postgres").expect("an address"));
        let url = url.expect("an address");
        let option = |name: &str| {
            let found = url.query_pairs().find(|(key, _)| key == name);
            found.expect("a socket").1.into_owned()
        };
        let (host, port, user) = (option("host"), option("port"), url.username());
        let primary = format!("host={host} port={port} user={user}");
        let server = LocalServer::open(&data).unwrap_or_else(|error| panic!("{error}"));
        let server = server
            .with_setting("primary_conninfo", &primary)
            .with_setting("wal_receiver_status_interval", "1s");
        server.start().unwrap_or_else(|error| panic!("{error}"));
        Self { server }
    }

    /// The address of a database.
    pub fn url(&self, database: &str) -> String {
        self.server.url(database).expect("it runs")
    }
}

impl Drop for Standby {
    fn drop(&mut self) {
        let _ = self.server.stop();
    }
}
