//! The sandbox: building, sharing, and what crashes leave behind.

use std::env;
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use leora_sandbox::{Account, LocalServer, Sandbox, SandboxError, SandboxStatus, Stopped};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

const SAMPLE: &str =
    "CREATE TABLE sample (id int);\n\nINSERT INTO sample\nSELECT generate_series(1, 7);\n\n";

/// A sandbox of its own for one test, stopped and removed with it.
struct Place {
    dir: TempDir,
    sandbox: Sandbox,
}

impl Place {
    fn new() -> Self {
        Self::below("sandbox")
    }

    fn below(path: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
        let sandbox = Sandbox::at(dir.path().join(path)).with_sample(SAMPLE);
        Self { dir, sandbox }
    }

    fn data(&self) -> PathBuf {
        self.sandbox.data().unwrap()
    }

    /// The process id in `postmaster.pid`, dead or alive.
    fn pid(&self) -> Pid {
        let text = fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        Pid::from_raw(text.lines().next().unwrap().parse().unwrap())
    }

    /// This test binary again, as another process that uses the sandbox until its input ends.
    fn elsewhere(&self) -> Command {
        let module = module_path!()
            .split_once("::")
            .map_or(String::new(), |(_, inner)| format!("{inner}::"));
        let test = format!("{module}another_process");
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", &test, "--nocapture", "--test-threads=1"]);
        command.env("LEORA_TEST_USE_SANDBOX", self.sandbox.dir());
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = self.sandbox.stop();
    }
}

/// What [`Place::elsewhere`] runs; of no meaning by itself.
#[test]
fn another_process() {
    let Some(dir) = env::var_os("LEORA_TEST_USE_SANDBOX") else { return };
    let running = Sandbox::at(dir).with_sample(SAMPLE).open().unwrap();
    println!("\nusing built={}", running.built());
    let _ = std::io::stdin().read_line(&mut String::new());
}

/// Waits until the other process uses its sandbox.
fn wait_until_used(child: &mut Child) -> String {
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("using") {
        line.clear();
        assert_ne!(output.read_line(&mut line).unwrap(), 0, "the other process uses the sandbox");
    }
    // It goes on printing.
    child.stdout = Some(output.into_inner());
    line.trim_end().to_owned()
}

fn rows(url: &str) -> i64 {
    query(url, "SELECT count(*) FROM sample").parse().unwrap()
}

fn query(url: &str, sql: &'static str) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = PgConnection::connect(url).await.unwrap();
        let values: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT x::text FROM ({sql}) AS q(x)")))
                .fetch_all(&mut connection)
                .await
                .unwrap();
        connection.close().await.unwrap();
        values.concat()
    })
}

fn execute(url: &str, sql: &'static str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = PgConnection::connect(url).await.unwrap();
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    });
}

fn wait_for(what: &str, done: impl Fn() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what} did not happen");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn the_first_open_builds_and_later_ones_find_it() {
    let place = Place::new();
    assert_eq!(place.sandbox.status().unwrap(), SandboxStatus::Absent);

    let first = place.sandbox.open().unwrap();
    assert!(first.built() && first.started());
    assert_eq!(rows(first.url()), 7);
    assert_eq!(first.url(), place.sandbox.url().unwrap());
    assert_eq!(place.sandbox.status().unwrap(), SandboxStatus::Running);
    execute(first.url(), "INSERT INTO sample VALUES (8)");
    first.close().unwrap();
    assert_eq!(place.sandbox.status().unwrap(), SandboxStatus::Stopped);

    let second = place.sandbox.open().unwrap();
    assert!(!second.built() && second.started());
    assert_eq!(rows(second.url()), 8);
}

#[test]
fn row_level_security_holds_on_its_tables_as_on_any_others() {
    let place = Place::new();
    let running = place.sandbox.open().unwrap();
    execute(
        running.url(),
        "CREATE ROLE clerk LOGIN; GRANT SELECT ON sample TO clerk; ALTER TABLE sample ENABLE ROW LEVEL SECURITY; \
         CREATE POLICY small ON sample USING (id < 3)",
    );
    assert_eq!(rows(&running.url().replace("leora@", "clerk@")), 2);
    assert_eq!(rows(running.url()), 7);
}

#[test]
fn the_server_is_private_and_nobody_but_its_account_gets_in() {
    let place = Place::new();
    let running = place.sandbox.open().unwrap();
    assert_eq!(query(running.url(), "SELECT current_setting('listen_addresses')"), "");
    assert_eq!(query(running.url(), "SELECT current_setting('fsync')"), "on");
    let sockets =
        PathBuf::from(query(running.url(), "SELECT current_setting('unix_socket_directories')"));
    let found = sockets.metadata().unwrap();
    assert_eq!(found.mode() & 0o777, 0o700);
    assert_eq!(found.uid(), Account::unprivileged().unwrap().uid());
    running.close().unwrap();
    assert!(!sockets.exists(), "a stopped server leaves nothing in the temporary directory");
}

