//! A transaction that lost against another one is tried again from the start.

use crate::support::{Database, Project, tried};

/// A trigger on Customer that fails this often with this code, as a lost deadlock or serialization would.
fn failing(database: &Database, code: &str, times: u32) {
    database.run(&format!(
        "CREATE SEQUENCE tries; \
         CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS \
           'BEGIN IF nextval(''tries'') <= {times} THEN RAISE EXCEPTION ''lost against another'' USING ERRCODE = ''{code}''; \
            END IF; RETURN NULL; END'; \
         CREATE TRIGGER lose AFTER UPDATE ON \"Customer\" FOR EACH STATEMENT EXECUTE FUNCTION lose()"
    ));
}

#[test]
fn a_lost_deadlock_or_serialization_is_tried_again() {
    for code in ["40P01", "40001"] {
        tried("a lost deadlock");
        let (project, database) = (Project::new(), Database::sample());
        failing(&database, code, 2);
        let output = project.run(&database, "scripts/phase2 --format json").exits(0);
        assert!(
            output.stderr.contains("lost against another; rolled back, trying again"),
            "{}",
            output.stderr
        );
        assert_eq!(output.json()["steps"].as_array().expect("steps").len(), 6, "told once");
        assert_eq!(
            database.classes(),
            ["ACTIVE/HIGH 3512", "PROSPECT/LOW 793", "TARGET/MEDIUM 1089"]
        );
        assert_eq!(database.value("SELECT count(*) FROM leora_run.run"), "1");
        assert_eq!(
            database.value(
                "SELECT sum(rows) FROM leora_run.transition WHERE column_name = 'accountType'"
            ),
            "5394"
        );
    }
}

#[test]
fn it_is_given_up_after_the_retries() {
    tried("deadlocks without end");
    let (project, database) = (Project::new(), Database::sample());
    failing(&database, "40P01", 1_000);
    let before = database.fingerprint();
    let output = project.run(&database, "scripts/phase2 --lock-retries 2").exits(3);
    output
        .tells("lost against another")
        .tells("SQLSTATE 40P01")
        .tells("Everything was rolled back");
    assert_eq!(database.value("SELECT last_value FROM tries"), "3");
    database.run("SELECT setval('tries', 1, false)");
    assert_eq!(database.fingerprint().replace("tries", ""), before.replace("tries", ""));
    assert_eq!(database.value("SELECT outcome FROM leora_run.run"), "failed");
}

#[test]
fn the_approval_is_judged_anew() {
    let (project, database) = (Project::new(), Database::sample());
    project.run(&database, "plan scripts/phase2 --out plan.json").exits(0);
    failing(&database, "40001", 1);
    project.run(&database, "run scripts/phase2 --approved plan.json").exits(0);
    assert_eq!(database.classes(), ["ACTIVE/HIGH 3512", "PROSPECT/LOW 793", "TARGET/MEDIUM 1089"]);
}
