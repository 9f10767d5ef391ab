//! Passwords: every command, failing in every way, with a marked one; then all that was written is searched for it.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use crate::support::{Database, Output, OwnServer, Project, Session, attacked};

/// The password. No other text of the suite has it.
const MARK: &str = "M4rk3d-s3cr3t";

/// Every command, and what it needs.
const COMMANDS: [&str; 14] = [
    "scripts/phase2",
    "scripts/verify --format json",
    "plan scripts/phase2 --out plan.json",
    "plan scripts/phase2 --format json",
    "run scripts/phase2 --approved plan.json",
    "scripts/phase2 --strict --report report.html",
    "check scripts/phase2",
    "why scripts/phase2 00000000-0000-0000-0000-000000000000",
    "what-if scripts/phase2 --vary active_within=90d,120d",
    "undo",
    "undo --dry-run --format json",
    "status",
    "doctor scripts/phase2",
    "doctor scripts/phase2 --grants",
];

#[track_caller]
fn tells_nothing(way: &str, output: &Output, project: &Project) {
    for (place, text) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        assert!(!text.contains(MARK), "{way}: {place} has the password:\n{text}");
    }
    assert!(!output.stderr.contains("panicked"), "{way}: {}", output.stderr);
    for found in files_with_mark(&project.path("")) {
        assert!(found.ends_with(".env"), "{way}: {found} has the password");
    }
}

/// The files below a folder with the password in them.
fn files_with_mark(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_with_mark(&path));
        } else if fs::read(&path).is_ok_and(|bytes| has_mark(&bytes)) {
            found.push(path.display().to_string());
        }
    }
    found
}

fn has_mark(bytes: &[u8]) -> bool {
    bytes.windows(MARK.len()).any(|window| window == MARK.as_bytes())
}

/// Runs every command with this address in the environment, as loud as it can be.
fn try_all(project: &Project, way: &str, address: &str) {
    for command in COMMANDS {
        attacked(&format!("{way}: {command}"));
        let mut process = project.command(command);
        process.env("DATABASE_URL", address).env("RUST_BACKTRACE", "full").env("RUST_LOG", "trace");
        process.args(["--lock-timeout", "1s", "--commit-wait", "1s", "--lock-retries", "0"]);
        tells_nothing(&format!("{way}: {command}"), &project.output(&mut process), project);
    }
}

#[test]
fn addresses_that_can_not_be_read_or_reached_tell_nothing() {
    let project = Project::new();
    let refusing = server_that(|_| {});
    let plain = server_that(|mut stream| {
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"N");
    });
    let rude = server_that(wrong_password);
    let ways = [
        ("a port that is none", format!("postgresql://user:{MARK}@127.0.0.1:99999/db")),
        ("a # in the password", format!("postgresql://user:{MARK}#x@127.0.0.1:5432/db")),
        ("a slash in the password", format!("postgresql://user:{MARK}/x@127.0.0.1:5432/db")),
        ("a bad escape", format!("postgresql://user:{MARK}%ZZ%ff@127.0.0.1:5432/db")),
        ("no scheme", format!("user:{MARK}@127.0.0.1/db")),
        ("another scheme", format!("mysql://user:{MARK}@127.0.0.1/db")),
        ("an open bracket", format!("postgresql://user:{MARK}@[::1/db")),
        ("no database", format!("postgresql://user:{MARK}@127.0.0.1:1")),
        ("sslmode", format!("postgresql://user@127.0.0.1:1/db?password={MARK}&sslmode=bogus")),
        (
            "a wrong parameter",
            format!("postgresql://user:{MARK}@127.0.0.1:1/db?connect_timeout={MARK}"),
        ),
        ("nobody there", format!("postgresql://user:{MARK}@127.0.0.1:1/db")),
        ("a pooler's port", format!("postgresql://user:{MARK}@127.0.0.1:6543/db")),
        ("a pooler's word", format!("postgresql://user:{MARK}@127.0.0.1:1/db?pgbouncer=true")),
        (
            "a connection that is closed",
            format!("postgresql://user:{MARK}@127.0.0.1:{refusing}/db?sslmode=disable"),
        ),
        ("no encryption", format!("postgresql://user:{MARK}@127.0.0.1:{plain}/db?sslmode=require")),
        (
            "no certificate",
            format!(
                "postgresql://user:{MARK}@127.0.0.1:{plain}/db?sslmode=verify-full&sslrootcert=/nowhere"
            ),
        ),
        (
            "a wrong password",
            format!("postgresql://user:{MARK}@127.0.0.1:{rude}/db?sslmode=disable"),
        ),
    ];
    for (way, address) in &ways {
        try_all(&project, way, address);
    }
    for (way, address) in &ways {
        attacked(&format!("{way}: as an option"));
        let mut command = project.command("scripts/phase2 --format json");
        command.arg("--database-url").arg(address).env("RUST_BACKTRACE", "full");
        tells_nothing(way, &project.output(&mut command), &project);
        attacked(&format!("{way}: in .env"));
        project.write(".env", &format!("DATABASE_URL='{address}'\nDIRECT URL {MARK}\n"));
        tells_nothing(way, &project.output(&mut project.command("scripts/phase2")), &project);
        project.write(".env", &format!("DATABASE_URL=\"{address}\"\n"));
        tells_nothing(way, &project.output(&mut project.command("doctor")), &project);
        fs::remove_file(project.path(".env")).expect("removed");
    }
}