#[test]
fn the_last_user_stops_the_server() {
    let place = Place::new();
    let first = place.sandbox.open().unwrap();
    let second = place.sandbox.open().unwrap();
    assert!(!second.started());
    drop(first);
    assert_eq!(rows(second.url()), 7);
    drop(second);
    assert_eq!(place.sandbox.status().unwrap(), SandboxStatus::Stopped);
}

#[test]
fn a_kept_server_stays_until_it_is_stopped() {
    let place = Place::new();
    let url = place.sandbox.keep_running().unwrap();
    let used = place.sandbox.open().unwrap();
    assert_eq!((used.url(), used.started()), (url.as_str(), false));
    drop(used);
    assert_eq!(place.sandbox.status().unwrap(), SandboxStatus::Kept);

    let used = place.sandbox.open().unwrap();
    assert_eq!(place.sandbox.stop().unwrap(), Stopped::WhenUnused);
    assert_eq!(rows(used.url()), 7);
    drop(used);
    assert_eq!(place.sandbox.status().unwrap(), SandboxStatus::Stopped);
    assert_eq!(place.sandbox.stop().unwrap(), Stopped::Already);

    place.sandbox.keep_running().unwrap();
    assert_eq!(place.sandbox.stop().unwrap(), Stopped::Now);
}

#[test]
fn a_kept_server_that_died_is_not_kept_any_more() {
    let place = Place::new();
    place.sandbox.keep_running().unwrap();
    kill(place.pid(), Signal::SIGKILL).unwrap();
    wait_for("the end of the server", || place.sandbox.status().unwrap() == SandboxStatus::Stopped);
    drop(place.sandbox.open().unwrap());
    assert_eq!(place.sandbox.status().unwrap(), SandboxStatus::Stopped);
}

#[test]
fn reset_brings_the_sample_back() {
    let place = Place::new();
    let used = place.sandbox.open().unwrap();
    execute(used.url(), "DROP TABLE sample");
    let refused = place.sandbox.reset().unwrap_err();
    assert!(matches!(refused, SandboxError::InUse { .. }), "{refused}");
    assert!(refused.to_string().contains("another command is using the sandbox"), "{refused}");
    drop(used);

    place.sandbox.reset().unwrap();
    assert_eq!(place.sandbox.status().unwrap(), SandboxStatus::Stopped);
    assert_eq!(rows(place.sandbox.open().unwrap().url()), 7);
}

#[test]
fn reset_starts_a_kept_server_again() {
    let place = Place::new();
    let url = place.sandbox.keep_running().unwrap();
    execute(&url, "DELETE FROM sample");
    place.sandbox.reset().unwrap();
    assert_eq!(place.sandbox.status().unwrap(), SandboxStatus::Kept);
    assert_eq!(rows(&place.sandbox.url().unwrap()), 7);
}

#[test]
fn a_killed_server_is_started_again() {
    let place = Place::new();
    let first = place.sandbox.open().unwrap();
    kill(place.pid(), Signal::SIGKILL).unwrap();
    wait_for("the end of the server", || place.sandbox.status().unwrap() == SandboxStatus::Stopped);
    let second = place.sandbox.open().unwrap();
    assert!(second.started() && !second.built());
    assert_eq!(rows(first.url()), 7);
    drop(first);
    assert_eq!(rows(second.url()), 7);
    drop(second);
    assert_eq!(place.sandbox.status().unwrap(), SandboxStatus::Stopped);
}

#[test]
fn a_killed_command_leaves_a_server_that_the_next_one_stops() {
    let place = Place::new();
    let mut other = place.elsewhere().spawn().unwrap();
    wait_until_used(&mut other);
    other.kill().unwrap();
    other.wait().unwrap();
    assert_eq!(place.sandbox.status().unwrap(), SandboxStatus::Running);

    let joined = place.sandbox.open().unwrap();
    assert!(!joined.started());
    assert_eq!(rows(joined.url()), 7);
    drop(joined);
    assert_eq!(place.sandbox.status().unwrap(), SandboxStatus::Stopped);
}

#[test]
fn ctrl_c_does_not_reach_the_server() {
    let place = Place::new();
    let mut other = place.elsewhere().process_group(0).spawn().unwrap();
    wait_until_used(&mut other);
    // The signal of Ctrl-C would be ignored where the tests run in the background of a shell.
    let signal = Signal::SIGTERM;
    kill(Pid::from_raw(-i32::try_from(other.id()).unwrap()), signal).unwrap();
    assert_eq!(other.wait().unwrap().signal(), Some(signal as i32));
    let joined = place.sandbox.open().unwrap();
    assert!(!joined.started());
    assert_eq!(rows(joined.url()), 7);
}

