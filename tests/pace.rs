//! How batches keep out of others' way: they wait while a replica is behind and while somebody queues behind them, are
//! judged before the first one, and tell how far they are.

use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::support::{Database, Output, OwnServer, Project, Session, Standby, tried};

const SCRIPT: &str = "update(\"Item\").set(\"mood\", [[col(\"size\") > 10, \"new\"]]);";
const MANIFEST: &str = "writes = [\"Item.mood\"]\nstrategy = \"batches\"";
const DONE: &str = "SELECT count(*) FROM \"Item\" WHERE mood = 'new'";

/// A table of seven pieces, each of which takes this many seconds to write.
fn slow(database: &Database, seconds: f64) -> Project {
    database.run(&format!(
        "CREATE TABLE \"Item\" (id int PRIMARY KEY, mood text, size int, body text); \
         INSERT INTO \"Item\" SELECT n, NULL, n, repeat('x', 1500) FROM generate_series(1, 9000) n; \
         CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep({seconds}); RETURN NULL; END'; \
         CREATE TRIGGER slow AFTER UPDATE ON \"Item\" FOR EACH STATEMENT EXECUTE FUNCTION slow()",
    ));
    let project = Project::new();
    project.script(MANIFEST, SCRIPT);
    project
}

/// The program at a terminal 80 columns wide, of which the lines are what was drawn.
fn at_a_terminal(project: &Project, database: &Database) -> Command {
    let program = env!("CARGO_BIN_EXE_leora-run");
    let line = format!(
        "stty cols 80; exec {program} scripts/try --color never --database-url '{}' --confirm {}",
        database.url(),
        database.name
    );
    let mut script = Command::new("script");
    script.args(["-q", "-e", "-c", &line, "/dev/null"]);
    script.current_dir(project.path("")).stdin(Stdio::null()).env("TERM", "xterm");
    script.stdout(Stdio::piped()).stderr(Stdio::piped());
    script
}

/// What was drawn, one line after the other, as long as the terminal is wide.
#[track_caller]
fn drawn(output: &Output) -> Vec<String> {
    let plain = output.stdout.replace("\u{1b}[2K", "").replace("\u{1b}[1A", "");
    let lines: Vec<String> = plain.split(['\r', '\n']).map(str::to_owned).collect();
    for line in &lines {
        assert!(line.chars().count() <= 80, "longer than the terminal: {line}");
    }
    lines
}

fn count(session: &mut Session) -> u64 {
    session.one(DONE).parse().expect("a number")
}

/// How many rows are changed when no more are for two seconds.
#[track_caller]
fn standing(session: &mut Session) -> u64 {
    let mut counts = vec![count(session)];
    while counts.len() < 30 {
        thread::sleep(Duration::from_secs(2));
        counts.push(count(session));
        if let [.., before, now] = counts[..]
            && before == now
        {
            return now;
        }
    }
    panic!("it goes on: {counts:?}")
}

#[test]
fn batches_wait_while_a_replica_is_behind() {
    tried("a replica that is behind");
    let server = OwnServer::start(&[]);
    let standby = Standby::of(&server);
    let database = server.sample();
    let project = slow(&database, 0.3);
    database.wait_until("EXISTS (SELECT FROM pg_stat_replication WHERE state = 'streaming' AND replay_lsn >= pg_current_wal_lsn())");
    Session::of(&standby.url("postgres")).run("SELECT pg_wal_replay_pause()");
    database.run("CREATE TABLE behind (id int); INSERT INTO behind VALUES (1)");
    database
        .wait_until("EXISTS (SELECT FROM pg_stat_replication WHERE replay_lag > interval '10.5s')");
    let run = at_a_terminal(&project, &database).spawn().expect("script, of bsdutils");
    let mut session = database.session();
    database.wait_until("to_regclass('leora_run.run') IS NOT NULL");
    // The pieces that were begun before it was looked are done; no other is begun.
    let stood = standing(&mut session);
    assert!(stood < 7000, "{stood}");
    Session::of(&standby.url("postgres")).run("SELECT pg_wal_replay_resume()");
    let output = Output::of(run.wait_with_output().expect("it ends")).exits(0);
    assert_eq!(count(&mut session), 8990);
    let lines = drawn(&output);
    assert!(
        lines.iter().any(|line| line.ends_with("waits for a replica that is behind")),
        "{lines:#?}"
    );
    drop(session);
    drop(database);
    drop(standby);
}

#[test]
fn batches_wait_while_somebody_queues_behind_them() {
    tried("sessions that queue behind a batch");
    let database = Database::empty();
    let project = slow(&database, 0.6);
    // The batch with this row takes as long as the gate is held.
    database.run(
        "CREATE FUNCTION gated() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock(50); RETURN NULL; END'; \
         CREATE TRIGGER gated AFTER UPDATE ON \"Item\" FOR EACH ROW WHEN (NEW.id = 50) EXECUTE FUNCTION gated()",
    );
    let mut gate = database.session();
    gate.run("SELECT pg_advisory_lock(50)");
    let run =
        project.start(&mut project.on(&database, "scripts/try --format json --lock-timeout 100s"));
    let waits = |event: &str| {
        format!(
            "EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = '{event}')"
        )
    };
    database.wait_until(&waits("advisory"));
    let mut other = database.session();
    let edit = thread::spawn(move || other.run("UPDATE \"Item\" SET size = 1000 WHERE id = 50"));
    database.wait_until(&waits("transactionid"));
    let mut session = database.session();
    let stood = standing(&mut session);
    // Without the other, six of the seven pieces would be written by now.
    assert!(stood < 7000, "{stood}");
    gate.run("SELECT pg_advisory_unlock(50)");
    edit.join().expect("it had its turn");
    let report = Output::of(run.wait_with_output().expect("it ends")).exits(0).json();
    assert_eq!(report["steps"][0]["changes"][0]["changed"], 8990);
    assert_eq!(session.one("SELECT size FROM \"Item\" WHERE id = 50"), "1000");
}

#[test]
fn a_guard_is_judged_before_the_first_batch() {
    let database = Database::empty();
    let project = slow(&database, 0.0);
    database.run("UPDATE \"Item\" SET mood = 'old'");
    project.script(&format!("{MANIFEST}\nmax_changed = \"10%\""), SCRIPT);
    let before = database.fingerprint();
    project
        .run(&database, "scripts/try")
        .exits(4)
        .says("Nothing was changed.")
        .says_not("go on with");
    assert_eq!(database.fingerprint(), before);
    assert_eq!(database.value("SELECT coalesce(sum(rows), 0) FROM leora_run.transition"), "0");
    assert_eq!(database.value("SELECT outcome FROM leora_run.run"), "refused");
}

#[test]
fn a_terminal_shows_the_rate_the_time_left_and_what_to_do_then() {
    let database = Database::empty();
    let project = slow(&database, 0.5);
    let run = at_a_terminal(&project, &database).spawn().expect("script, of bsdutils");
    let output = Output::of(run.wait_with_output().expect("it ends")).exits(0);
    let lines = drawn(&output);
    // As in: ⠙ setting Item.mood  ██████        57%  2,553 rows/s, 1s left
    let told = lines.iter().find(|line| line.contains(" rows/s, ") && line.contains('█'));
    let told = told.unwrap_or_else(|| panic!("{lines:#?}"));
    assert!(told.ends_with("s left") && told.contains("%  "), "{told}");
    output.tells("Next psql: VACUUM (ANALYZE) \"Item\"; -- the old rows take up room");
}
