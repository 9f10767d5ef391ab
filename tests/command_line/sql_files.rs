//! What an SQL file may not hold, what only looks like it, and what is reported of what it changed.

use expect_test::expect;
use serde_json::json;

use crate::support::{Database, Project};

fn project(sql: &str) -> Project {
    let project = Project::new();
    project.script("sql = [\"try.sql\"]", "run_sql(\"try.sql\");").write("sql/try.sql", sql);
    project
}

#[track_caller]
fn refused(sql: &str, command: &str, place: &str) {
    let project = project(sql);
    let output = project.output(&mut project.command("scripts/try")).exits(2);
    output
        .says(&format!("error: {command} can't be used in an SQL file: "))
        .says(&format!(" --> sql/try.sql:{place}\n"))
        .says("\nhelp: ")
        .says("Nothing was changed.");
}

#[test]
fn what_ends_the_transaction_or_is_for_psql() {
    refused("SELECT 1;\n  BEGIN;\n", "BEGIN", "2:3");
    refused("SELECT 1; commit", "COMMIT", "1:11");
    refused("/* ; */ ABORT;", "ABORT", "1:9");
    refused("START TRANSACTION;", "START", "1:1");
    refused("PREPARE TRANSACTION 'x';", "PREPARE", "1:1");
    refused("SAVEPOINT a;", "SAVEPOINT", "1:1");
    refused("SELECT 'ä'; END;", "END", "1:13");
    refused("SELECT 1;\n\\dt\n", "\\dt", "2:1");
    refused("SELECT 1;\nCOPY \"Tenant\" FROM stdin;\n", "COPY", "2:1");
    let after = "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END; COMMIT;";
    refused(after, "COMMIT", "1:98");
}

#[test]
fn what_the_server_does_not_read_or_reads_otherwise_in_another_version() {
    refused("SELECT 1;\nSELECT 'a;\n", "a string without its closing quote", "2:8");
    refused("SELECT 1;\n  /* /* */ COMMIT;", "a comment without its closing */", "2:3");
    refused("SELECT 1_000$$; COMMIT; $$", "a number that runs into a word", "1:8");
    refused("SELECT 1;\n\0", "a NUL character", "2:1");
    // What is wrong before it is shown first.
    refused("COPY \"Tenant\" FROM stdin;\n1\tit's\n\\.\n", "COPY", "1:1");
}

#[test]
fn a_refused_command_is_shown_on_its_line() {
    let project = project("SELECT 1;\n  BEGIN;\n");
    let output = project.output(&mut project.command("scripts/try")).exits(2);
    expect![[r#"
        error: BEGIN can't be used in an SQL file: it would end or split the run's
               transaction
         --> sql/try.sql:2:3
          |
        2 |   BEGIN;
          |   ^^^^^
        help: take it out; the run itself begins and commits, and all of it or nothing
              stays
        Nothing was changed.
    "#]]
    .assert_eq(&output.stdout);
}

#[test]
fn the_same_words_elsewhere_are_accepted() {
    let database = Database::sample();
    let sql = r#"-- BEGIN; COMMIT;
/* BEGIN; /* COMMIT; */ ROLLBACK; */
DO $$ BEGIN PERFORM 1; EXCEPTION WHEN others THEN NULL; END $$;
DO $body$ BEGIN PERFORM 'COMMIT;'; END; $body$;
SELECT 'a; BEGIN; it''s; COMMIT;', E'\'; COMMIT;', "end" FROM (SELECT 1 AS "end") AS "begin; commit";
CREATE FUNCTION one() RETURNS int LANGUAGE sql
BEGIN ATOMIC
    SELECT CASE WHEN true THEN 1 END;
    SELECT CASE 1 WHEN 1 THEN 1 ELSE 2 END;
END;
SELECT CASE WHEN true THEN 1 END;
"#;
    let project = project(sql);
    if database.major() < 14 {
        // PostgreSQL 13 does not know BEGIN ATOMIC; what counts is that it comes to the server.
        project.run(&database, "scripts/try").exits(3).says("syntax error at or near \"BEGIN\"");
        return;
    }
    project.run(&database, "scripts/try").exits(0).says("created function one");
}

#[test]
fn an_altered_column_is_told_and_those_behind_it_are_not() {
    let database = Database::empty();
    database
        .run("CREATE TABLE \"Item\" (id int PRIMARY KEY, code varchar(4), note text, size int)");
    // From PostgreSQL 15.20 on this gives a new `pg_attver` to `note` and `size` too, among their options.
    let project = project("ALTER TABLE \"Item\" ALTER code TYPE varchar(9);");
    project.edit(
        "scripts/try/leora.toml",
        "sql = [\"try.sql\"]",
        "sql = [\"try.sql\"]\nlocks = { Item = \"exclusive\" }",
    );
    let report = project.run(&database, "scripts/try --format json").exits(0).json();
    assert_eq!(
        report["steps"][0]["objects"],
        json!([{ "file": "try.sql", "change": "changed", "kind": "column", "name": "Item.code" }])
    );
}
