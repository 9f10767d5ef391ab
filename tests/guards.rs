//! Guards of the manifest: what a run must not change, whatever its scripts say.

use crate::support::{Database, Project};

/// Ten rows: six A, two B, two without a grade.
fn graded() -> Database {
    let database = Database::empty();
    database.run(
        "CREATE TABLE \"Pupil\" (id int PRIMARY KEY, grade text); \
         INSERT INTO \"Pupil\" SELECT n, CASE WHEN n <= 6 THEN 'A' WHEN n <= 8 THEN 'B' END FROM generate_series(1, 10) n",
    );
    database
}

fn guarded(guards: &str, script: &str) -> Project {
    let project = Project::new();
    project.script(&format!("writes = [\"Pupil.grade\"]\n{guards}"), script);
    project
}

/// Gives one row another grade, and a grade to each that has none.
const ONE_IN_EIGHT: &str =
    "update(\"Pupil\").set(\"grade\", [[col(\"id\") == 1, \"B\"], [col(\"id\") > 8, \"C\"]]);";

#[test]
fn a_first_value_is_no_reclassification() {
    let database = graded();
    guarded("max_changed = \"12.5%\"", ONE_IN_EIGHT)
        .run(&database, "scripts/try")
        .exits(0)
        .says("3 of 10 rows changed");

    let database = graded();
    let project = guarded("max_changed = \"12%\"", ONE_IN_EIGHT);
    let before = database.fingerprint();
    let said = project.run(&database, "scripts/try").exits(4);
    let said = said
        .tells("error: 1 of the 8 rows with a Pupil.grade would change, 12.5%; scripts/try/leora.toml allows max_changed = \"12%\" -->")
        .says("(none) -> C: 2 rows")
        .says("A -> B: 1 row\n")
        .says("--allow-large-change")
        .says("nothing was changed");
    assert!(said.stdout.contains("scripts/try/01_step.rhai:1:"), "{}", said.stdout);
    assert_eq!(database.fingerprint(), before);
    assert_eq!(database.value("SELECT outcome FROM leora_run.run"), "refused");
    assert_eq!(database.value("SELECT count(*) FROM leora_run.transition"), "0");

    project
        .run(&database, "scripts/try --allow-large-change")
        .exits(0)
        .says("3 of 10 rows changed");
    database.run("UPDATE \"Pupil\" SET grade = 'A'");
    project.run(&database, "scripts/try").exits(4);
}

#[test]
fn taking_a_value_away_counts() {
    let database = graded();
    let project = guarded(
        "max_changed = \"24%\"",
        "update(\"Pupil\").where(col(\"grade\") == \"B\").set(\"grade\", ());",
    );
    project
        .run(&database, "scripts/try")
        .exits(4)
        .says("2 of the 8 rows")
        .says("B -> (none): 2 rows");
}

#[test]
fn a_guard_judges_each_rule_by_what_earlier_ones_did() {
    let database = graded();
    let before = database.fingerprint();
    let script = "update(\"Pupil\").where(col(\"grade\").is_null()).set(\"grade\", \"D\");\n\
         update(\"Pupil\").where(col(\"grade\") == \"D\").set(\"grade\", \"A\");";
    let project = guarded("forbid = [\"Pupil.grade: D -> A\"]", script);
    for verb in ["plan", "run"] {
        project.run(&database, &format!("{verb} scripts/try")).exits(4).tells(
            "Pupil.grade would go from D -> A in 2 rows, which scripts/try/leora.toml forbids",
        );
        assert_eq!(database.fingerprint(), before);
    }
}

#[test]
fn a_forbidden_transition_is_refused_and_others_pass() {
    let database = graded();
    let before = database.fingerprint();
    let project = guarded(
        "forbid = [\"Pupil.grade: B -> (none)\", \"Pupil.grade: (none) -> Z\"]",
        "update(\"Pupil\").set(\"grade\", setting(\"grade\", \"Z\"));",
    );
    project
        .run(&database, "scripts/try")
        .exits(4)
        .tells("Pupil.grade would go from (none) -> Z in 2 rows");
    assert_eq!(database.fingerprint(), before);
    project.run(&database, "scripts/try --set grade=A").exits(0).says("4 of 10 rows changed");
}

#[test]
fn says_what_is_wrong_with_a_guard() {
    let database = graded();
    for (guard, fact, help) in [
        ("max_changed = \"a fifth\"", "this is no share of the rows", "max_changed = \"20%\""),
        ("max_changed = \"120%\"", "this is no share of the rows", "max_changed = \"20%\""),
        ("forbid = [\"Pupil.grade A -> B\"]", "this is no transition", "ACTIVE -> PROSPECT"),
        ("forbid = [\"grade: A -> B\"]", "this is no transition", "ACTIVE -> PROSPECT"),
    ] {
        let said = guarded(guard, ONE_IN_EIGHT).run(&database, "scripts/try").exits(2);
        said.says(fact).says(help).says("scripts/try/leora.toml:4:");
    }
}
