//! What a rewrite must keep of the statistics and dependencies of a table, or else leave to `update`.

use crate::support::{Database, OwnServer, Project};

const ITEM: &str = "CREATE TABLE \"Item\" (id int PRIMARY KEY, note text, size int); \
    INSERT INTO \"Item\" SELECT n, 'old', n FROM generate_series(1, 60) n;";

fn project() -> Project {
    let project = Project::new();
    project.script(
        "writes = [\"Item.note\"]\nstrategy = \"rewrite\"",
        "update(\"Item\").set(\"note\", \"new\");",
    );
    project
}

/// The strategy of the run, and why, which the plan has predicted.
#[track_caller]
fn run(project: &Project, database: &Database) -> (String, String) {
    let told = |arguments: &str| {
        let report = project.run(database, arguments).exits(0).json();
        let change = &report["steps"][0]["changes"][0];
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        (text(&change["strategy"]), text(&change["instead"]["because"]))
    };
    let predicted = told("plan scripts/try --format json");
    assert_eq!(told("scripts/try --format json"), predicted);
    predicted
}

#[test]
fn statistics_keep_their_owner_and_are_gathered_anew() {
    let database = Database::empty();
    let role = format!("keeper {}", database.name);
    database.run(&format!(
        "{ITEM} CREATE ROLE \"{role}\"; GRANT CREATE ON SCHEMA public TO \"{role}\"; \
         CREATE STATISTICS pair (dependencies) ON note, size FROM \"Item\"; ALTER STATISTICS pair OWNER TO \"{role}\"; \
         CREATE INDEX loud ON \"Item\" (upper(note)); ANALYZE"
    ));
    let facts = "SELECT (SELECT stxowner::regrole::text FROM pg_statistic_ext) || ' ' || (SELECT count(stxddependencies) FROM pg_statistic_ext_data) \
        || ' ' || (SELECT count(*) FROM pg_stats WHERE tablename = 'loud')";
    let before = database.value(facts);
    assert!(before.ends_with(" 1 1"), "{before}");
    assert_eq!(run(&project(), &database).0, "rewrite");
    assert_eq!(database.value(facts), before);
    database.run(&format!("DROP OWNED BY \"{role}\"; DROP ROLE \"{role}\""));
}

#[test]
fn a_vacuum_is_suggested() {
    let database = Database::empty();
    database.run(ITEM);
    project()
        .run(&database, "scripts/try")
        .exits(0)
        .tells("VACUUM (ANALYZE) \"Item\"; -- index-only scans are slow until then");
}

#[test]
fn what_hangs_on_its_indexes_is_written_by_update() {
    let cases = [
        (
            "CREATE INDEX loud ON \"Item\" (upper(note)); CREATE VIEW sized AS SELECT pg_relation_size('loud'::regclass)",
            "the view sized depends on its index loud",
        ),
        (
            "CREATE UNIQUE INDEX by_note ON \"Item\" (id, note); CREATE FUNCTION sized(oid DEFAULT 'by_note'::regclass) RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "the function sized(oid) depends on its index by_note",
        ),
        (
            "CREATE EXTENSION citext; CREATE INDEX loud ON \"Item\" (note); ALTER INDEX loud DEPENDS ON EXTENSION citext",
            "the index loud depends on the extension citext, and would not any more",
        ),
        (
            "ALTER TABLE \"Item\" ADD CONSTRAINT small CHECK (size < 0) NOT VALID; UPDATE pg_constraint SET convalidated = false WHERE false",
            "the constraint small is not valid for rows from before it",
        ),
    ];
    for (obstacle, why) in cases {
        let database = Database::empty();
        database.run(&format!("{ITEM} {obstacle}"));
        let plan = project().run(&database, "plan scripts/try --format json").exits(0).json();
        assert_eq!(plan["steps"][0]["changes"][0]["instead"]["because"], why, "{obstacle}");
        let before = database.fingerprint();
        let output = project().run(&database, "scripts/try");
        if why.contains("constraint") {
            // An UPDATE refuses such rows; a rewrite would not have, and its undo would.
            output.exits(3).says("small");
            assert_eq!(database.fingerprint(), before);
        } else {
            output.exits(0);
            project().run(&database, "undo").exits(0);
        }
    }
}

#[test]
fn an_index_without_the_column_may_have_such() {
    let database = Database::empty();
    database.run(&format!(
        "{ITEM} CREATE INDEX by_size ON \"Item\" (size); CREATE VIEW sized AS SELECT pg_relation_size('by_size'::regclass)"
    ));
    assert_eq!(run(&project(), &database), ("rewrite".into(), String::new()));
}

#[test]
fn a_not_null_that_is_not_valid_is_one() {
    let database = Database::empty();
    if database.major() < 18 {
        return;
    }
    database.run(&format!("{ITEM} UPDATE \"Item\" SET size = NULL WHERE id = 3; ALTER TABLE \"Item\" ADD CONSTRAINT sized NOT NULL size NOT VALID"));
    let before = database.fingerprint();
    project().run(&database, "scripts/try").exits(3).says("size");
    assert_eq!(database.fingerprint(), before);
}

#[test]
fn a_slot_that_sends_only_published_tables_is_no_obstacle() {
    let server = OwnServer::start(&[("wal_level", "logical"), ("fsync", "off")]);
    let database = server.sample();
    database.run(ITEM);
    database.run("SELECT pg_create_logical_replication_slot('feed', 'pgoutput')");
    assert_eq!(run(&project(), &database).0, "rewrite");
    project().run(&database, "undo").exits(0);
    database.run("SELECT pg_create_logical_replication_slot('all', 'test_decoding')");
    assert_eq!(run(&project(), &database).1, "the replication slot \"all\" would not send it");
    database.run("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots");
}
