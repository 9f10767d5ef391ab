//! The server itself: restarted in the middle, out of connections, read-only.

use crate::support::{Database, Output, OwnServer, Project, Session, tried};

/// Runs phase 2 until it sleeps in its first UPDATE, then does this to the server.
fn in_the_middle(project: &Project, database: &Database, fault: impl FnOnce()) -> Output {
    database.slow_down("Customer");
    let run = project.start(&mut project.on(database, "scripts/phase2"));
    database.wait_for_sleep();
    fault();
    Output::of(run.wait_with_output().expect("it ends"))
}

#[test]
fn a_restart_fast_or_immediate_rolls_back() {
    let own = OwnServer::start(&[("max_connections", "20")]);
    for restart in [OwnServer::restart, OwnServer::crash] {
        tried("a restart of the server");
        let (project, database) = (Project::new(), own.sample());
        let before = database.fingerprint();
        let output = in_the_middle(&project, &database, || restart(&own)).exits(3);
        assert!(
            output.stdout.contains("terminating connection") || output.stdout.contains("lost"),
            "{output:?}"
        );
        database.run("DROP TRIGGER slow ON \"Customer\"; DROP FUNCTION slow()");
        assert_eq!(database.fingerprint(), before);
        project.run(&database, "scripts/phase2").exits(0);
    }
}

#[test]
fn out_of_connections_is_told_and_the_next_run_succeeds() {
    tried("no free connection");
    let own =
        OwnServer::start(&[("max_connections", "8"), ("superuser_reserved_connections", "0")]);
    let (project, database) = (Project::new(), own.sample());
    let before = database.fingerprint();
    let mut held = Vec::new();
    while let Ok(session) = Session::try_of(&database.url()) {
        held.push(session);
    }
    let output = project.run(&database, "scripts/phase2").exits(3);
    output.says("many clients already").says("wait until others have closed theirs");
    // The server takes a moment to let them go, and would refuse one more until then.
    let mut last = held.pop().expect("a connection");
    drop(held);
    last.wait_until(
        "4 > (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')",
    );
    assert_eq!(database.fingerprint(), before);
    project.run(&database, "scripts/phase2").exits(0);
}

#[test]
fn a_read_only_server_is_refused_before_anything_is_locked() {
    let (project, database) = (Project::new(), Database::sample());
    let before = database.fingerprint();
    let name = &database.name;
    database.run(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    for arguments in ["scripts/phase2", "undo"] {
        tried("a read-only server");
        let output = project.run(&database, arguments).exits(3);
        output.says("takes no writes").says("25006").says("use the address of the primary");
    }
    // What only reads goes on.
    project.run(&database, "status").exits(0);
    assert_eq!(database.fingerprint(), before);
    database.run(&format!(
        "SET transaction_read_only = off; ALTER DATABASE {name} RESET default_transaction_read_only"
    ));
    project.run(&database, "scripts/phase2").exits(0);
}
