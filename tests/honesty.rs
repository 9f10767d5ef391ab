//! What a run tells is what happened, whatever the database does beside it.

use crate::support::{Database, Project};

fn prepared(sql: &str) -> (Project, Database) {
    let database = Database::empty();
    database.run(sql);
    (Project::new(), database)
}

const REPLACED: &str = "CREATE TABLE pupil (id int PRIMARY KEY, v text); INSERT INTO pupil VALUES (1, 'old'), (2, NULL); \
     CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.v := ''other''; RETURN NEW; END'; ";
const BEFORE: &str =
    "CREATE TRIGGER t BEFORE UPDATE ON pupil FOR EACH ROW EXECUTE FUNCTION other()";

#[test]
fn a_trigger_that_stores_another_value_is_noticed() {
    let after = "CREATE FUNCTION later() RETURNS trigger LANGUAGE plpgsql AS \
         'BEGIN IF pg_trigger_depth() < 2 THEN UPDATE pupil SET v = ''later'' WHERE id = NEW.id; END IF; RETURN NULL; END'; \
         CREATE TRIGGER t AFTER UPDATE ON pupil FOR EACH ROW EXECUTE FUNCTION later()";
    for trigger in [BEFORE, after] {
        let (project, database) = prepared(&format!("{REPLACED}{trigger}"));
        project.script("writes = [\"pupil.v\"]", "update(\"pupil\").set(\"v\", \"X\");");
        let before = database.fingerprint();
        project
            .run(&database, "scripts/try")
            .exits(3)
            .tells("pupil.v: 2 rows hold another value than the one written")
            .tells("look at the trigger t of pupil");
        assert_eq!(database.fingerprint(), before);
    }
}

#[test]
fn an_undo_notices_it_too() {
    let (project, database) = prepared(REPLACED);
    project.script("writes = [\"pupil.v\"]", "update(\"pupil\").set(\"v\", \"X\");");
    project.run(&database, "scripts/try").exits(0);
    database.run(BEFORE);
    project.run(&database, "undo").exits(3).tells("2 rows hold another value than the one written");
    assert_eq!(database.value("SELECT string_agg(v, ' ') FROM pupil"), "X X");
}

#[test]
fn reading_a_view_writes_nothing() {
    let (project, database) = prepared(
        "CREATE TABLE kept (id int PRIMARY KEY, v text); INSERT INTO kept VALUES (1, 'kept'); \
         CREATE FUNCTION evil() RETURNS int LANGUAGE plpgsql AS 'BEGIN UPDATE kept SET v = ''lost''; RETURN 1; END'; \
         CREATE VIEW looks_harmless AS SELECT evil() AS one",
    );
    for read in [".rows([\"one\"])", ".count(col(\"one\") == 1)", ".distribution(\"one\").total"] {
        project.script("", &format!("show(`${{table(\"looks_harmless\"){read}}}`);"));
        project
            .run(&database, "scripts/try")
            .exits(3)
            .tells("cannot execute UPDATE in a read-only transaction");
        assert_eq!(database.value("SELECT v FROM kept"), "kept");
    }
}

#[test]
fn a_rule_does_not_change_other_tables_through_foreign_keys_or_rewrite_rules() {
    let (project, database) = prepared(
        "CREATE TABLE town (id int PRIMARY KEY, code text UNIQUE); INSERT INTO town VALUES (1, 'a'); \
         CREATE TABLE shop (id int PRIMARY KEY, code text REFERENCES town (code) ON UPDATE CASCADE); \
         INSERT INTO shop VALUES (1, 'a'); \
         CREATE TABLE noted (id int PRIMARY KEY, v text); CREATE TABLE log (id int); \
         CREATE RULE also AS ON UPDATE TO noted DO ALSO INSERT INTO log VALUES (NEW.id)",
    );
    let before = database.fingerprint();
    project
        .script("writes = [\"town.code\", \"noted.v\"]", "update(\"town\").set(\"code\", \"b\");");
    project
        .run(&database, "scripts/try")
        .exits(2)
        .tells("a foreign key would change shop together with code");
    project.script("writes = [\"town.code\", \"noted.v\"]", "update(\"noted\").set(\"v\", \"b\");");
    project.run(&database, "scripts/try").exits(2).tells("the rule also rewrites its updates");
    assert_eq!(database.fingerprint(), before);
}

#[test]
fn an_edit_to_an_equal_value_is_an_edit() {
    let (project, database) = prepared(
        "CREATE TABLE price (id int PRIMARY KEY, n numeric); INSERT INTO price VALUES (1, 1.25)",
    );
    project.script("writes = [\"price.n\"]", "update(\"price\").set(\"n\", 2);");
    project.run(&database, "scripts/try").exits(0);
    database.run("UPDATE price SET n = 2.00");
    project.run(&database, "undo").exits(0).tells("left 1 that your team edited since");
    assert_eq!(database.value("SELECT n FROM price"), "2.00");
}

#[test]
fn what_a_column_can_no_longer_hold_is_left() {
    let (project, database) = prepared(
        "CREATE TABLE price (id int PRIMARY KEY, n numeric); INSERT INTO price VALUES (1, 1.25)",
    );
    project.script("writes = [\"price.n\"]", "update(\"price\").set(\"n\", 2);");
    project.run(&database, "scripts/try").exits(0);
    database.run("ALTER TABLE price ALTER n TYPE numeric(6, 0)");
    project
        .run(&database, "undo")
        .exits(3)
        .tells("price.n is numeric(6,0) now, and can't hold 1 value of before the run");
    assert_eq!(database.value("SELECT n FROM price"), "2");
}

#[test]
fn a_float_is_compared_as_a_float() {
    let (project, database) = prepared(
        "CREATE TABLE rate (id int PRIMARY KEY, r real, v text); INSERT INTO rate VALUES (1, 0.1, NULL)",
    );
    project.script(
        "writes = [\"rate.v\"]",
        "update(\"rate\").where(col(\"r\") == 0.1).set(\"v\", \"hit\");",
    );
    project.run(&database, "scripts/try").exits(0).tells("1 of 1 row changed");
}
