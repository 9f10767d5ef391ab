//! A run that is ended from outside leaves the database as before, or complete.

use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::{Database, Output, Project};

fn send(run: &Child, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(run.id()).expect("a process id"));
    // It may have ended already.
    let _ = kill(pid, signal);
}

/// Waits until the server has noticed that the run is gone.
fn wait_for_silence(database: &Database) {
    let busy = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'leora-run' AND datname = current_database()";
    let started = Instant::now();
    while database.value(busy) != "0" {
        assert!(started.elapsed() < Duration::from_secs(20), "the run's session is still there");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn killed_at_any_moment_leaves_all_or_nothing() {
    let project = Project::new();
    let complete = Database::sample();
    let started = Instant::now();
    project.run(&complete, "scripts/phase2").exits(0);
    let (whole, complete) = (started.elapsed(), complete.fingerprint());

    let database = Database::sample();
    let before = database.fingerprint();
    let (mut kills, mut points) = (0, 0);
    while points < 30 {
        let run = project.start(&mut project.on(&database, "scripts/phase2"));
        thread::sleep(whole.mul_f64(f64::from(points) / 30.0));
        send(&run, Signal::SIGKILL);
        let output = Output::of(run.wait_with_output().expect("it ends"));
        wait_for_silence(&database);
        points += 1;
        kills += u32::from(output.code == -1);
        let after = database.fingerprint();
        if after == complete {
            break;
        }
        assert_eq!(after, before, "killed at point {points}");
    }
    assert!(kills > 5, "only {kills} of {points} were killed in time");
    project.run(&database, "scripts/phase2").exits(0);
    assert_eq!(database.fingerprint(), complete);
}

#[test]
fn interrupted_in_a_statement_rolls_back_and_exits_130() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let (project, database) = (Project::new(), Database::sample());
        database.run(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(30); RETURN NEW; END'; \
             CREATE TRIGGER slow BEFORE UPDATE ON \"Customer\" FOR EACH STATEMENT EXECUTE FUNCTION slow()",
        );
        let before = database.fingerprint();
        let run = project.start(&mut project.on(&database, "scripts/phase2"));
        thread::sleep(Duration::from_millis(1_000));
        let asked = Instant::now();
        send(&run, signal);
        let output = Output::of(run.wait_with_output().expect("it ends")).exits(130);
        assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
        output.says("interrupted").says("Everything was rolled back");
        wait_for_silence(&database);
        assert_eq!(database.fingerprint(), before);
        assert_eq!(database.value("SELECT outcome FROM leora_run.run"), "interrupted");
    }
}

#[test]
fn a_terminated_backend_rolls_back() {
    let (project, database) = (Project::new(), Database::sample());
    database.run(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(30); RETURN NEW; END'; \
         CREATE TRIGGER slow BEFORE UPDATE ON \"Customer\" FOR EACH STATEMENT EXECUTE FUNCTION slow()",
    );
    let before = database.fingerprint();
    let run = project.start(&mut project.on(&database, "scripts/phase2"));
    thread::sleep(Duration::from_millis(1_000));
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
