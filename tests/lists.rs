//! Lists and lookups of any length: the same rows as a short one takes, on every type, in every strategy.

use crate::support::{Database, Project};

const STRATEGIES: [&str; 3] = ["update", "rewrite", "batches"];

fn project(strategy: &str, script: &str) -> Project {
    let project = Project::new();
    let manifest = format!(
        "access = \"read-write\"\nstrategy = \"{strategy}\"\nwrites = [\"T.mark\", \"T.size\"]\n\n[limits]\nquery_rows = 100000\ntime = 600\n"
    );
    project.script(&manifest, &format!("//! Lists\n{script}"));
    project
}

type Values = [(&'static str, &'static str); 3];

/// The columns of a table, and three values of each as SQL and as scripts write them: of its first, second and third row.
const COLUMNS: [(&str, &str, Values); 11] = [
    ("t", "text", [("'a'", "\"a\""), ("'b c'", "\"b c\""), ("'\"\\,{}'", "\"\\\"\\\\,{}\"")]),
    ("v", "varchar(9)", [("'a'", "\"a\""), ("'NULL'", "\"NULL\""), ("''", "\"\"")]),
    ("c", "char(4)", [("'a'", "\"a\""), ("'bb'", "\"bb\""), ("'cc'", "\"cc \"")]),
    ("i", "int", [("1", "1"), ("-2", "-2"), ("3", "3")]),
    ("s", "smallint", [("1", "1"), ("2", "2.0"), ("3", "3")]),
    ("n", "numeric(9,2)", [("1.5", "1.50"), ("2", "2"), ("3.25", "3.25")]),
    ("f", "double precision", [("0.1", "0.1"), ("2", "2"), ("3.5", "3.5")]),
    (
        "u",
        "uuid",
        [
            ("'6ba7b810-9dad-41d1-80b4-00c04fd430c8'", "\"6BA7B810-9DAD-41D1-80B4-00C04FD430C8\""),
            ("'6ba7b811-9dad-41d1-80b4-00c04fd430c8'", "\"6ba7b811-9dad-41d1-80b4-00c04fd430c8\""),
            ("'6ba7b812-9dad-41d1-80b4-00c04fd430c8'", "\"6ba7b812-9dad-41d1-80b4-00c04fd430c8\""),
        ],
    ),
    (
        "d",
        "date",
        [
            ("'2025-01-01'", "\"2025-01-01\""),
            ("'2025-01-02'", "\"2025-01-02\""),
            ("'2025-01-03'", "\"2025-01-03\""),
        ],
    ),
    (
        "at",
        "timestamptz",
        [
            ("'2025-01-01 00:00Z'", "\"2025-01-01\""),
            ("'2025-01-02 08:30Z'", "\"2025-01-02T08:30:00\""),
            ("'2025-01-03 08:30:00.5Z'", "\"2025-01-03T08:30:00.5\""),
        ],
    ),
    ("m", "\"Mood\"", [("'good'", "\"good\""), ("'bad'", "\"bad\""), ("'so, so'", "\"so, so\"")]),
];

/// Three rows with values, and one with none.
fn table() -> Database {
    let database = Database::empty();
    let columns = COLUMNS.map(|(name, data_type, _)| format!("{name} {data_type}")).join(", ");
    let row = |at: usize| COLUMNS.map(|(_, _, values)| values[at].0).join(", ");
    database.run(&format!(
        "CREATE TYPE \"Mood\" AS ENUM ('good', 'bad', 'so, so'); \
         CREATE TABLE \"T\" (id int PRIMARY KEY, mark text, size int, {columns}); \
         INSERT INTO \"T\" VALUES (1, NULL, 0, {}), (2, NULL, 0, {}), (3, NULL, 0, {}); INSERT INTO \"T\" (id, size) VALUES (4, 0)",
        row(0),
        row(1),
        row(2),
    ));
    database
}

#[test]
fn a_list_of_any_length_takes_the_same_rows_of_every_type() {
    let database = table();
    for (name, _, values) in COLUMNS {
        let two = [values[0].1, values[2].1].join(", ");
        // By hand, in pairs, and so often that it is a long list.
        for times in [1, 50] {
            let list = vec![two.as_str(); times].join(", ");
            let script = format!(
                "let it = col(\"{name}\").is_one_of([{list}]);\n\
                 note(`${{table(\"T\").count(it)}} ${{table(\"T\").count(not(it))}} ${{table(\"T\").count(it or col(\"id\") == 4)}}`);\n\
                 update(\"T\").set(\"mark\", [[it, \"{name}{times}\"], [not(it), \"not {name}\"]]);"
            );
            let project = project("update", &script);
            // A row without a value is neither in the list nor outside of it.
            project.run(&database, "scripts/try").exits(0).says("2 1 3");
            let marks = database
                .value("SELECT string_agg(coalesce(mark, '-'), ',' ORDER BY id) FROM \"T\"");
            assert_eq!(marks, format!("{name}{times},not {name},{name}{times},-"));
        }
        database.run("UPDATE \"T\" SET mark = NULL");
    }
}

