//! The schema `leora_run` across versions: what the program makes is what it accepts, and an older format is upgraded.

use expect_test::expect_file;

use crate::support::{Database, Project, own_path, own_text};

/// The schema as version 0.1.0 made it, with a run that changed two rows.
const FORMAT_1: &str = include_str!("history/format_1.sql");
const OLD_RUN: &str = "\
INSERT INTO leora_run.run (id, folder, title, checksums, meanings, settings, as_of, started_by, started_from, tool, started_at, \
  finished_at, outcome, steps) VALUES ('00000000-0000-0000-0000-000000000001', 'scripts/old', 'Old', '{}', '{}', '{}', \
  current_date, current_user, 'x', '0.1.0', now(), now(), 'done', '{}'); \
INSERT INTO leora_run.transition (run, step, rule, table_schema, table_name, column_name, old_value, new_value, rows, key_columns, \
  keys_bigint) VALUES ('00000000-0000-0000-0000-000000000001', 1, 1, 'public', 'Item', 'note', 'before', 'old', 2, '{id}', '{1,2}')";
const ITEMS: &str = "CREATE TABLE \"Item\" (id int PRIMARY KEY, note text); INSERT INTO \"Item\" VALUES (1, 'old'), (2, 'old')";
const NOTES: &str = "SELECT string_agg(note, ',' ORDER BY id) FROM \"Item\"";
const FORMAT: &str = "SELECT obj_description('leora_run'::regnamespace, 'pg_namespace')";

fn old() -> (Project, Database) {
    let (project, database) = (Project::new(), Database::empty());
    database.run(&format!("{FORMAT_1}; {OLD_RUN}; {ITEMS}"));
    project
        .script("writes = [\"Item.note\"]", "update(\"Item\").where(true).set(\"note\", \"new\");");
    (project, database)
}

/// The lines that the program compares, sorted.
fn listing(database: &Database) -> String {
    let sql = own_text("sql/leora_run/listing.sql");
    let row = &database.rows(&sql.replace("$1::text", "''"))[0];
    let mut lines: Vec<&str> = row[5].lines().collect();
    lines.sort_unstable();
    lines.join("\n") + "\n"
}

#[test]
fn what_the_program_makes_is_what_it_accepts() {
    let (project, database) = (Project::new(), Database::empty());
    database.run(ITEMS);
    project
        .script("writes = [\"Item.note\"]", "update(\"Item\").where(true).set(\"note\", \"new\");");
    // A listing that is out of date is written anew first, so that the program is built with it.
    for part in ["tables", "functions", "protect"] {
        database.run(&own_text(&format!("sql/leora_run/{part}.sql")));
    }
    expect_file![own_path("sql/leora_run/format_2.txt")].assert_eq(&listing(&database));
    database.run("DROP SCHEMA leora_run CASCADE");
    database.run(FORMAT_1);
    expect_file![own_path("sql/leora_run/format_1.txt")].assert_eq(&listing(&database));
    database.run("DROP SCHEMA leora_run CASCADE");
    for _ in 0..2 {
        project.run(&database, "scripts/try").exits(0);
    }
}

#[test]
fn an_older_format_is_upgraded_by_the_run_of_its_owner() {
    let (project, database) = old();
    let runner = format!("{}_runner", database.name);
    database.run(&format!(
        "CREATE ROLE {runner} LOGIN PASSWORD 'secret'; GRANT USAGE ON SCHEMA leora_run TO {runner}; \
         GRANT SELECT, INSERT, UPDATE ON leora_run.run, leora_run.migration TO {runner}; GRANT SELECT ON leora_run.step TO {runner}; \
         GRANT SELECT, INSERT, DELETE ON leora_run.transition TO {runner}; GRANT SELECT, UPDATE ON \"Item\" TO {runner}"
    ));
    let as_runner = |arguments: &str| {
        let mut command = project.command(arguments);
        command.arg("--confirm").arg(&database.name).arg("--database-url");
        project.output(command.arg(database.url_as(&runner, "secret")))
    };
    // Who is not the owner can look, and reads who upgrades it.
    as_runner("status").exits(0).tells("scripts/old");
    as_runner("plan scripts/try").exits(0);
    as_runner("scripts/try")
        .exits(3)
        .tells("is of an older version of leora-run, and only its owner");
    as_runner("undo").exits(3).tells("is of an older version of leora-run, and only its owner");
    as_runner("doctor scripts/try").exits(1).tells("may not upgrade the schema leora_run");
    let grants = as_runner("doctor --grants scripts/try").exits(0).stdout;
    assert!(grants.contains("ALTER TABLE leora_run.transition RENAME TO journal"), "{grants}");
    assert!(database.value(FORMAT).ends_with("format 1"));
    project
        .run(&database, "doctor scripts/try")
        .exits(0)
        .tells("the schema leora_run is of an older version");
    project.run(&database, "scripts/try").exits(0);
    assert!(database.value(FORMAT).ends_with("format 2"));
    assert_eq!(listing(&database), include_str!("../sql/leora_run/format_2.txt"));
    // Who could run folders before still can, and writes no table of it.
    database.run("UPDATE \"Item\" SET note = 'old'");
    as_runner("scripts/try").exits(0);
    let may = format!(
        "SELECT has_table_privilege('{runner}', 'leora_run.journal', 'SELECT, INSERT, UPDATE, DELETE')::text"
    );
    assert_eq!(database.value(&may), "false");
    database.run(&format!("DROP OWNED BY {runner} CASCADE; DROP ROLE {runner}"));
}

#[test]
fn what_the_grants_print_upgrades_an_older_format_too() {
    let (project, database) = old();
    let grants =
        project.run(&database, "doctor --grants scripts/try --role nobody").exits(0).stdout;
    let from = grants.find("-- From format 1").expect("the upgrade");
    let upgrade =
        &grants[from..grants.find("GRANT USAGE ON SCHEMA \"leora_run\"").expect("the grants")];
    database.run(upgrade);
    assert_eq!(listing(&database), include_str!("../sql/leora_run/format_2.txt"));
    project.run(&database, "scripts/try").exits(0);
}

#[test]
fn a_run_of_an_older_format_is_undone_after_the_upgrade() {
    let (project, database) = old();
    project.run(&database, "undo").exits(0);
    assert_eq!(database.value(NOTES), "before,before");
    project.run(&database, "undo").exits(2);
    assert_eq!(database.value("SELECT count(*) FROM leora_run.run WHERE undoes IS NOT NULL"), "1");
}

#[test]
fn a_newer_format_is_refused() {
    let (project, database) = old();
    database
        .run("COMMENT ON SCHEMA leora_run IS 'History and undo journal of leora-run, format 3'");
    for command in ["scripts/try", "undo", "status"] {
        project.run(&database, command).exits(3).tells("has format 3").tells("update leora-run");
    }
    project.run(&database, "doctor scripts/try").exits(1).tells("has format 3");
    assert_eq!(database.value(NOTES), "old,old");
}
