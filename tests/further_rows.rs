//! What triggers and foreign keys change beside a rule, on the table or on a partition: no run leaves it unseen.

use crate::support::{Database, Project};

const STRATEGIES: [&str; 3] = ["update", "rewrite", "batches"];

fn setting(strategy: &str, script: &str) -> Project {
    let project = Project::new();
    project.script(&format!("writes = [\"T.c\"]\nstrategy = \"{strategy}\""), script);
    project
}

/// Eight rows in two partitions.
const PARTED: &str = "\
CREATE TABLE \"T\" (id int, place text, c text, PRIMARY KEY (place, id), UNIQUE (place, c)) PARTITION BY LIST (place); \
CREATE TABLE t_eu PARTITION OF \"T\" FOR VALUES IN ('eu'); CREATE TABLE t_us PARTITION OF \"T\" FOR VALUES IN ('us'); \
INSERT INTO \"T\" SELECT n, CASE WHEN n < 3 THEN 'eu' ELSE 'us' END, 'open' || n FROM generate_series(1, 8) n;";

/// A trigger function of this body, and a trigger.
fn trigger(body: &str, trigger: &str) -> String {
    format!(
        "CREATE FUNCTION acts() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$; CREATE {trigger} EXECUTE FUNCTION acts();"
    )
}

const RULE: &str = "update(\"T\").where(col(\"id\") <= 2).set(\"c\", [[col(\"id\") == 1, \"done1\"], [otherwise, \"done2\"]]);";

#[test]
fn a_trigger_of_a_partition_that_stores_another_value_is_named() {
    for strategy in STRATEGIES {
        let (project, database) = (setting(strategy, RULE), Database::empty());
        let upper = trigger(
            "NEW.c := upper(NEW.c); RETURN NEW;",
            "TRIGGER louder BEFORE UPDATE ON t_eu FOR EACH ROW",
        );
        database.run(&format!("{PARTED} {upper}"));
        let before = database.fingerprint();
        project.run(&database, "plan scripts/try").exits(0).tells("the BEFORE trigger louder");
        project
            .run(&database, "scripts/try")
            .exits(3)
            .tells("T.c: 2 rows hold another value than the one written")
            .tells("look at the trigger louder of T");
        assert_eq!(database.fingerprint(), before, "{strategy}");
    }
}

#[test]
fn a_foreign_key_to_a_partition_that_would_change_with_it_is_named() {
    for strategy in STRATEGIES {
        let (project, database) = (setting(strategy, RULE), Database::empty());
        database.run(&format!(
            "{PARTED} ALTER TABLE t_eu ADD UNIQUE (c); \
             CREATE TABLE follower (c text REFERENCES t_eu (c) ON UPDATE CASCADE); INSERT INTO follower VALUES ('open1')"
        ));
        let before = database.fingerprint();
        for arguments in ["plan scripts/try", "scripts/try"] {
            project
                .run(&database, arguments)
                .exits(2)
                .tells("a foreign key would change follower together with c");
        }
        assert_eq!(database.fingerprint(), before, "{strategy}");
    }
}

#[test]
fn a_trigger_that_changes_further_rows_is_named() {
    let table = "CREATE TABLE \"T\" (id int PRIMARY KEY, place text, c text); \
        INSERT INTO \"T\" SELECT n, 'eu', 'open' || n FROM generate_series(1, 4) n;";
    let other = "IF pg_trigger_depth() = 1 THEN UPDATE \"T\" SET c = 'swept' WHERE id = 4; END IF; RETURN NULL;";
    let deletes = "DELETE FROM \"T\" WHERE id = 4; RETURN NULL;";
    let cases = [
        (table, other, "TRIGGER sweeps AFTER UPDATE ON \"T\" FOR EACH STATEMENT"),
        (table, other, "TRIGGER sweeps AFTER UPDATE ON \"T\" FOR EACH ROW"),
        (table, deletes, "TRIGGER sweeps AFTER UPDATE ON \"T\" FOR EACH ROW"),
        (
            table,
            other,
            "CONSTRAINT TRIGGER sweeps AFTER UPDATE ON \"T\" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW",
        ),
        (PARTED, other, "TRIGGER sweeps AFTER UPDATE ON t_eu FOR EACH ROW"),
    ];
    for strategy in STRATEGIES {
        for (table, body, made) in cases {
            let (project, database) = (setting(strategy, RULE), Database::empty());
            database.run(&format!("{table} {}", trigger(body, made)));
            let before = database.fingerprint();
            let run = project.run(&database, "scripts/try").exits(3);
            run.tells("T.c: 2 rows were written, and the server counts")
                .tells("look at the trigger sweeps of T");
            assert_eq!(database.fingerprint(), before, "{strategy} {made}");
        }
    }
}

#[test]
fn an_undo_sees_it_too() {
    let (project, database) = (setting("update", RULE), Database::empty());
    database.run(PARTED);
    project.run(&database, "scripts/try").exits(0);
    database.run(&trigger(
        "IF pg_trigger_depth() = 1 THEN UPDATE \"T\" SET c = 'swept' WHERE id = 4; END IF; RETURN NULL;",
        "TRIGGER sweeps AFTER UPDATE ON t_eu FOR EACH ROW",
    ));
    let before = database.fingerprint();
    project.run(&database, "undo").exits(3).tells("look at the trigger sweeps of T");
    assert_eq!(database.fingerprint(), before);
}

#[test]
fn triggers_that_write_elsewhere_are_no_obstacle() {
    for strategy in STRATEGIES {
        let (project, database) = (setting(strategy, RULE), Database::empty());
        let logs = trigger(
            "INSERT INTO log VALUES (NEW.c); RETURN NULL;",
            "TRIGGER logs AFTER UPDATE ON t_eu FOR EACH ROW",
        );
        database.run(&format!("{PARTED} CREATE TABLE log (c text); {logs}"));
        project.run(&database, "scripts/try").exits(0);
        assert_eq!(database.value("SELECT string_agg(c, ' ' ORDER BY c) FROM log"), "done1 done2");
        project.run(&database, "undo").exits(0).says("Put back 2 values.");
    }
}

#[test]
fn a_row_that_moves_to_another_partition_is_one_row() {
    let database = Database::empty();
    database.run(&format!(
        "{} {}",
        PARTED
            .replace("PRIMARY KEY (place, id), UNIQUE (place, c)", "sort text")
            .replace("(id, place, c)", "(id)"),
        trigger("RETURN NULL;", "TRIGGER idle AFTER UPDATE ON t_eu FOR EACH ROW")
    ));
    let project = Project::new();
    project.script(
        "writes = [\"T.place\"]\n[keys]\nT = [\"id\"]",
        "update(\"T\").where(col(\"id\") == 1).set(\"place\", \"us\");",
    );
    project.run(&database, "scripts/try").exits(0);
    assert_eq!(database.value("SELECT count(*) FROM t_us"), "7");
    project.run(&database, "undo").exits(0).says("Put back 1 value.");
    assert_eq!(database.value("SELECT count(*) FROM t_us"), "6");
}
