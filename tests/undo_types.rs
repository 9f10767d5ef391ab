//! Undo where columns are called as parts of its statements, and where types have changed since the run.

use crate::support::{Database, Output, Project};

/// A folder that sets `c` of `T` to a value.
fn setting(value: &str) -> Project {
    let project = Project::new();
    project.script("writes = [\"T.c\"]", &format!("update(\"T\").set(\"c\", {value});"));
    project
}

const ROWS: &str = "SELECT string_agg(t::text, ' ' ORDER BY t::text) FROM \"T\" t";

#[test]
fn a_key_may_have_any_name() {
    let names = [
        "state",
        "old_value",
        "new_value",
        "journal_key",
        "key",
        "rows",
        "run",
        "rule",
        "was",
        "now",
        "#old",
        "#new",
        "#state",
        "#key 2",
        "#part",
        "#rows",
        "#keys",
        "#valued",
    ];
    let mut both: Vec<String> =
        names.iter().map(|name| format!("\"{name}\" int PRIMARY KEY")).collect();
    both.push(
        "\"#key 2\" int, \"state\" text DEFAULT 'x', PRIMARY KEY (\"#key 2\", \"state\")".into(),
    );
    for (strategy, few) in [("update", 1), ("rewrite", 5), ("batches", 3)] {
        for key in both.iter().rev().step_by(few) {
            let database = Database::empty();
            let name = key.split('"').nth(1).expect("a name");
            database.run(&format!(
                "CREATE TABLE \"T\" ({key}, c text); INSERT INTO \"T\" (\"{name}\", c) SELECT n, 'c' || n FROM generate_series(1, 5) n"
            ));
            let before = database.value(ROWS);
            let project = setting("\"new\"");
            project.edit(
                "scripts/try/leora.toml",
                "access",
                &format!("strategy = \"{strategy}\"\naccess"),
            );
            project.run(&database, "scripts/try").exits(0).says("5");
            assert_eq!(database.value("SELECT count(*) FROM \"T\" WHERE c = 'new'"), "5", "{key}");
            database.run(&format!("UPDATE \"T\" SET c = 'mine' WHERE \"{name}\" = 2"));
            project.run(&database, "undo").exits(0).says("Put back 4 values, left 1");
            database.run(&format!("UPDATE \"T\" SET c = 'c2' WHERE \"{name}\" = 2"));
            assert_eq!(database.value(ROWS), before, "{strategy} {key}");
        }
    }
}

/// A table of this column with this value, a run that sets another, a change of the table, and the undo.
fn undo_after(column: &str, value: &str, new: &str, change: &str) -> (Database, Output) {
    let (project, database) = (setting(new), Database::empty());
    database.run(&format!(
        "CREATE TYPE mood AS ENUM ('low', 'high'); CREATE TABLE \"T\" (id int PRIMARY KEY, c {column}); \
         INSERT INTO \"T\" SELECT n, {value} FROM generate_series(1, 3) n"
    ));
    project.run(&database, "scripts/try").exits(0);
    database.run(change);
    let undo = project.run(&database, "undo");
    (database, undo)
}

#[test]
fn values_are_compared_in_the_type_of_now() {
    let cases = [
        ("numeric(10,2)", "10", "20", "numeric(12,4)", "10.0000"),
        ("int", "10", "20", "numeric(10,2)", "10.00"),
        ("numeric(10,2)", "10", "20", "int", "10"),
        ("int", "10", "20", "bigint", "10"),
        ("int", "10", "20", "text", "10"),
        ("real", "0.5", "0.25", "double precision", "0.5"),
        ("date", "'2024-02-29'", "\"2025-01-01\"", "timestamp", "2024-02-29 00:00:00"),
        (
            "timestamp(3)",
            "'2024-02-29 10:00'",
            "\"2025-01-01\"",
            "timestamp(0)",
            "2024-02-29 10:00:00",
        ),
        ("varchar(9)", "'a'", "\"b\"", "text", "a"),
        ("text", "'a'", "\"b\"", "char(3)", "a  "),
        ("mood", "'low'", "\"high\"", "text", "low"),
        (
            "uuid",
            "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
            "\"b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"",
            "text",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        ),
    ];
    for (column, value, new, now, expected) in cases {
        let change = format!(
            "ALTER TABLE \"T\" ALTER c TYPE {now} USING c::{now}; UPDATE \"T\" SET c = NULL WHERE id = 3"
        );
        let (database, undo) = undo_after(column, &format!("{value}::{column}"), new, &change);
        undo.exits(0).says("Put back 2 values, left 1");
        let is = format!(
            "SELECT count(*) FROM \"T\" WHERE c = '{expected}'::{now} AND c::{now}::text = ('{expected}'::{now})::text"
        );
        assert_eq!(database.value(&is), "2", "{column} to {now}");
    }
}

#[test]
fn a_setting_of_the_database_changes_no_value() {
    let (project, database) = (Project::new(), Database::empty());
    database.run("CREATE TABLE \"T\" (id int PRIMARY KEY, c bytea); INSERT INTO \"T\" VALUES (1, '\\x00ff41'), (2, NULL)");
    project.script("writes = [\"T.c\"]", "update(\"T\").where(col(\"id\") == 1).set(\"c\", ());");
    project.run(&database, "scripts/try").exits(0);
    database.run(&format!("ALTER DATABASE \"{}\" SET bytea_output = 'escape'", database.name));
    project.run(&database, "undo").exits(0).says("Put back 1 value.");
    assert_eq!(database.value("SELECT encode(c, 'hex') FROM \"T\" WHERE id = 1"), "00ff41");
    let undo = database.value("SELECT id FROM leora_run.run WHERE undoes IS NOT NULL");
    project.run(&database, &format!("undo {undo}")).exits(0).says("Put back 1 value.");
}

