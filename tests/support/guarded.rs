//! A server of a test's own that is reached by TCP, with passwords, and with TLS under an authority of its own.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use leora_sandbox::LocalServer;
use tempfile::TempDir;

use super::execute;

/// A server that asks for passwords on 127.0.0.1, and trusts its Unix socket.
pub struct GuardedServer {
    /// Its port.
    pub port: u16,
    server: LocalServer,
    folder: TempDir,
}

/// Whether a server has TLS.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// It has none.
    Off,
    /// It has a certificate for the host `localhost`.
    On,
}

impl GuardedServer {
    /// Starts one, with the role `app`, whose password is `secret`, and its database `crm`.
    pub fn start(tls: Tls) -> Self {
        let folder = tempfile::Builder::new().prefix("leora-guarded-").tempdir().expect("a folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("permissions");
        let port = free_port();
        let data = folder.path().join("data");
        let mut server =
            LocalServer::create(&data).unwrap_or_else(|error| panic!("{error}")).on_loopback(port);
        // Before PostgreSQL 14 passwords were kept as md5 unless told otherwise.
        server = server.with_setting("password_encryption", "scram-sha-256");
        if tls == Tls::On {
            certificates(folder.path());
            for (setting, file) in [("ssl_cert_file", "server.crt"), ("ssl_key_file", "server.key")]
            {
                let file = given_away(&folder.path().join(file), &data);
                server = server.with_setting(setting, &file);
            }
            server = server.with_setting("ssl", "on");
        }
        let rules = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
        fs::write(data.join("pg_hba.conf"), rules).expect("a file");
        server.start().unwrap_or_else(|error| panic!("{error}"));
        let this = Self { port, server, folder };
        this.run("CREATE ROLE app LOGIN PASSWORD 'secret'");
        this.run("CREATE DATABASE crm OWNER app");
        this
    }

    /// Runs a statement as the superuser.
    pub fn run(&self, sql: &str) {
        execute(&self.socket_url("postgres"), sql);
    }

    /// The address of a database by the Unix socket, where everybody is trusted.
    pub fn socket_url(&self, database: &str) -> String {
        self.server.url(database).expect("a server has an address")
    }

    /// A file beside it: `ca.crt` is its authority's certificate, `other.crt` another's.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for GuardedServer {
    fn drop(&mut self) {
        let _ = self.server.stop();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// An authority, a certificate of it for `localhost`, and another authority.
fn certificates(folder: &Path) {
    let openssl = |arguments: &str| {
        let output =
            Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output();
        let output =
            output.expect("openssl is missing, which these tests need: apt-get install openssl");
        assert!(
            output.status.success(),
            "{arguments}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    let new = "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    for name in ["ca", "other"] {
        openssl(&format!(
            "{new} -x509 -days 30 -keyout {name}.key -out {name}.crt -subj /CN={name}"
        ));
    }
    openssl(&format!("{new} -keyout server.key -out server.csr -subj /CN=localhost"));
    fs::write(folder.join("names"), "subjectAltName=DNS:localhost\n").expect("a file");
    openssl(
        "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -out server.crt -extfile names",
    );
}

/// The file, with the owner of the server's data, for whom alone it may be.
fn given_away(file: &Path, data: &Path) -> String {
    let owner = fs::metadata(data).expect("a folder");
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).expect("permissions");
    if owner.uid() != fs::metadata(file).expect("a file").uid() {
        chown(file, Some(owner.uid()), Some(owner.gid())).expect("an owner");
    }
    file.display().to_string()
}