#[test]
fn runs_with_a_password_tell_nothing_anywhere() {
    let server = OwnServer::start(&[
        ("log_statement", "all"),
        ("log_connections", "on"),
        ("log_min_messages", "debug1"),
        // Before PostgreSQL 14 it was md5.
        ("password_encryption", "scram-sha-256"),
    ]);
    let database = server.sample();
    let role = format!("{}_marked", database.name);
    database.run(&format!("CREATE ROLE \"{role}\" SUPERUSER LOGIN PASSWORD '{MARK}'; CREATE ROLE \"{role}_weak\" LOGIN PASSWORD '{MARK}'"));
    // What the test itself has said is not what the program says.
    let said_before = fs::read(server.server.log()).expect("a log").len();
    let hba = server.server.data().join("pg_hba.conf");
    let rules = fs::read_to_string(&hba).expect("rules");
    fs::write(
        &hba,
        format!(
            "local all \"{role}\" scram-sha-256\nlocal all \"{role}_weak\" scram-sha-256\n{rules}"
        ),
    )
    .expect("rules");
    database.run("SELECT pg_reload_conf()");
    let project = Project::new();
    let good = database.url_as(&role, MARK);
    // It gets in, and another does not.
    assert!(Session::try_of(&good).is_ok());
    assert!(Session::try_of(&database.url_as(&role, "another")).is_err());
    try_all(&project, "the right password", &good);
    try_all(&project, "a wrong password", &database.url_as(&role, &format!("{MARK}-wrong")));
    try_all(&project, "a weak role", &database.url_as(&format!("{role}_weak"), MARK));
    for (way, script) in [
        ("a script's mistake", "oops();"),
        ("an error of the server", "query(\"SELECT 1/0 AS a\");"),
        ("a limit", "loop {}"),
        ("a refusal", "refuse(\"no\", \"no\");"),
        ("an expectation", "expect(\"no\", false);"),
        ("what the server knows", "for r in query(\"SELECT current_user AS a\") { note(`${r}`); }"),
    ] {
        attacked(way);
        project.script("writes = [\"Customer.city\"]", script);
        let mut command = project.command("scripts/try --report report.html");
        command
            .env("DATABASE_URL", &good)
            .args(["--confirm", &database.name])
            .env("RUST_BACKTRACE", "full");
        tells_nothing(way, &project.output(&mut command), &project);
    }
    attacked("a confirmed run, its undo and its history");
    for arguments in ["scripts/phase2", "status", "undo", "status --format json"] {
        let mut command = project.command(arguments);
        command.env("DATABASE_URL", &good).args(["--confirm", &database.name]);
        let output = project.output(&mut command);
        assert!([0, 3].contains(&output.code), "{arguments}: {}\n{}", output.stdout, output.stderr);
        tells_nothing(arguments, &output, &project);
    }
    processes_tell_nothing(&project, &database, &good);
    let log = fs::read(server.server.log()).expect("a log");
    assert!(!has_mark(&log[said_before..]), "the server's log has the password");
    assert_eq!(database.value(&history_with_mark()), "0", "the history has the password");
}

#[test]
fn an_address_in_a_wrong_place_is_neither_shown_nor_kept() {
    let (project, database) = (Project::new(), Database::sample());
    let address = format!("postgresql://user:{MARK}@127.0.0.1:1/db");
    let set = format!("active_within={address}");
    let (confirm, other) = (format!("--confirm={address}"), format!("--database-urll={address}"));
    let without_scheme = format!("user:{MARK}@127.0.0.1:1/db");
    let words = format!("host=127.0.0.1 password={MARK}");
    let spelled = format!("Postgres://user:{MARK}@127.0.0.1/db");
    for arguments in [
        vec![address.as_str()],
        vec![&spelled],
        vec![&without_scheme],
        vec![&words],
        vec!["plan", &address],
        vec!["check", &address],
        vec!["doctor", &address],
        vec!["why", "scripts/phase2", &address],
        vec!["why", &address, "1"],
        vec!["status", &address],
        vec!["undo", &address],
        vec!["scripts/phase2", &address],
        vec!["scripts/phase2", "--confirm", &address],
        vec!["scripts/phase2", &confirm],
        vec!["scripts/phase2", &other],
        vec!["scripts/phase2", "--set", &set],
        vec!["scripts/phase2", "--as-of", &address],
        vec!["scripts/phase2", "--approved", &address],
        vec!["scripts/phase2", "--report", &address],
        vec!["plan", "scripts/phase2", "--out", &address],
        vec!["doctor", "scripts/phase2", "--role", &address],
        vec!["what-if", "scripts/phase2", "--vary", &set],
        vec!["sandbox", &address],
    ] {
        for format in ["text", "json"] {
            attacked(&format!("an address among {arguments:?}").replace(MARK, "..."));
            let mut command = project.command("");
            command.args(&arguments).args(["--format", format]).env("DATABASE_URL", database.url());
            let output = project.output(&mut command).exits(2);
            tells_nothing(&format!("{arguments:?}"), &output, &project);
        }
    }
    for variable in ["PGDATABASE", "PGHOST", "PGUSER"] {
        attacked(&format!("an address in {variable}"));
        let mut command = project.command("status");
        command.env("PGDATABASE", "db").env("PGHOST", "127.0.0.1").env(variable, &address);
        tells_nothing(variable, &project.output(&mut command).exits(2), &project);
    }
    let table = "SELECT to_regclass('leora_run.run') IS NULL";
    assert_eq!(database.value(table), "t", "nothing has run");
}

