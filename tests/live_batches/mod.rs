//! The strategy `batches` on a database that others work on: whatever they do between two batches, what the run says is
//! what is stored.

mod going_on;
mod locks_of_the_run;
mod lost_commits;
mod moved_rows;
mod open_transactions;
mod rows_left;
mod running;

use std::process::Child;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::{Database, Output, Project};

const DONE: &str = "SELECT count(*) FROM \"Item\" WHERE mood = 'new'";
const JOURNALLED: &str = "SELECT coalesce(sum(rows), 0) FROM leora_run.transition";
/// The sessions that hold the lock which keeps two runs apart.
const HOLDER: &str = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 \
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
    AND (classid::bigint << 32 | objid::bigint) = x'6c656f72612d7275'::bigint";

/// A table of 9,000 rows in seven pieces, each of which takes this many seconds to write, and a rule for all of them.
fn slow(seconds: f64) -> (Project, Database) {
    let (project, database) = (Project::new(), Database::empty());
    database.make_slow_pieces(seconds);
    project.script(
        "writes = [\"Item.mood\"]\nstrategy = \"batches\"",
        "update(\"Item\").set(\"mood\", \"new\");",
    );
    (project, database)
}

/// Starts the run, and returns once a batch is committed.
fn started(project: &Project, database: &Database, arguments: &str) -> Child {
    let run = project.start(&mut project.on(database, arguments));
    database.wait_until("EXISTS (SELECT FROM \"Item\" WHERE mood = 'new')");
    run
}

fn ended(run: Child) -> Output {
    Output::of(run.wait_with_output().expect("it ends"))
}

/// Starts the run, and stops it as Ctrl-C does once a batch is committed.
fn stopped(project: &Project, database: &Database, arguments: &str) -> Output {
    let run = started(project, database, arguments);
    kill(Pid::from_raw(run.id().cast_signed()), Signal::SIGINT).expect("it runs");
    let output = ended(run);
    database.wait_for_silence();
    let done: u64 = database.value(DONE).parse().expect("a number");
    assert!(done > 0 && done < 9000, "{done}");
    output
}

/// It was slow to be stopped in the middle.
fn hurry(database: &Database) {
    database.run("ALTER TABLE \"Item\" DISABLE TRIGGER slow");
}
