//! How batches keep out of others' way: they wait while a replica is behind and while somebody queues behind them, are
//! judged before the first one, and tell how far they are.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::support::{Database, Output, OwnServer, Project, Session, Standby, tried};

const SCRIPT: &str = "update(\"Item\").set(\"mood\", [[col(\"size\") > 10, \"new\"]]);";
const MANIFEST: &str = "writes = [\"Item.mood\"]\nstrategy = \"batches\"";
/// How many seconds a piece takes to write where a test sees that none is written.
const PIECE: f64 = 0.5;
const DONE: &str = "SELECT count(*) FROM \"Item\" WHERE mood = 'new'";

/// A table of seven pieces, each of which takes this many seconds to write, and a script for it.
fn slow(database: &Database, seconds: f64) -> Project {
    database.make_slow_pieces(seconds);
    let project = Project::new();
    project.script(MANIFEST, SCRIPT);
    project
}

/// The program at a terminal 80 columns wide.
struct Terminal {
    script: Child,
    drawn: Vec<u8>,
}

impl Terminal {
    fn start(project: &Project, database: &Database, arguments: &str) -> Self {
        let program = env!("CARGO_BIN_EXE_leora-run");
        let line = format!(
            "stty cols 80; exec {program} scripts/try --color never {arguments} --database-url '{}' --confirm {}",
            database.url(),
            database.name
        );
        let mut script = Command::new("script");
        script.args(["-q", "-e", "-c", &line, "/dev/null"]);
        script.current_dir(project.path("")).stdin(Stdio::null()).env("TERM", "xterm");
        script.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self { script: script.spawn().expect("script, of bsdutils"), drawn: Vec::new() }
    }

    /// Reads on; nothing when it has ended.
    fn reads(&mut self) -> bool {
        let mut buffer = [0; 4096];
        let read =
            self.script.stdout.as_mut().expect("a pipe").read(&mut buffer).expect("it reads");
        self.drawn.extend_from_slice(&buffer[..read]);
        read > 0
    }

    /// Waits until a line ends with this.
    #[track_caller]
    fn wait_for(&mut self, text: &str) {
        while !lines(&self.drawn).iter().any(|line| line.ends_with(text)) {
            assert!(self.reads(), "never {text}: {:#?}", lines(&self.drawn));
        }
    }

    /// What it left, and the lines that were drawn, one after the other, none longer than the terminal is wide.
    #[track_caller]
    fn end(mut self) -> (Output, Vec<String>) {
        while self.reads() {}
        let mut left = self.script.wait_with_output().expect("it ends");
        let lines = lines(&self.drawn);
        for line in &lines {
            assert!(line.chars().count() <= 80, "longer than the terminal: {line}");
        }
        left.stdout = self.drawn;
        (Output::of(left), lines)
    }
}

fn lines(drawn: &[u8]) -> Vec<String> {
    let plain = String::from_utf8_lossy(drawn).replace("\u{1b}[2K", "").replace("\u{1b}[1A", "");
    plain.split(['\r', '\n']).map(str::to_owned).collect()
}

fn count(session: &mut Session) -> u64 {
    session.one(DONE).parse().expect("a number")
}

/// How many rows are changed when no more are in the time that three pieces take; those that were begun before may end
/// meanwhile.
#[track_caller]
fn standing(session: &mut Session) -> u64 {
    let mut before = count(session);
    for _ in 0..20 {
        thread::sleep(Duration::from_secs_f64(3.0 * PIECE));
        let now = count(session);
        if now == before {
            return now;
        }
        before = now;
    }
    panic!("it goes on: {before}")
}

#[test]
fn batches_wait_while_a_replica_is_behind() {
    tried("a replica that is behind");
    let server = OwnServer::with_clock();
    let standby = Standby::of(&server);
    let database = server.sample();
    let project = slow(&database, PIECE);
    database.wait_until("EXISTS (SELECT FROM pg_stat_replication WHERE state = 'streaming' AND replay_lsn >= pg_current_wal_lsn())");
    Session::of(&standby.url("postgres")).run("SELECT pg_wal_replay_pause()");
    database.run("CREATE TABLE behind (id int); INSERT INTO behind VALUES (1)");
    database.wait_until(
        "EXISTS (SELECT FROM pg_stat_replication WHERE flush_lsn >= pg_current_wal_insert_lsn())",
    );
    server.set_clock(11);
    database
        .wait_until("EXISTS (SELECT FROM pg_stat_replication WHERE replay_lag > interval '10.5s')");
    let mut run = Terminal::start(&project, &database, "");
    run.wait_for("waits for a replica that is behind");
    let mut session = database.session();
    let stood = standing(&mut session);
    assert!(stood < 7000, "{stood}");
    Session::of(&standby.url("postgres")).run("SELECT pg_wal_replay_resume()");
    run.end().0.exits(0);
    assert_eq!(count(&mut session), 8990);
    drop(session);
    drop(database);
    drop(standby);
}

#[test]
fn batches_wait_while_somebody_queues_behind_them() {
    tried("sessions that queue behind a batch");
    let database = Database::empty();
    let project = slow(&database, PIECE);
    // The batch with this row takes as long as the gate is held.
    database.run(
        "CREATE FUNCTION gated() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock(50); RETURN NULL; END'; \
         CREATE TRIGGER gated AFTER UPDATE ON \"Item\" FOR EACH ROW WHEN (NEW.id = 50) EXECUTE FUNCTION gated()",
    );
    let mut gate = database.session();
    gate.run("SELECT pg_advisory_lock(50)");
    let mut run = Terminal::start(&project, &database, "--lock-timeout 100s");
    let waits = |event: &str| {
        format!(
            "EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = '{event}')"
        )
    };
    database.wait_until(&waits("advisory"));
    let mut other = database.session();
    let edit = thread::spawn(move || other.run("UPDATE \"Item\" SET size = 1000 WHERE id = 50"));
    database.wait_until(&waits("transactionid"));
    run.wait_for("waits for others who queue");
    let mut session = database.session();
    let stood = standing(&mut session);
    // Without the other, six of the seven pieces would be written in the end.
    assert!(stood < 7000, "{stood}");
    gate.run("SELECT pg_advisory_unlock(50)");
    edit.join().expect("it had its turn");
    run.end().0.exits(0);
    assert_eq!(count(&mut session), 8990);
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
    let (output, lines) = Terminal::start(&project, &database, "").end();
    let output = output.exits(0);
    // As in: ⠙ setting Item.mood  ██████        57%  2,553 rows/s, 1s left
    let told = lines.iter().find(|line| line.contains(" rows/s, ") && line.contains('█'));
    let told = told.unwrap_or_else(|| panic!("{lines:#?}"));
    assert!(told.ends_with("s left") && told.contains("%  "), "{told}");
    output.tells("Next psql: VACUUM (ANALYZE) \"Item\"; -- the old rows take up room");
}
