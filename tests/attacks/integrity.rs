//! A folder that changes while it is run: what was read first is what runs.

use std::thread;
use std::time::Duration;

use super::Target;
use crate::support::{Output, attacked};

const MANIFEST: &str =
    "title = \"Try\"\naccess = \"read-write\"\nwrites = [\"Customer.city\"]\nsql = [\"try.sql\"]\n";

fn lay_out(target: &Target) {
    target.project.write("scripts/try/leora.toml", MANIFEST);
    target.project.write(
        "scripts/try/01_first.rhai",
        "update(\"Customer\").where(col(\"city\") == \"Napa\").set(\"city\", \"first\");",
    );
    target.project.write(
        "scripts/try/02_second.rhai",
        "import \"words\" as words; run_sql(\"try.sql\"); note(words::word()); note(`${table(\"Customer\").count(col(\"city\") == \"first\")}`);",
    );
    target.project.write("scripts/try/lib/words.rhai", "fn word() { \"as it was read\" }");
    target.project.write("scripts/try/sql/try.sql", "CREATE TABLE as_it_was_read (id int);");
}

fn change_everything(target: &Target) {
    let intruded = "update(\"Customer\").set(\"city\", \"INTRUDED\");";
    target.project.write("scripts/try/leora.toml", "title = \"INTRUDED\"\naccess = \"read-write\"\nwrites = [\"Customer.city\", \"Customer.name\"]\n");
    target.project.write("scripts/try/01_first.rhai", intruded);
    target.project.write("scripts/try/02_second.rhai", intruded);
    target.project.write("scripts/try/03_third.rhai", intruded);
    target.project.write("scripts/try/lib/words.rhai", "fn word() { \"INTRUDED\" }");
    target.project.write("scripts/try/sql/try.sql", "CREATE TABLE intruded (id int);");
}

/// Runs a command, and changes every file while it waits for a lock.
fn changed_meanwhile(target: &Target, arguments: &str) -> Output {
    let mut session = target.database.session();
    session.run("BEGIN; LOCK TABLE \"Customer\" IN EXCLUSIVE MODE");
    let mut command = target.project.on(&target.database, arguments);
    let child = target.project.start(&mut command);
    target.database.wait_until("EXISTS (SELECT FROM pg_locks WHERE NOT granted)");
    change_everything(target);
    thread::sleep(Duration::from_millis(100));
    session.run("ROLLBACK");
    Output::of(child.wait_with_output().expect("it ends"))
}

#[test]
fn a_folder_that_changes_in_the_middle_runs_as_it_was() {
    let target = Target::new();
    lay_out(&target);
    attacked("a folder that changes in the middle of a run");
    let napa = target.database.value("SELECT count(*) FROM \"Customer\" WHERE city = 'Napa'");
    let output = changed_meanwhile(&target, "scripts/try").exits(0);
    output.says("as it was read").says_not("INTRUDED");
    assert_eq!(
        target.database.value("SELECT count(*) FROM \"Customer\" WHERE city = 'first'"),
        napa
    );
    assert_eq!(
        target.database.value("SELECT count(*) FROM \"Customer\" WHERE city = 'INTRUDED'"),
        "0"
    );
    assert_eq!(
        target.database.value("SELECT to_regclass('as_it_was_read')::text"),
        "as_it_was_read"
    );
    assert_eq!(target.database.value("SELECT to_regclass('intruded')::text"), "");
    // The history knows the checksums of what ran.
    target.project.run(&target.database, "status scripts/try").exits(0).says("01_first.rhai");
}

#[test]
fn an_approved_plan_runs_only_what_was_planned() {
    let target = Target::new();
    lay_out(&target);
    target.project.run(&target.database, "plan scripts/try --out plan.json").exits(0);
    for (file, text) in [
        ("leora.toml", MANIFEST.replace("Try", "try")),
        ("01_first.rhai", "update(\"Customer\").set(\"city\", \"INTRUDED\");".into()),
        ("lib/words.rhai", "fn word() { \"INTRUDED\" }".into()),
        ("sql/try.sql", "CREATE TABLE intruded (id int);".into()),
        ("03_third.rhai", "note(\"INTRUDED\");".into()),
    ] {
        attacked(&format!("{file} changed after its plan was approved"));
        lay_out(&target);
        target.project.write(&format!("scripts/try/{file}"), &text);
        let output =
            target.project.run(&target.database, "run scripts/try --approved plan.json").exits(4);
        output.says(file).says_not("INTRUDED");
        let _ = std::fs::remove_file(target.project.path("scripts/try/03_third.rhai"));
    }
    attacked("a folder that changes while its approved plan runs");
    lay_out(&target);
    let output = changed_meanwhile(&target, "run scripts/try --approved plan.json").exits(0);
    output.says("as it was read").says_not("INTRUDED");
    assert_eq!(target.database.value("SELECT to_regclass('intruded')::text"), "");
}

#[test]
fn a_plan_that_was_edited_approves_nothing_else() {
    let target = Target::new();
    lay_out(&target);
    target.project.run(&target.database, "plan scripts/try --out plan.json").exits(0);
    let plan = std::fs::read_to_string(target.project.path("plan.json")).expect("a plan");
    for (from, to) in [
        ("\"rows\": ", "\"rows\": 1"),
        ("\"leora_plan\": 2", "\"leora_plan\": 9"),
        ("\"settings\"", "\"sett\""),
        ("{", "["),
    ] {
        attacked("an edited plan");
        target.project.write("plan.json", &plan.replacen(from, to, 1));
        let output = target.project.run(&target.database, "run scripts/try --approved plan.json");
        assert!([2, 4].contains(&output.code), "{from}: {}", output.stdout);
    }
    target.unchanged();
}