#[test]
fn a_command_killed_at_any_moment_of_the_first_open_harms_nothing() {
    for pause in [60, 300, 600] {
        let place = Place::new();
        let mut other = place.elsewhere().spawn().unwrap();
        thread::sleep(Duration::from_millis(pause));
        other.kill().unwrap();
        other.wait().unwrap();
        let running = place.sandbox.open().unwrap();
        assert_eq!(rows(running.url()), 7, "killed after {pause} ms");
        running.close().unwrap();
        assert_eq!(place.sandbox.status().unwrap(), SandboxStatus::Stopped);
    }
}

#[test]
fn two_commands_at_once_share_one_server() {
    let place = Place::new();
    let mut others = [place.elsewhere().spawn().unwrap(), place.elsewhere().spawn().unwrap()];
    let mut said = others.each_mut().map(wait_until_used);
    said.sort();
    assert_eq!(said, ["using built=false", "using built=true"]);
    assert_eq!(place.sandbox.status().unwrap(), SandboxStatus::Running);
    for mut other in others {
        drop(other.stdin.take());
        assert!(other.wait().unwrap().success());
    }
    assert_eq!(place.sandbox.status().unwrap(), SandboxStatus::Stopped);
}

#[test]
fn many_uses_at_once_never_lose_the_server() {
    let place = Place::new();
    drop(place.sandbox.open().unwrap());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5 {
                    assert_eq!(rows(place.sandbox.open().unwrap().url()), 7);
                }
            });
        }
    });
    assert_eq!(place.sandbox.status().unwrap(), SandboxStatus::Stopped);
}

/// Puts the pid file of a killed server back with another first line, as a reboot may leave it.
fn leave_pid_file(place: &Place, first: &str) {
    let running = place.sandbox.open().unwrap();
    let file = place.data().join("postmaster.pid");
    let text = fs::read_to_string(&file).unwrap();
    let owner = file.metadata().unwrap();
    running.close().unwrap();
    let rest = text.split_once('\n').unwrap().1;
    fs::write(&file, if first.is_empty() { String::new() } else { format!("{first}\n{rest}") })
        .unwrap();
    chown(&file, Some(owner.uid()), Some(owner.gid())).unwrap();
}

#[test]
fn a_pid_file_that_names_another_process_is_not_believed() {
    let place = Place::new();
    let mut sleep = Command::new("sleep");
    sleep.arg("60");
    if geteuid().is_root() {
        // PostgreSQL itself is fooled only by a process of its own user.
        sleep.uid(Account::unprivileged().unwrap().uid());
    }
    let mut sleep = sleep.spawn().unwrap();
    leave_pid_file(&place, &sleep.id().to_string());
    assert_eq!(place.sandbox.status().unwrap(), SandboxStatus::Stopped);
    assert_eq!(place.sandbox.stop().unwrap(), Stopped::Already);
    let opened = place.sandbox.open().map(|running| rows(running.url()));
    let alive = sleep.try_wait().unwrap().is_none();
    sleep.kill().unwrap();
    sleep.wait().unwrap();
    assert_eq!(opened.unwrap(), 7);
    assert!(alive, "the other process is left alone");
}

#[test]
fn damaged_pid_files_are_no_obstacle() {
    let place = Place::new();
    for first in ["", "nonsense", "2147483646"] {
        leave_pid_file(&place, first);
        assert_eq!(rows(place.sandbox.open().unwrap().url()), 7, "{first:?}");
    }
}

#[test]
fn what_an_unfinished_build_left_is_removed() {
    let place = Place::new();
    let left = place.sandbox.dir().join("data.new.1");
    fs::create_dir_all(left.join("base")).unwrap();
    fs::write(left.join("PG_VERSION"), "15").unwrap();
    assert_eq!(rows(place.sandbox.open().unwrap().url()), 7);
    assert!(!left.exists());
}

#[test]
fn a_sample_with_an_error_leaves_nothing_half_built() {
    let place = Place::new();
    let broken = Sandbox::at(place.sandbox.dir())
        .with_sample("CREATE TABLE a (b int);\n\nSELECT missing;\n\n");
    let error = broken.open().unwrap_err();
    assert!(
        matches!(&error, SandboxError::Load { database, .. } if database == "leora"),
        "{error}"
    );
    assert!(error.to_string().contains("column \"missing\" does not exist"), "{error}");
    assert_eq!(place.sandbox.status().unwrap(), SandboxStatus::Absent);
    let running = place.sandbox.open().unwrap();
    assert!(running.built());
    assert_eq!(rows(running.url()), 7);
}

