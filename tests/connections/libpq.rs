//! libpq's variables, service file and password file, as psql has them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::check;
use crate::support::{GuardedServer, Output, Project, Tls};

/// The doctor's check of the connection, with these variables and HOME in the project.
fn connection(
    project: &Project,
    variables: &[(&str, &str)],
    arguments: &[&str],
    code: i32,
) -> String {
    let mut command = project.command("doctor --format json");
    command.args(arguments).envs(variables.iter().copied()).env("HOME", project.path(""));
    let output: Output = project.output(&mut command).exits(code);
    check(&output, "connection")
}

fn private(project: &Project, file: &str, text: &str) {
    project.write(file, text);
    fs::set_permissions(project.path(file), fs::Permissions::from_mode(0o600))
        .expect("permissions");
}

#[test]
fn the_variables_name_a_target_and_fill_in_what_an_address_leaves_open() {
    let server = GuardedServer::start(Tls::Off);
    let (project, port) = (Project::new(), server.port.to_string());
    let all = [
        ("PGHOST", "127.0.0.1"),
        ("PGPORT", port.as_str()),
        ("PGUSER", "app"),
        ("PGPASSWORD", "secret"),
        ("PGDATABASE", "crm"),
    ];
    let told = connection(&project, &all, &[], 0);
    assert!(
        told.contains("database crm on 127.0.0.1:") && told.contains("as app, from PGHOST,"),
        "{told}"
    );
    // An address comes first, and they fill in the rest.
    let told = connection(&project, &all, &["--database-url", "postgresql://127.0.0.1"], 0);
    assert!(told.contains("from --database-url,"), "{told}");
    let told = connection(&project, &all, &["--database-url", "postgresql://127.0.0.1:1/other"], 1);
    assert!(told.contains("no server answers at 127.0.0.1:1"), "{told}");
    // A host alone names no database: nothing is guessed.
    let told = connection(&project, &all[..4], &[], 1);
    assert!(told.starts_with("fail PGHOST does not name a database set PGDATABASE"), "{told}");
    let told =
        connection(&project, &[("PGDATABASE", "crm"), all[0], ("PGSSLMODE", "maybe")], &[], 1);
    assert!(told.contains("PGHOST: sslmode=maybe means nothing"), "{told}");
}

#[test]
fn a_service_is_looked_up_by_its_name() {
    let server = GuardedServer::start(Tls::Off);
    let project = Project::new();
    let text = format!(
        "# ours\n[crm]\nhost=127.0.0.1\nport={}\nuser=app\ndbname=crm\npassword=secret\n\n[other]\nhost=nowhere\n",
        server.port
    );
    project.write(".pg_service.conf", &text);
    let told = connection(&project, &[("PGSERVICE", "crm")], &[], 0);
    assert!(told.contains("as app, from PGSERVICE,"), "{told}");
    connection(&project, &[], &["--database-url", "postgresql://?service=crm"], 0);
    // What the address says stands.
    let told = connection(&project, &[], &["--database-url", "postgresql:///none?service=crm"], 1);
    assert!(told.contains("database \"none\" does not exist"), "{told}");
    project.write("elsewhere.conf", &text.replace("[crm]", "[wine]"));
    let file = project.path("elsewhere.conf").display().to_string();
    connection(&project, &[("PGSERVICE", "wine"), ("PGSERVICEFILE", &file)], &[], 0);
    let told = connection(&project, &[("PGSERVICE", "vine")], &[], 1);
    assert!(told.contains("PGSERVICE: there is no service vine in "), "{told}");
    project.write(".pg_service.conf", "[crm]\nwhat is this\n");
    let told = connection(&project, &[("PGSERVICE", "crm")], &[], 1);
    assert!(told.contains("line 2 of ") && told.contains("is not name=value"), "{told}");
    let told = connection(&project, &[("PGSERVICE", "other")], &[], 1);
    assert!(told.contains("there is no service other"), "{told}");
}

#[test]
fn the_password_file_is_read_unless_others_may_read_it() {
    let server = GuardedServer::start(Tls::Off);
    let (project, port) = (Project::new(), server.port);
    let url = format!("postgresql://app@127.0.0.1:{port}/crm");
    let address = ["--database-url", url.as_str()];
    connection(&project, &[], &address, 1);
    private(
        &project,
        ".pgpass",
        &format!("# mine\nother:*:*:*:wrong\n127.0.0.1:{port}:crm:app:secret\n"),
    );
    connection(&project, &[], &address, 0);
    connection(&project, &[("PGPASSWORD", "wrong")], &address, 1);
    private(&project, "elsewhere", "*:*:*:app:secret\n");
    let file = project.path("elsewhere").display().to_string();
    fs::remove_file(project.path(".pgpass")).expect("a file");
    connection(&project, &[], &address, 1);
    connection(&project, &[("PGPASSFILE", &file)], &address, 0);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("permissions");
    let mut command: Command = project.command("scripts/verify --database-url");
    command.arg(&url).env("PGPASSFILE", &file);
    let output = project.output(&mut command).exits(3);
    assert!(
        output.stderr.contains("is set aside, because others may read it: chmod 600"),
        "{}",
        output.stderr
    );
}
