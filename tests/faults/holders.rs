//! Somebody else holds a lock: the run gives up in time, names who it is, and has written nothing.

use std::thread;
use std::time::Duration;

use crate::support::{Database, Output, Project, one_line, tried};

#[test]
fn an_exclusive_lock_and_an_idle_row_lock_are_named() {
    let holds = [
        "LOCK TABLE \"Customer\" IN ACCESS EXCLUSIVE MODE",
        "UPDATE \"Customer\" SET phone = '1' WHERE id = (SELECT min(id::text)::uuid FROM \"Customer\")",
        "SELECT id FROM \"Customer\" LIMIT 1 FOR UPDATE",
    ];
    for hold in holds {
        tried("a lock held by another");
        let (project, database) = (Project::new(), Database::sample());
        let before = database.fingerprint();
        let mut other = database.session();
        other.run("SET application_name = 'crm-backend'");
        other.run(&format!("BEGIN; {hold}"));
        let pid = other.one("SELECT pg_backend_pid()::text");
        other.run(hold);
        let arguments = "scripts/phase2 --lock-timeout 200ms --lock-retries 1";
        let output = project.run(&database, arguments).exits(3);
        // Waiting and failing, it tells who is in the way.
        let named = format!("process {pid} (crm-backend), in a transaction for 00:00:0");
        let (noted, told) = (one_line(&output.stderr), one_line(&output.stdout));
        assert!(noted.contains(&named) && noted.contains("trying again"), "{output:?}");
        assert!(told.contains(&named) && told.contains(&hold[..30]), "{output:?}");
        output.says("Customer is locked by somebody else").says("Nothing was changed");
        other.run("ROLLBACK");
        assert_eq!(database.fingerprint(), before);
        project.run(&database, "scripts/phase2").exits(0);
    }
}

#[test]
fn a_deadlock_while_taking_locks_is_tried_again() {
    tried("a deadlock while taking locks");
    let (project, database) = (Project::new(), Database::sample());
    let mut other = database.session();
    // The run is who is chosen to give way.
    other.run("SET deadlock_timeout = '60s'; BEGIN; LOCK TABLE \"Tenant\"");
    let run = project.start(&mut project.on(&database, "scripts/phase2 --lock-timeout 20s"));
    database.wait_until(
        "EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'leora-run' \
         AND datname = current_database() AND wait_event_type = 'Lock')",
    );
    other.run("LOCK TABLE \"Customer\"");
    thread::sleep(Duration::from_millis(300));
    other.run("COMMIT");
    let output = Output::of(run.wait_with_output().expect("it ends")).exits(0);
    assert!(output.stderr.contains("deadlock detected; trying again"), "{output:?}");
}
