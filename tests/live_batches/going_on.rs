//! The command that "To go on" prints does go on.

use super::{DONE, JOURNALLED, hurry, slow, stopped};
use crate::support::{Database, Output, Project};

const GUARDED: &str = "writes = [\"Item.mood\"]\nstrategy = \"batches\"\nmax_changed = \"10%\"";

/// Runs the first command under "To go on", as the same run to its end.
fn follow(project: &Project, database: &Database, stopped: &Output) -> Output {
    let line = stopped.stdout.lines().skip_while(|line| line.trim() != "To go on").nth(1);
    let line = line.unwrap_or_else(|| panic!("{}", stopped.stdout)).trim();
    // As a shell would read it.
    let line = line.replace('\'', "");
    let output = project.run(database, line.strip_prefix("leora-run ").expect("a command"));
    let output = output.exits(0);
    assert!(output.stderr.contains("going on with run "), "{}", output.stderr);
    assert_eq!((database.value(DONE), database.value(JOURNALLED)), ("9000".into(), "9000".into()));
    assert_eq!(database.value("SELECT string_agg(outcome, ' ') FROM leora_run.run"), "done");
    output
}

#[test]
fn of_a_run_that_a_guard_was_told_to_let_pass() {
    let (project, database) = slow(0.4);
    database.run("UPDATE \"Item\" SET mood = 'known'");
    let script = "update(\"Item\").set(\"mood\", setting(\"mood\", \"old\"));";
    project.script(GUARDED, script);
    let arguments = "scripts/try --allow-large-change --strict --set mood=new";
    let output = stopped(&project, &database, arguments).exits(130);
    hurry(&database);
    follow(&project, &database, &output);
}

/// What is committed already counts towards the plan.
#[test]
fn of_an_approved_run() {
    let (project, database) = slow(0.4);
    database.run("UPDATE \"Item\" SET mood = 'known'");
    project.script(GUARDED, "update(\"Item\").set(\"mood\", \"new\");");
    project.run(&database, "plan scripts/try --allow-large-change --out plan.json").exits(0);
    let arguments = "scripts/try --allow-large-change --approved plan.json --tolerance 0.5%";
    let output = stopped(&project, &database, arguments).exits(130);
    hurry(&database);
    // What was not planned is refused as before.
    database
        .run("INSERT INTO \"Item\" SELECT n, 'known', n, '' FROM generate_series(9001, 9500) n");
    project
        .run(&database, arguments)
        .exits(4)
        .tells("Item.mood known -> new: planned 9,000 rows, now 9,500 rows");
    database.run("DELETE FROM \"Item\" WHERE id > 9000");
    follow(&project, &database, &output);
}
