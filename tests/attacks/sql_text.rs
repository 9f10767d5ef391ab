//! SQL files that would commit, leave the transaction, or reach out of the database.

use super::Target;

const HIDDEN: &[(&str, &str)] = &[
    ("COMMIT", "UPDATE \"Customer\" SET city = 'x'; COMMIT; SELECT 1/0;"),
    ("commit in small letters", "UPDATE \"Customer\" SET city = 'x'; cOmMiT"),
    ("COMMIT after a comment", "UPDATE \"Customer\" SET city = 'x'; /* /* */ */ -- x\nCOMMIT;"),
    ("COMMIT after a quote", "SELECT 'it''s'; UPDATE \"Customer\" SET city = 'x'; COMMIT;"),
    ("COMMIT after a backslash", "SELECT 'a\\'; COMMIT; SELECT ''; "),
    ("COMMIT after an escape", "SELECT E'a\\''; COMMIT; --'"),
    ("COMMIT after a dollar quote", "SELECT $a$ $b$ $a$; COMMIT; SELECT $b$ $b$;"),
    ("COMMIT after a carriage return", "UPDATE \"Customer\" SET city = 'x' -- a\r; COMMIT;"),
    ("COMMIT after a string that goes on", "SELECT E'a'\n'\\''; COMMIT; --'"),
    ("COMMIT after a name with dollars", "SELECT 1 AS a\u{a0}$$; COMMIT; SELECT 1 AS b$$"),
    ("COMMIT after a symbol in a name", "SELECT 1 AS \u{1f600}$$; COMMIT; SELECT 1 AS \u{1f600}$$"),
    ("COMMIT after a number of 16", "SELECT 0x1F$$; COMMIT; SELECT 1 AS a$$"),
    ("COMMIT after an exponent", "SELECT 1e'\\'; COMMIT; --'"),
    ("COMMIT after an open bracket", "SELECT (1; COMMIT; SELECT 1)"),
    (
        "COMMIT after two names",
        "SELECT begin atomic FROM (SELECT 1 AS begin) AS q; UPDATE \"Customer\" SET city = 'x'; COMMIT; SELECT 1/0;",
    ),
    (
        "COMMIT after a column named case",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1 AS case; END; COMMIT; SELECT 1/0;",
    ),
    ("COMMIT after a name", "SELECT 1 AS \"a;\"\"b\"; COMMIT;"),
    (
        "COMMIT after BEGIN ATOMIC",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; END; COMMIT;",
    ),
    ("COMMIT AND CHAIN", "UPDATE \"Customer\" SET city = 'x'; COMMIT AND CHAIN; SELECT 1/0;"),
    ("END", "UPDATE \"Customer\" SET city = 'x'; END; SELECT 1/0;"),
    ("ROLLBACK", "ROLLBACK; UPDATE \"Customer\" SET city = 'x';"),
    ("ABORT", "ABORT; UPDATE \"Customer\" SET city = 'x';"),
    ("COMMIT PREPARED", "COMMIT PREPARED 'x';"),
    ("PREPARE TRANSACTION", "UPDATE \"Customer\" SET city = 'x'; PREPARE TRANSACTION 'x';"),
    ("SAVEPOINT", "SAVEPOINT a; ROLLBACK TO a;"),
    ("COMMIT in a DO block", "DO $$ BEGIN UPDATE \"Customer\" SET city = 'x'; COMMIT; END $$;"),
    (
        "ROLLBACK in a DO block",
        "DO $$ BEGIN UPDATE \"Customer\" SET city = 'x'; ROLLBACK; UPDATE \"Customer\" SET city = 'x'; COMMIT; END $$;",
    ),
    (
        "COMMIT in a procedure",
        "CREATE PROCEDURE p() LANGUAGE plpgsql AS 'BEGIN COMMIT; END'; UPDATE \"Customer\" SET city = 'x'; CALL p();",
    ),
    (
        "COMMIT by EXECUTE",
        "DO $$ BEGIN UPDATE \"Customer\" SET city = 'x'; EXECUTE 'COMMIT'; END $$;",
    ),
    (
        "COMMIT by a prepared statement",
        "PREPARE p AS UPDATE \"Customer\" SET city = 'x'; EXECUTE p; COMMIT;",
    ),
    ("a command of psql", "\\c postgres\nSELECT 1;"),
    ("\\copy", "\\copy \"Customer\" TO '/tmp/leora-stolen'"),
    ("\\! in a line", "SELECT 1 \\! touch /tmp/leora-stolen"),
    ("\\gexec", "SELECT 'COMMIT' \\gexec"),
    ("COPY TO", "COPY \"Customer\" TO '/tmp/leora-stolen';"),
    ("COPY TO PROGRAM", "copy \"Customer\" TO PROGRAM 'cat > /tmp/leora-stolen';"),
    ("COPY FROM stdin", "COPY \"Customer\" FROM stdin;\n\\.\n"),
    ("LISTEN", "LISTEN x;"),
    ("DISCARD ALL", "DISCARD ALL;"),
    ("VACUUM", "VACUUM;"),
    ("CREATE DATABASE", "CREATE DATABASE leora_stolen;"),
];

#[test]
fn an_sql_file_can_not_commit_or_reach_out() {
    let target = Target::new();
    for (name, sql) in HIDDEN {
        target.project.write("sql/try.sql", sql);
        let manifest = "sql = [\"try.sql\"]\nlocks = { Customer = \"exclusive\" }";
        let output = target.attack_with(manifest, name, "run_sql(\"try.sql\");");
        assert!([2, 3].contains(&output.code), "{name}: {}", output.stdout);
        assert!(output.stdout.contains("othing was changed"), "{name}: {}", output.stdout);
    }
    assert!(!std::path::Path::new("/tmp/leora-stolen").exists());
    target.unchanged();
}

#[test]
fn only_the_files_of_the_manifest_are_run() {
    let target = Target::new();
    target.project.write("sql/try.sql", "SELECT 1;");
    target.project.write("sql/other.sql", "UPDATE \"Customer\" SET city = 'SEIZED';");
    for name in [
        "other.sql",
        "../sql/other.sql",
        "/etc/passwd",
        "try.sql\\x00",
        "TRY.SQL",
        "./try.sql",
        "",
        "sql/other.sql",
    ] {
        let script = format!("run_sql(\"{name}\");");
        target
            .attack_with("sql = [\"try.sql\"]", &format!("the SQL file {name}"), &script)
            .exits(2);
    }
    for name in [
        "../other.sql",
        "/etc/passwd.sql",
        ".hidden.sql",
        "a b.sql",
        "a\\u0000.sql",
        "sql/try.sql",
        "try.SQL",
        "ä.sql",
    ] {
        let manifest = format!("sql = [\"{name}\"]");
        target
            .attack_with(&manifest, &format!("the SQL file {name} in the manifest"), "note(\"x\");")
            .exits(2);
    }
    target.unchanged();
}