#[test]
fn what_can_not_be_compared_is_refused_with_the_reason() {
    let cases = [
        (
            "mood",
            "'low'",
            "\"high\"",
            "ALTER TYPE mood RENAME VALUE 'low' TO 'LOW'",
            "invalid input value for enum mood",
        ),
        (
            "text",
            "'a'",
            "\"7\"",
            "ALTER TABLE \"T\" ALTER c TYPE int USING c::int",
            "invalid input syntax for type",
        ),
        (
            "timestamp",
            "'2024-02-29 10:00'",
            "\"2025-01-01\"",
            "SET TimeZone = 'Asia/Tokyo'; ALTER TABLE \"T\" ALTER c TYPE timestamptz",
            "by the time zone of the session that changed the type",
        ),
        (
            "timestamptz",
            "'2024-02-29 10:00+00'",
            "\"2025-01-01\"",
            "SET TimeZone = 'Asia/Tokyo'; ALTER TABLE \"T\" ALTER c TYPE timestamp",
            "by the time zone of the session that changed the type",
        ),
        (
            "numeric(10,2)",
            "10.55",
            "20",
            "ALTER TABLE \"T\" ALTER c TYPE numeric(10,1)",
            "T.c is numeric(10,1) now, and can't hold 3 values of before the run",
        ),
        (
            "numeric(10,2)",
            "10.55",
            "20.5",
            "ALTER TABLE \"T\" ALTER c TYPE int USING c * 100",
            "none of the 3 values that the run wrote is there in that type",
        ),
    ];
    for (column, value, new, change, reason) in cases {
        let (database, undo) = undo_after(column, &format!("{value}::{column}"), new, change);
        undo.exits(3)
            .tells(reason)
            .tells("change it back to what it was then, undo, and change it again")
            .says("Nothing was changed");
        assert_eq!(
            database.value(
                "SELECT count(*) FROM leora_run.run WHERE undoes IS NOT NULL AND outcome = 'done'"
            ),
            "0"
        );
        assert_eq!(
            database.value("SELECT count(*) FROM leora_run.run r WHERE r.outcome = 'done'"),
            "1"
        );
    }
}

#[test]
fn keys_are_compared_in_the_type_of_now() {
    let cases = [
        ("id int PRIMARY KEY", "n", "ALTER id TYPE text"),
        ("id int PRIMARY KEY", "n", "ALTER id TYPE bigint"),
        ("id int PRIMARY KEY", "n", "ALTER id TYPE numeric(10,2)"),
        ("id numeric(10,0) PRIMARY KEY", "n", "ALTER id TYPE numeric(12,2)"),
        ("id numeric(10,2) PRIMARY KEY", "n", "ALTER id TYPE int"),
        (
            "id text PRIMARY KEY",
            "upper(md5(n::text)::uuid::text)",
            "ALTER id TYPE uuid USING id::uuid",
        ),
        ("id uuid PRIMARY KEY", "md5(n::text)::uuid", "ALTER id TYPE text"),
        ("id date PRIMARY KEY", "date '2024-01-01' + n", "ALTER id TYPE timestamp"),
        (
            "id int, d date DEFAULT '2024-01-01', PRIMARY KEY (d, id)",
            "n",
            "ALTER d TYPE timestamp, ALTER id TYPE bigint",
        ),
    ];
    for (key, value, change) in cases {
        let (project, database) = (setting("\"new\""), Database::empty());
        database.run(&format!(
            "CREATE TABLE \"T\" ({key}, c text); INSERT INTO \"T\" (id, c) SELECT {value}, 'c' || n FROM generate_series(1, 4) n"
        ));
        project.run(&database, "scripts/try").exits(0);
        // A later run of one row, which is in the way of the undo.
        project.script(
            "writes = [\"T.c\"]",
            "update(\"T\").where(col(\"n\") == 2).set(\"c\", \"newer\");",
        );
        database.run("ALTER TABLE \"T\" ADD n int; UPDATE \"T\" SET n = 1; UPDATE \"T\" SET n = 2 WHERE id = (SELECT id FROM \"T\" ORDER BY id LIMIT 1)");
        let first = database.value("SELECT id FROM leora_run.run");
        database.run(&format!("ALTER TABLE \"T\" {change}"));
        project.run(&database, "scripts/try").exits(0).says("newer");
        database.run("UPDATE \"T\" SET c = 'new'");
        project.run(&database, &format!("undo {first}")).exits(0).says("Put back 3 values, left 1");
        let back = "SELECT count(*) FILTER (WHERE c ~ '^c[1-4]$') || ' ' || count(*) FILTER (WHERE n = 2 AND c = 'new') FROM \"T\"";
        assert_eq!(database.value(back), "3 1", "{key} {change}");
    }
}

#[test]
fn keys_that_are_not_found_are_no_deleted_rows() {
    let (project, database) = (setting("\"new\""), Database::empty());
    database.run("CREATE TABLE \"T\" (id int PRIMARY KEY, c text); INSERT INTO \"T\" VALUES (1, 'a'), (2, 'b')");
    project.run(&database, "scripts/try").exits(0);
    database.run("ALTER TABLE \"T\" ALTER id TYPE text USING 'C-' || id");
    let undo = project.run(&database, "undo").exits(3);
    undo.tells(
        "the key of T has another type than when the run wrote it, and 2 rows are not found by it",
    );
    database.run("ALTER TABLE \"T\" ALTER id TYPE int USING substr(id, 3)::int");
    project.run(&database, "undo").exits(0).says("Put back 2 values.");
    assert_eq!(database.value("SELECT string_agg(c, ' ' ORDER BY id) FROM \"T\""), "a b");
}
