//! The lock that keeps other runs away: it is held from the first transaction to the last, and a run that has lost it
//! writes no more.

use std::process::Child;

use super::{DONE, HOLDER, JOURNALLED, ended, hurry, slow, started};
use crate::support::{Database, Gate, Output, Place, Project, Side, tried};

const LOCK: &str = "x'6c656f72612d7275'::bigint";
const OUTCOMES: &str = "SELECT string_agg(outcome, ' ' ORDER BY number) FROM leora_run.run";

fn terminate_holder(database: &Database) {
    tried("the session with the run's lock terminated");
    database.run(&format!("SELECT pg_terminate_backend(pid) FROM ({HOLDER}) holder"));
}

/// Undoes the run as soon as the lock is free.
fn undo(project: &Project, database: &Database) -> Child {
    project.start(&mut project.on(database, "undo --wait-lock 30s"))
}

#[test]
fn without_it_no_batch_is_committed_and_an_undo_runs_beside_none() {
    for _ in 0..3 {
        let (project, database) = slow(0.3);
        let run = started(&project, &database, "scripts/try");
        let undo = undo(&project, &database);
        // The run has four connections.
        database.wait_until("5 <= (SELECT count(*) FROM pg_stat_activity WHERE application_name = 'leora-run' AND datname = current_database())");
        terminate_holder(&database);
        let (run, undo) = (ended(run).exits(3), ended(undo).exits(0));
        run.tells("the session that held the run's lock is gone").says_not("Done");
        undo.says("Put back");
        assert_eq!(database.value(DONE), "0");
        assert_eq!(database.value(OUTCOMES), "partial done");
    }
}

#[test]
fn a_run_that_has_lost_it_can_be_continued() {
    let (project, database) = slow(0.3);
    let run = started(&project, &database, "scripts/try --format json");
    terminate_holder(&database);
    let report = ended(run).exits(3).json();
    assert_eq!(report["outcome"], "partial");
    assert_eq!(report["committed"].to_string(), database.value(JOURNALLED));
    hurry(&database);
    project.run(&database, "scripts/try").exits(0);
    assert_eq!((database.value(DONE), database.value(JOURNALLED)), ("9000".into(), "9000".into()));
}

/// The program is held where it first asks for a lock after it has the one that keeps other runs away.
#[test]
fn it_is_not_free_between_two_transactions_of_the_run() {
    let (project, database) = slow(0.0);
    let place = Place { text: "pg_try_advisory_xact_lock(", nth: 1, side: Side::Before };
    let gate = Gate::open(&database, Some(place));
    let mut command = project.command("scripts/try");
    command.args(["--database-url", &database.url_by(gate.port()), "--confirm", &database.name]);
    let run = project.start(&mut command);
    gate.wait();
    assert_eq!(database.value(&format!("SELECT pg_try_advisory_lock({LOCK})::text")), "false");
    gate.let_go();
    ended(run).exits(0);
    assert_eq!(database.value(DONE), "9000");
}

/// The first of two runs is refused, and records that in a history that is not there yet.
#[test]
fn two_first_runs_do_not_both_create_the_history() {
    let (project, database) = slow(0.0);
    database.run("UPDATE \"Item\" SET mood = 'known'");
    project.script(
        "writes = [\"Item.mood\"]\nmax_changed = \"10%\"",
        "update(\"Item\").set(\"mood\", \"new\");",
    );
    let place = Place { text: "COMMIT\0", nth: 0, side: Side::Before };
    let gate = Gate::open(&database, Some(place));
    let mut command = project.command("scripts/try");
    command.args(["--database-url", &database.url_by(gate.port()), "--confirm", &database.name]);
    let refused = project.start(&mut command);
    gate.wait();
    let second = project
        .start(&mut project.on(&database, "scripts/try --allow-large-change --wait-lock 30s"));
    database.wait_until(
        "EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'leora-run' \
           AND (wait_event_type = 'Lock' OR query LIKE '%pg_try_advisory%' AND query_start > backend_start))",
    );
    gate.let_go();
    ended(refused).exits(4);
    let second: Output = ended(second);
    second.exits(0).says_not("23505");
    assert_eq!(database.value(OUTCOMES), "refused done");
}