#[test]
fn a_lookup_gives_the_same_by_every_strategy_and_is_undone() {
    for (name, _, values) in
        COLUMNS.into_iter().filter(|(_, _, values)| values[0].1.starts_with('"'))
    {
        for strategy in STRATEGIES {
            let database = table();
            let (first, third) = (values[0].1, values[2].1);
            let script = format!(
                "update(\"T\").set(\"mark\", lookup(\"{name}\", #{{ {first}: \"one\", {third}: \"thr'ee\" }}));"
            );
            let project = project(strategy, &script);
            let before = database.fingerprint();
            project.run(&database, "plan scripts/try").exits(0).says("2 of 4");
            project.run(&database, "scripts/try").exits(0);
            let marks = "SELECT string_agg(coalesce(mark, '-'), ',' ORDER BY id) FROM \"T\"";
            assert_eq!(database.value(marks), "one,-,thr'ee,-", "{name} {strategy}");
            project.run(&database, "scripts/try").exits(0).says("nothing to change");
            project.run(&database, "undo").exits(0);
            assert_eq!(database.fingerprint(), before, "{name} {strategy}");
        }
    }
}

#[test]
fn of_equal_keys_the_first_counts() {
    let database = table();
    database.run(
        "CREATE COLLATION IF NOT EXISTS ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false); \
         ALTER TABLE \"T\" ALTER t TYPE text COLLATE ci",
    );
    let script = "update(\"T\").set(\"mark\", lookup(\"t\", #{ A: \"first\", a: \"second\" }));\n\
                  update(\"T\").where(col(\"t\") == \"a\").set(\"size\", table(\"T\").count(col(\"t\").is_one_of([\"A\", \"x\"])));";
    project("update", script).run(&database, "scripts/try").exits(0);
    assert_eq!(database.value("SELECT mark || size FROM \"T\" WHERE id = 1"), "first1");
    let twice = "update(\"T\").set(\"mark\", lookup(\"u\", #{ \"6BA7B810-9DAD-41D1-80B4-00C04FD430C8\": \"first\", \"6ba7b810-9dad-41d1-80b4-00c04fd430c8\": \"second\" }));";
    project("update", twice).run(&database, "scripts/try").exits(0);
    assert_eq!(database.value("SELECT mark FROM \"T\" WHERE id = 1"), "first");
}

/// Twenty thousand rows, each with a code of its own, in a table with pages enough for several batches.
fn many() -> Database {
    let database = Database::empty();
    database.run(
        "CREATE TABLE \"T\" (id int PRIMARY KEY, code text NOT NULL, mark text, size int NOT NULL, body text); \
         INSERT INTO \"T\" SELECT n, 'code ' || n, CASE WHEN n % 7 = 0 THEN 'old' END, 0, repeat('x', 600) FROM generate_series(1, 20000) n; \
         ANALYZE \"T\"",
    );
    database
}

const LONG: &str = "let rows = query(\"SELECT code, id, 'm' || id % 5 AS mark FROM \\\"T\\\" WHERE id % 2 = 0\");\n\
                    let marks = #{};\n\
                    for row in rows { marks[row.code] = row.mark; }\n\
                    let ids = rows.map(|row| row.id);\n\
                    update(\"T\").set(\"mark\", lookup(\"code\", marks));\n\
                    update(\"T\").where(not(col(\"id\").is_one_of(ids))).set(\"size\", 1);";

#[test]
fn ten_thousand_entries_are_planned_run_and_undone() {
    let wanted = "SELECT count(*) FROM \"T\" WHERE mark IS DISTINCT FROM CASE WHEN id % 2 = 0 THEN 'm' || id % 5 WHEN id % 7 = 0 THEN 'old' END OR size <> id % 2";
    for strategy in STRATEGIES {
        let database = many();
        let before = database.fingerprint();
        let project = project(strategy, LONG);
        let plan = project.run(&database, "plan scripts/try").exits(0);
        plan.says("10,000 of 20,000");
        let ran = project.run(&database, "scripts/try").exits(0);
        if strategy == "rewrite" {
            ran.says("its list of 10,000 values");
        }
        assert_eq!(database.value(wanted), "0", "{strategy}");
        project.run(&database, "scripts/try").exits(0).says("nothing to change");
        project.run(&database, "undo").exits(0);
        assert_eq!(database.fingerprint(), before, "{strategy}");
    }
}

#[test]
fn a_long_lookup_is_explained_and_asked_what_if() {
    let database = many();
    let project = project("update", &format!("let by = setting(\"by\", 1);\n{LONG}"));
    project
        .run(&database, "why scripts/try 4")
        .exits(0)
        .says("code == \"code 4\"")
        .says("gives m4");
    project.run(&database, "why scripts/try 5").exits(0).says("no arm matched");
    project.run(&database, "what-if scripts/try --vary by=1,2").exits(0);
}