#[test]
fn the_environments_password_is_for_its_own_host() {
    let said = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&said);
    let port = server_that(move |mut stream| {
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"R\0\0\0\x08\0\0\0\x03");
        let mut answer = [0; 1024];
        let read = stream.read(&mut answer).unwrap_or_default();
        heard.lock().expect("a list").extend_from_slice(&answer[..read]);
    });
    let project = Project::new();
    let address = format!("postgresql://user@127.0.0.1:{port}/db?sslmode=disable");
    let services = project.path("services");
    fs::write(&services, format!("[crm]\nhost=db.example.org\npassword={MARK}\n"))
        .expect("services");
    for (way, in_dotenv, variables, gets) in [
        ("no host", true, [("PGPASSWORD", MARK), ("PGUSER", "user")], false),
        ("another host", true, [("PGPASSWORD", MARK), ("PGHOST", "db.example.org")], false),
        ("a service's", true, [("PGSERVICE", "crm"), ("PGUSER", "user")], false),
        ("the same host", true, [("PGPASSWORD", MARK), ("PGHOST", "127.0.0.1")], true),
        ("an address of the environment", false, [("PGPASSWORD", MARK), ("PGUSER", "user")], true),
    ] {
        attacked(&format!("a .env and the environment's password: {way}"));
        let mut command = project.command("status");
        command.envs(variables).env("PGSERVICEFILE", &services).env("HOME", project.path(""));
        match in_dotenv {
            true => drop(project.write(".env", &format!("DATABASE_URL={address}\n"))),
            false => drop(command.env("DATABASE_URL", &address)),
        }
        said.lock().expect("a list").clear();
        let output = project.output(&mut command).exits(3);
        let got = has_mark(&said.lock().expect("a list"));
        assert_eq!(got, gets, "{way}: {}\n{}", output.stdout, output.stderr);
        let told = output.stderr.contains("a password is set aside");
        assert_eq!(told, !gets, "{way}: {}", output.stderr);
        assert!(!output.stdout.contains(MARK) && !output.stderr.contains(MARK), "{way}");
    }
}

/// How many rows of the tool's own tables hold the password.
fn history_with_mark() -> String {
    let count = |table: &str| {
        format!("(SELECT count(*) FROM leora_run.{table} t WHERE t::text LIKE '%{MARK}%')")
    };
    let tables = ["run", "step", "transition", "migration"].map(count);
    format!("SELECT {}", tables.join(" + "))
}

/// While it works, no process of this machine shows the password among its arguments.
fn processes_tell_nothing(project: &Project, database: &Database, address: &str) {
    attacked("the arguments of processes");
    database.slow_down("Customer");
    project.script("writes = [\"Customer.city\"]", "update(\"Customer\").set(\"city\", \"x\");");
    let mut command = project.command("scripts/try --statement-timeout 30s");
    command.env("DATABASE_URL", address).args(["--confirm", &database.name]);
    let mut child = project.start(&mut command);
    database.wait_for_sleep();
    for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let arguments = fs::read(process.path().join("cmdline")).unwrap_or_default();
        assert!(!has_mark(&arguments), "{}", String::from_utf8_lossy(&arguments));
    }
    let _ = child.kill();
    let output = Output::of(child.wait_with_output().expect("it ends"));
    tells_nothing("ended in the middle", &output, project);
}

/// A server that treats every client in this way; its port.
fn server_that(treat: impl Fn(std::net::TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || listener.incoming().flatten().for_each(treat));
    port
}

/// Asks for the password in plain text, and says in its error what it was given, as no server should.
fn wrong_password(mut stream: std::net::TcpStream) {
    let _ = stream.read(&mut [0; 1024]);
    let _ = stream.write_all(b"R\0\0\0\x08\0\0\0\x03");
    let _ = stream.read(&mut [0; 1024]);
    let fields = b"SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user \"user\"\0\0";
    let length = u32::try_from(fields.len() + 4).expect("short").to_be_bytes();
    let _ = stream.write_all(&[b"E".as_slice(), &length, fields].concat());
}
