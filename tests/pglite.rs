//! PGlite, a PostgreSQL within Node.js, over its socket server: one connection is enough, and several are one session.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::support::{Output, Project, Session, npm_packages, one_line, own_path};

/// A server with the sample, ended when it is dropped.
struct PGlite {
    server: Child,
    url: String,
}

impl PGlite {
    fn start(connections: u32) -> Self {
        let packages =
            npm_packages(Path::new(&own_path("tests/pglite")), "pglite").expect("PGlite");
        let program = packages.join("@electric-sql/pglite-socket/dist/scripts/server.js");
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let mut command = Command::new("node");
        command.arg(program).arg("--db=memory://").arg("--host=127.0.0.1");
        command.arg(format!("--port={port}")).arg(format!("--max-connections={connections}"));
        let server = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut server = server.expect("Node.js");
        let said = BufReader::new(server.stdout.take().expect("its output"));
        let mut lines = said.lines().map_while(Result::ok);
        assert!(lines.any(|line| line.contains("listening")), "the server of PGlite");
        // What it says later is read too, so that it never waits.
        std::thread::spawn(move || lines.for_each(drop));
        let url = format!("postgresql://postgres@127.0.0.1:{port}/postgres?sslmode=disable");
        let sample = fs::read_to_string(own_path("sql/sample-crm.sql")).expect("the sample");
        Session::of(&url).run(&sample);
        Self { server, url }
    }
}

impl Drop for PGlite {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn run(project: &Project, pglite: &PGlite, arguments: &str) -> Output {
    let mut command = project.command(arguments);
    command.args(["--database-url", &pglite.url]);
    project.output(&mut command)
}

#[test]
fn one_connection_is_enough_for_all_but_batches() {
    let (project, pglite) = (Project::new(), PGlite::start(1));
    let only = "the server gives only one connection";
    run(&project, &pglite, "doctor scripts/phase2").exits(0).tells(only);
    run(&project, &pglite, "plan scripts/phase2").exits(0).tells("10,788 values");
    let done = run(&project, &pglite, "scripts/phase2 --confirm postgres").exits(0);
    assert!(one_line(&done.stderr).contains(only), "{}", done.stderr);
    done.tells("10,788 values and 35 objects changed");
    run(&project, &pglite, "scripts/verify").exits(0).tells("7 of 7 held");
    run(&project, &pglite, "undo --confirm postgres").exits(0).tells("Put back 10,788 values");
    project.script(
        "writes = [\"Customer.city\"]\nstrategy = \"batches\"",
        "update(\"Customer\").where(true).set(\"city\", \"Napa\");",
    );
    run(&project, &pglite, "scripts/try --confirm postgres")
        .exits(4)
        .tells("batches need a second connection")
        .tells("the server gives only one");
    // It does not end statements by their time: the program does.
    project.script(
        "access = \"rolled-back\"\n[limits]\nquery_time = 1",
        "query(\"SELECT count(*) AS n FROM \\\"Customer\\\" a, \\\"Customer\\\" b, (SELECT FROM \\\"Customer\\\" LIMIT 20) c\");",
    );
    run(&project, &pglite, "scripts/try --confirm postgres")
        .exits(2)
        .tells("reached its limit query_time = 1 s");
}

#[test]
fn several_connections_of_one_session_are_refused_unless_allowed() {
    let (project, pglite) = (Project::new(), PGlite::start(10));
    let shared = "PGlite server whose connections share one session";
    run(&project, &pglite, "doctor scripts/phase2").exits(1).tells(shared);
    run(&project, &pglite, "scripts/phase2 --confirm postgres").exits(4).tells(shared);
    run(&project, &pglite, "scripts/phase2 --confirm postgres --allow-pooler")
        .exits(0)
        .tells("10,788 values and 35 objects changed");
}
