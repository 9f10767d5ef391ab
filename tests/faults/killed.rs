//! A run or an undo that is killed leaves the database as before, or complete.

use std::thread;
use std::time::Instant;

use nix::sys::signal::Signal;

use super::{send, wait_for_silence};
use crate::support::{Database, Output, Project, tried};

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
fn an_undo_killed_at_any_moment_leaves_all_or_nothing() {
    let (project, database) = (Project::new(), Database::sample());
    project.run(&database, "scripts/phase2").exits(0);
    let before = database.fingerprint();
    // Undone and undone again: the data is as before, and the time is known.
    let started = Instant::now();
    project.run(&database, "undo").exits(0);
    let (whole, complete) = (started.elapsed(), database.fingerprint());
    let last = "SELECT id FROM leora_run.run ORDER BY number DESC LIMIT 1";
    project.run(&database, &format!("undo {}", database.value(last))).exits(0);
    assert_eq!(database.fingerprint(), before);

    let mut kills = 0;
    for point in 0..10 {
        let undo = project.start(&mut project.on(&database, "undo"));
        thread::sleep(whole.mul_f64(f64::from(point) / 10.0));
        send(&undo, Signal::SIGKILL);
        let output = Output::of(undo.wait_with_output().expect("it ends"));
        wait_for_silence(&database);
        kills += u32::from(output.code == -1);
        let after = database.fingerprint();
        if after == complete {
            break;
        }
        assert_eq!(after, before, "killed at point {point}");
    }
    assert!(kills > 3, "only {kills} were killed in time");
    if database.fingerprint() == before {
        project.run(&database, "undo").exits(0);
    }
    assert_eq!(database.fingerprint(), complete);
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
