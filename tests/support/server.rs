//! One PostgreSQL for the whole test run: the one that `LEORA_TEST_DATABASE_URL` names, else a private one
//! that ends with the test process, however that ends.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use leora_sandbox::LocalServer;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{Clock, Database, Project};

const DAY: u64 = 24 * 60 * 60;

/// Addresses of databases on the server.
pub struct TestServer {
    /// The address of an existing database, for CREATE DATABASE.
    pub admin: String,
    /// The day of the last template, and its name.
    template: Mutex<Option<(u64, String)>>,
    /// The name of the last template with orders.
    with_orders: Mutex<Option<String>>,
}

impl TestServer {
    fn at(admin: String) -> Self {
        Self { admin, template: Mutex::new(None), with_orders: Mutex::new(None) }
    }

    /// The name of a database to copy that holds the sample as loaded today: its dates are counted from the day when it is
    /// loaded, and the program's from today. A test takes less than the minute before midnight, so that none sees two days.
    pub(super) fn template(&self) -> String {
        let mut last = self.template.lock().unwrap_or_else(PoisonError::into_inner);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
        let until_midnight = DAY - now % DAY;
        if until_midnight < 60 {
            thread::sleep(Duration::from_secs(until_midnight));
        }
        let day = (now + 60) / DAY;
        match &*last {
            Some((loaded, name)) if *loaded == day => name.clone(),
            _ => {
                let name = format!("leora_template_{}_{day}", std::process::id());
                super::database::load_template(self, &name);
                *last = Some((day, name.clone()));
                name
            }
        }
    }

    /// The same of the sample with its orders.
    pub(super) fn template_with_orders(&self) -> String {
        let name = format!("{}_orders", self.template());
        let mut last = self.with_orders.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_ref() != Some(&name) {
            super::database::load_orders(self, &name);
            *last = Some(name.clone());
        }
        name
    }

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
        TestServer::at(admin)
    })
}

/// A server of a test's own, to restart and to fill; stopped when the value is dropped.
pub struct OwnServer {
    /// The server.
    pub server: LocalServer,
    clock: Option<Clock>,
    known: &'static TestServer,
    home: PathBuf,
}

impl OwnServer {
    /// Starts one with these settings.
    pub fn start(settings: &[(&str, &str)]) -> Self {
        Self::begin(settings, None)
    }

    /// Starts one that has a clock of its own.
    pub fn with_clock() -> Self {
        Self::begin(&[], Some(Clock::new()))
    }

    fn begin(settings: &[(&str, &str)], clock: Option<Clock>) -> Self {
        let home = home();
        let mut server =
            LocalServer::create(home.join("data")).unwrap_or_else(|error| panic!("{error}"));
        for (name, value) in settings {
            server = server.with_setting(name, value);
        }
        let admin = server.url("postgres").expect("a server has an address");
        // A database refers to its server as long as the test lives.
        let known = Box::leak(Box::new(TestServer::at(admin)));
        let own = Self { server, clock, known, home };
        own.go_on();
        known.template();
        own
    }

    /// Starts it when it does not run.
    pub fn go_on(&self) {
        let Some(clock) = &self.clock else {
            return self.server.start().unwrap_or_else(|error| panic!("{error}"));
        };
        // The data lie where a sandbox has them, and the program hands its environment on to the server.
        let project = Project::new();
        let mut program = project.command("sandbox start");
        program.env("LEORA_SANDBOX", &self.home);
        project.output(clock.given(&mut program)).exits(0);
    }

    /// Lets its clock go on from this many seconds ahead of the true time.
    pub fn set_clock(&self, ahead: i64) {
        self.clock.as_ref().expect("a clock of its own").set(ahead);
    }

    /// An empty database; to be dropped before the server.
    pub fn empty(&self) -> Database {
        Database::empty_on(self.known)
    }

    /// The sample CRM; to be dropped before the server.
    pub fn sample(&self) -> Database {
        Database::sample_on(self.known)
    }

    /// Ends it at once, as a crash would, and starts it again.
    pub fn crash(&self) {
        let pid = self.server.pid().expect("it runs");
        kill(Pid::from_raw(pid), Signal::SIGQUIT).expect("it runs");
        let started = Instant::now();
        while self.server.pid().is_some() {
            assert!(started.elapsed() < Duration::from_secs(10), "it does not end");
            thread::sleep(Duration::from_millis(10));
        }
        self.go_on();
    }

    /// Stops it in good order and starts it again.
    pub fn restart(&self) {
        self.server.stop().unwrap_or_else(|error| panic!("{error}"));
        self.go_on();
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        let _ = self.server.stop();
        let _ = fs::remove_dir_all(&self.home);
    }
}

/// A folder that the server's own account can enter when the tests run as root.
fn home() -> PathBuf {
    let home =
        tempfile::Builder::new().prefix("leora-tests-").tempdir().expect("a temporary folder");
    let home = home.keep();
    fs::set_permissions(&home, fs::Permissions::from_mode(0o755)).expect("permissions");
    home
}

fn start() -> String {
    let home = home();
    let server = LocalServer::create(home.join("data"))
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
