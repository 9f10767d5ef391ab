//! A run or an undo that is killed leaves the database as before, or complete.

use std::process::Child;
use std::thread;
use std::time::Duration;

use nix::sys::signal::Signal;

use super::send;
use crate::support::{Database, Gate, Output, Place, Project, Side, tried};

/// What a step's record is in, its last message.
const STEP: &str = "leora_run.record_step";
const COMMIT: &str = "COMMIT\0";

/// A run or an undo through a gate.
fn start(project: &Project, database: &Database, gate: &Gate, verb: &str) -> Child {
    let mut command = project.command(verb);
    command.args(["--database-url", &database.url_by(gate.port()), "--confirm", &database.name]);
    project.start(&mut command)
}

/// Both sides of each message that ends a step, of the COMMIT, and of this many others of an uninterrupted run.
fn places(project: &Project, database: &Database, verb: &str, others: usize) -> Vec<Place> {
    let gate = Gate::open(database, None);
    let run = start(project, database, &gate, verb);
    Output::of(run.wait_with_output().expect("it ends")).exits(0);
    let (messages, steps) = (gate.count(""), gate.count(STEP));
    assert!(messages > others && steps > 1, "{messages} messages, {steps} steps");
    // The last tenth has the COMMIT, which is a place of its own.
    let spread = (0..others).map(|other| ("", other * messages * 9 / 10 / others));
    let ends = (0..steps).map(|step| (STEP, step));
    let all = spread.chain(ends).chain([(COMMIT, 0)]);
    let sides = |(text, nth)| [Side::Before, Side::After].map(|side| Place { text, nth, side });
    all.flat_map(sides).collect()
}

/// A signal at each place of a run or an undo leaves the data as before; once the server has the COMMIT, all is done.
fn struck(verb: &str, signal: Signal, others: usize, prepare: impl Fn(&Project, &Database)) {
    let project = Project::new();
    let whole = Database::sample();
    prepare(&project, &whole);
    let places = places(&project, &whole, verb, others);
    let complete = whole.fingerprint();

    let database = Database::sample();
    prepare(&project, &database);
    let before = database.fingerprint();
    for place in places {
        let gate = Gate::open(&database, Some(place));
        let run = start(&project, &database, &gate, verb);
        gate.wait();
        send(&run, signal);
        let code = if signal == Signal::SIGKILL {
            gate.cut();
            -1
        } else {
            wait_until_noticed(&gate);
            gate.let_go();
            130
        };
        let ended = Output::of(run.wait_with_output().expect("it ends"));
        database.wait_for_silence();
        let after = database.fingerprint();
        if place.text == COMMIT && after == complete {
            assert!([code, 0].contains(&ended.code), "{place:?}: {ended:?}");
            break;
        }
        assert_eq!(ended.code, code, "{place:?}: {ended:?}");
        assert_eq!(after, before, "{place:?}");
        assert!(place.text != COMMIT || place.side == Side::Before, "the server had the COMMIT");
    }
    if database.fingerprint() == before {
        project.run(&database, verb).exits(0);
    }
    assert_eq!(database.fingerprint(), complete);
}

/// Waits until the program asks the server to cancel what it waits for; where it waits for nothing, a moment. On a busy
/// machine it could otherwise be done before its handler of the signal runs.
fn wait_until_noticed(gate: &Gate) {
    for _ in 0..30 {
        if gate.count("pg_cancel_backend") > 0 {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// An interrupted run is recorded: what the record is kept in is there before, so that every run takes the same course.
fn with_history(project: &Project, database: &Database) {
    project.script("", "note(\"nothing to do\");").run(database, "scripts/try").exits(0);
}

#[test]
fn killed_at_any_moment_leaves_all_or_nothing() {
    struck("scripts/phase2", Signal::SIGKILL, 15, |_, _| {});
}

#[test]
fn terminated_at_any_moment_leaves_all_or_nothing() {
    struck("scripts/phase2", Signal::SIGTERM, 6, with_history);
}

#[test]
fn interrupted_at_any_moment_leaves_all_or_nothing() {
    struck("scripts/phase2", Signal::SIGINT, 6, with_history);
}

#[test]
fn an_undo_killed_at_any_moment_leaves_all_or_nothing() {
    struck("undo", Signal::SIGKILL, 6, |project, database| {
        project.run(database, "scripts/phase2").exits(0);
    });
}

/// The statement would sleep for 30 s.
#[test]
fn the_server_ends_the_statement_of_a_killed_run_or_the_doctor_says_that_it_does_not() {
    let (project, database) = (Project::new(), Database::sample());
    database.slow_down("Customer");
    let run = project.start(&mut project.on(&database, "scripts/phase2"));
    database.wait_for_sleep();
    send(&run, Signal::SIGKILL);
    Output::of(run.wait_with_output().expect("it ends"));
    let doctor = project.run(&database, "doctor").exits(0);
    let told = "when a run is killed, its statement runs";
    if database.major() >= 14 {
        doctor.says_not(told);
        database.wait_for_silence();
    } else {
        doctor.says(told);
        thread::sleep(Duration::from_secs(5));
        database.wait_for_sleep();
    }
}

#[test]
fn a_terminated_backend_rolls_back() {
    tried("a terminated session");
    let (project, database) = (Project::new(), Database::sample());
    database.slow_down("Customer");
    let before = database.fingerprint();
    let run = project.start(&mut project.on(&database, "scripts/phase2"));
    database.wait_for_sleep();
    let killed = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'leora-run' \
         AND datname = current_database()";
    assert_eq!(database.value(killed), "1");
    Output::of(run.wait_with_output().expect("it ends"))
        .exits(3)
        .says("terminating connection due to administrator command");
    assert_eq!(database.fingerprint(), before);
    database.run("DROP TRIGGER slow ON \"Customer\"");
    project.run(&database, "scripts/phase2").exits(0);
}