#[test]
fn a_reset_that_fails_keeps_what_is_there() {
    let place = Place::new();
    drop(place.sandbox.open().unwrap());
    Sandbox::at(place.sandbox.dir()).with_sample("SELECT missing;\n\n").reset().unwrap_err();
    assert_eq!(rows(place.sandbox.open().unwrap().url()), 7);
}

#[test]
fn any_path_will_do() {
    for path in
        ["with space/and 'quotes\" $HOME `id`", "ein-Ordner-für-Übungen, zwei", &"long/".repeat(50)]
    {
        let place = Place::below(path);
        let running = place.sandbox.open().unwrap();
        assert_eq!(rows(running.url()), 7, "{path}");
    }
}

#[test]
fn a_directory_that_the_servers_account_cannot_enter_has_its_data_elsewhere() {
    let place = Place::new();
    fs::set_permissions(place.dir.path(), Permissions::from_mode(0o700)).unwrap();
    let running = place.sandbox.open().unwrap();
    assert_eq!(rows(running.url()), 7);
    assert!(place.sandbox.dir().join("start.lock").exists());
    running.close().unwrap();

    let data = place.data();
    assert!(data.exists(), "{}", data.display());
    assert_eq!(data.metadata().unwrap().mode() & 0o777, 0o700);
    assert_eq!(data.starts_with(place.sandbox.dir()), !geteuid().is_root(), "{}", data.display());
    assert!(!place.sandbox.open().unwrap().built(), "it is found again");
    fs::remove_dir_all(data.parent().unwrap()).unwrap();
}

#[test]
fn somebody_elses_directory_of_sockets_is_refused() {
    if !geteuid().is_root() {
        return; // Only root can give a directory away.
    }
    let place = Place::new();
    let running = place.sandbox.open().unwrap();
    let sockets =
        PathBuf::from(query(running.url(), "SELECT current_setting('unix_socket_directories')"));
    running.close().unwrap();
    fs::create_dir(&sockets).unwrap();
    chown(&sockets, Some(12_345), Some(12_345)).unwrap();
    let error = place.sandbox.open().unwrap_err();
    fs::remove_dir(&sockets).unwrap();
    assert!(matches!(error, SandboxError::Foreign { owner: 12_345, .. }), "{error}");
}

#[test]
fn data_of_a_version_that_is_gone_names_reset() {
    let place = Place::new();
    drop(place.sandbox.open().unwrap());
    fs::write(place.data().join("PG_VERSION"), "9\n").unwrap();
    let error = place.sandbox.open().unwrap_err();
    assert!(matches!(error, SandboxError::OtherMajor { major: 9, .. }), "{error}");
    assert!(error.to_string().contains("`leora-run sandbox reset`"), "{error}");
    place.sandbox.reset().unwrap();
    assert_eq!(rows(place.sandbox.open().unwrap().url()), 7);
}

#[test]
fn a_server_that_cannot_start_shows_the_end_of_its_log() {
    let place = Place::new();
    drop(place.sandbox.open().unwrap());
    fs::remove_file(place.data().join("global/pg_control")).unwrap();
    let error = place.sandbox.open().unwrap_err();
    assert!(error.to_string().contains("could not find the database system"), "{error}");
    assert!(error.to_string().contains("`leora-run sandbox reset`"), "{error}");
    place.sandbox.reset().unwrap();
    assert_eq!(rows(place.sandbox.open().unwrap().url()), 7);
}

#[test]
fn a_server_for_tests_listens_where_it_is_told() {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let made = LocalServer::create(dir.path().join("data")).unwrap();
    let server =
        made.with_setting("fsync", "off").with_setting("max_connections", "37").on_loopback(port);
    server.start().unwrap();
    server.start().unwrap();
    let urls = [server.url("postgres").unwrap(), server.loopback_url("postgres").unwrap()];
    let said = urls.map(|url| {
        query(&url, "SELECT current_setting('max_connections') || current_setting('fsync')")
    });
    let found = (server.is_running(), server.pid().is_some());
    server.stop().unwrap();
    server.stop().unwrap();
    assert_eq!(said, ["37off", "37off"]);
    assert_eq!(found, (true, true));
    assert!(!server.is_running());

    let again = LocalServer::open(dir.path().join("data")).unwrap();
    again.start().unwrap();
    again.stop().unwrap();
}

#[test]
fn the_sandbox_is_below_the_working_directory() {
    assert_eq!(
        Sandbox::locate(Path::new("/work/crm")).dir(),
        Path::new("/work/crm/.leora/sandbox")
    );
}
