//! Others at work at the same time: other runs, and the application's own writers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::support::{Database, Output, Project, Session};

#[test]
fn runs_started_at_once_change_each_row_once() {
    let (project, database) = (Project::new(), Database::sample());
    let runs: Vec<_> = (0..5)
        .map(|_| project.start(&mut project.on(&database, "scripts/phase2 --format json")))
        .collect();
    let outputs: Vec<Output> =
        runs.into_iter().map(|run| Output::of(run.wait_with_output().expect("it ends"))).collect();
    let mut changed = 0;
    for output in outputs {
        assert!([0, 5].contains(&output.code), "{} {}", output.stdout, output.stderr);
        if output.code == 0 {
            changed +=
                output.json()["steps"][0]["changes"][0]["changed"].as_u64().expect("a count");
        } else {
            assert_eq!(output.json()["error"]["kind"], "busy");
            assert_eq!(output.json()["outcome"], "refused");
        }
    }
    assert_eq!(changed, 5394);
    assert_eq!(
        database
            .value("SELECT sum(rows) FROM leora_run.transition WHERE column_name = 'accountType'"),
        "5394"
    );
}

#[test]
fn a_second_run_can_wait_for_the_first() {
    let (project, database) = (Project::new(), Database::sample());
    let runs: Vec<_> = (0..3)
        .map(|_| {
            project
                .start(&mut project.on(&database, "scripts/phase2 --wait-lock 60s --format json"))
        })
        .collect();
    let mut changed = Vec::new();
    for run in runs {
        let output = Output::of(run.wait_with_output().expect("it ends")).exits(0);
        changed.push(output.json()["steps"][0]["changes"][0]["changed"].as_u64().expect("a count"));
    }
    changed.sort_unstable();
    assert_eq!(changed, [0, 0, 5394]);
}

/// Edits customers until told to stop; what it was refused, and how often it wrote.
fn write_until(mut session: Session, stop: &AtomicBool, seed: u32) -> (Vec<String>, u32) {
    let (mut refused, mut edits) = (Vec::new(), 0);
    while !stop.load(Ordering::Relaxed) {
        edits += 1;
        let place = (seed * 7919 + edits * 104_729) % 5394;
        let edit = format!(
            "UPDATE \"Customer\" SET \"lastOrderDate\" = now() - interval '1 day' * ({edits} % 700), \
             phone = 'edit {seed}.{edits}' WHERE id = (SELECT id FROM \"Customer\" ORDER BY id OFFSET {place} LIMIT 1)"
        );
        if let Err(error) = session.try_run(&edit) {
            refused.push(error);
        }
    }
    (refused, edits)
}

#[test]
fn a_writer_on_customer_is_never_killed() {
    let (project, database) = (Project::new(), Database::sample());
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let writers: Vec<_> = (1..=3)
            .map(|seed| {
                let (session, stop) = (database.session(), &stop);
                scope.spawn(move || write_until(session, stop, seed))
            })
            .collect();
        for _ in 0..3 {
            project
                .run(&database, "scripts/phase2 --set reclassify=true --lock-timeout 10s")
                .exits(0);
            project.run(&database, "scripts/rollback-phase2 --set allow_data_loss=true --set drop_columns=true --lock-timeout 10s").exits(0);
        }
        stop.store(true, Ordering::Relaxed);
        for (seed, writer) in (1..).zip(writers) {
            let (refused, edits) = writer.join().expect("the writer ends");
            assert_eq!(refused, Vec::<String>::new(), "writer {seed} was refused");
            assert!(edits > 10, "writer {seed} wrote {edits} times");
            let last =
                format!("SELECT count(*) FROM \"Customer\" WHERE phone = 'edit {seed}.{edits}'");
            assert_eq!(database.value(&last), "1", "its last edit is there");
        }
    });
}

#[test]
fn waits_for_a_lock_and_then_goes_on() {
    let (project, database) = (Project::new(), Database::sample());
    let mut other = database.session();
    other.run("BEGIN; LOCK TABLE \"Customer\" IN ACCESS SHARE MODE");
    let run = project
        .start(&mut project.on(&database, "scripts/phase2 --lock-timeout 300ms --lock-retries 20"));
    thread::sleep(Duration::from_millis(900));
    // While it waits nothing is written, and readers and writers of other tables go on.
    assert_eq!(
        database.value("SELECT count(*) FROM pg_namespace WHERE nspname = 'leora_run'"),
        "0"
    );
    other.run("COMMIT");
    Output::of(run.wait_with_output().expect("it ends")).exits(0);
}

#[test]
fn takes_every_lock_before_the_first_write() {
    let (project, database) = (Project::new(), Database::sample());
    // ActivityType is only needed by the third step; the first must not have written when it is not had.
    let mut other = database.session();
    other.run("BEGIN; LOCK TABLE \"Tenant\" IN ROW EXCLUSIVE MODE");
    let before = database.fingerprint();
    let output =
        project.run(&database, "scripts/phase2 --lock-timeout 200ms --lock-retries 1").exits(3);
    output.says("Tenant is locked by somebody else").says_not("1/6");
    assert_eq!(database.fingerprint(), before);
}
