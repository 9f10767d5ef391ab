//! What the database would refuse is foreseen, with its rows counted, and in batches before the first of them.

use crate::support::{Database, Project};

struct Case {
    /// What `T` is made of, beside `id int PRIMARY KEY, n int`; its rows have `n` from 1 to 9000.
    column: &'static str,
    /// What is done afterwards.
    then: &'static str,
    value: &'static str,
    told: &'static str,
    code: &'static str,
}

const CASES: [Case; 10] = [
    Case {
        column: "c text NOT NULL DEFAULT 'x'",
        then: "",
        value: "[[col(\"n\") > 8997, ()], [otherwise, \"y\"]]",
        told: "T.c: 3 rows would have no value, and it is NOT NULL",
        code: "23502",
    },
    Case {
        column: "c int CONSTRAINT small CHECK (c < 8999)",
        then: "",
        value: "col(\"n\")",
        told: "T.c: 2 rows would violate the check small",
        code: "23514",
    },
    Case {
        column: "c int, d int DEFAULT 1, CONSTRAINT sums CHECK (c + d < 9000)",
        then: "",
        value: "col(\"n\")",
        told: "T.c: 2 rows would violate the check sums",
        code: "23514",
    },
    Case {
        column: "c int UNIQUE, m int DEFAULT NULL",
        then: "UPDATE \"T\" SET m = CASE WHEN n > 8997 THEN 7 ELSE n + 10000 END",
        value: "col(\"m\")",
        told: "T.c: 3 rows would have a value that another row has too, and T_c_key is unique",
        code: "23505",
    },
    Case {
        column: "c text",
        then: "CREATE UNIQUE INDEX lowered ON \"T\" (lower(c)) WHERE n > 8998",
        value: "[[col(\"n\") == 9000, \"A\"], [otherwise, \"a\"]]",
        told: "T.c: 2 rows would have a value that another row has too, and lowered is unique",
        code: "23505",
    },
    Case {
        column: "c int",
        then: "CREATE TABLE r (id int PRIMARY KEY); INSERT INTO r SELECT generate_series(1, 8996); \
               ALTER TABLE \"T\" ADD CONSTRAINT known FOREIGN KEY (c) REFERENCES r",
        value: "col(\"n\")",
        told: "T.c: 4 rows would refer to a row that r does not have (known)",
        code: "23503",
    },
    Case {
        column: "c int UNIQUE",
        then: "UPDATE \"T\" SET c = n; CREATE TABLE r (t int CONSTRAINT used REFERENCES \"T\" (c)); INSERT INTO r VALUES (9000), (9000)",
        value: "col(\"n\") + 10000",
        told: "T.c: 1 row would change while r refers to them (used)",
        code: "23503",
    },
    Case {
        column: "c int",
        then: "ALTER TABLE \"T\" REPLICA IDENTITY NOTHING; CREATE PUBLICATION p FOR TABLE \"T\"",
        value: "col(\"n\")",
        told: "T: publication p refuses every UPDATE: it has REPLICA IDENTITY NOTHING",
        code: "55000",
    },
    Case {
        column: "c int, ok boolean DEFAULT true",
        then: "CREATE PUBLICATION p FOR TABLE \"T\" WHERE (ok)",
        value: "col(\"n\")",
        told: "T: publication p refuses every UPDATE: its WHERE reads ok, which is not in the replica identity",
        code: "55000",
    },
    Case {
        column: "c int",
        then: "CREATE PUBLICATION p FOR TABLE \"T\" (c)",
        value: "col(\"n\")",
        told: "T: publication p refuses every UPDATE: its column list leaves out id, which is in the replica identity",
        code: "55000",
    },
];

fn project(strategy: &str, value: &str) -> Project {
    let project = Project::new();
    let manifest =
        format!("access = \"read-write\"\nstrategy = \"{strategy}\"\nwrites = [\"T.c\"]\n");
    project.script(&manifest, &format!("//! Try\nupdate(\"T\").set(\"c\", {value});\n"));
    project
}

/// `None` where the server does not know the feature.
fn table(case: &Case) -> Option<Database> {
    let database = Database::empty();
    let filters = case.then.contains("WHERE (ok)")
        || case.then.contains("\"T\" (c)") && case.then.contains("PUBLICATION");
    if filters && database.major() < 15 {
        return None;
    }
    database.run(&format!(
        "CREATE TABLE \"T\" (id int PRIMARY KEY, n int, body text DEFAULT repeat('x', 500), {}); \
         INSERT INTO \"T\" (id, n) SELECT n, n FROM generate_series(1, 9000) n; {}",
        case.column, case.then
    ));
    Some(database)
}

#[test]
fn what_the_database_would_refuse_is_counted_before_anything_is_written() {
    for case in &CASES {
        let Some(database) = table(case) else { continue };
        let before = database.fingerprint();
        for strategy in ["update", "batches"] {
            let project = project(strategy, case.value);
            let planned = project.run(&database, "plan scripts/try");
            assert_ne!(planned.code, 0, "{}", planned.stdout);
            planned.tells(case.told).tells(case.code);
            let checked = project.run(&database, "check scripts/try");
            assert_ne!(checked.code, 0, "{}", checked.stdout);
            checked.tells(case.told);
            project.run(&database, "doctor scripts/try").tells(case.told);
            let ran = project.run(&database, "run scripts/try");
            assert_ne!(ran.code, 0, "{}", ran.stdout);
            assert_eq!(database.fingerprint(), before, "{strategy}: {}", case.told);
        }
    }
}

#[test]
fn a_rule_that_nothing_refuses_is_planned() {
    let database = Database::empty();
    database.run(
        "CREATE TABLE r (id int PRIMARY KEY); INSERT INTO r SELECT generate_series(1, 200); \
         CREATE TABLE \"T\" (id int PRIMARY KEY, n int, c int NOT NULL UNIQUE CHECK (c > 0) REFERENCES r); \
         INSERT INTO \"T\" SELECT n, n, n FROM generate_series(1, 90) n",
    );
    let project = project("batches", "col(\"n\") + 100");
    project.run(&database, "plan scripts/try").exits(0).says("90 of 90");
    project.run(&database, "scripts/try").exits(0).says("90 of 90");
}

#[test]
fn a_label_that_the_run_adds_is_not_used_in_it() {
    let database = Database::empty();
    database.run(
        "CREATE TYPE mood AS ENUM ('good'); CREATE TABLE \"T\" (id int PRIMARY KEY, c mood); INSERT INTO \"T\" VALUES (1, 'good')",
    );
    let project = Project::new();
    let manifest = "access = \"read-write\"\nwrites = [\"T.c\"]\nsql = [\"add.sql\"]\n";
    project
        .script(manifest, "//! Try\nrun_sql(\"add.sql\");\nupdate(\"T\").set(\"c\", \"bad\");\n");
    project.write("scripts/try/sql/add.sql", "ALTER TYPE mood ADD VALUE 'bad';");
    let planned = project.run(&database, "plan scripts/try");
    assert_ne!(planned.code, 0, "{}", planned.stdout);
    planned.says("55P04");
}

#[test]
fn rows_without_a_partition_are_counted() {
    let database = Database::empty();
    database.run(
        "CREATE TABLE \"T\" (id int NOT NULL, n int, c int) PARTITION BY RANGE (c); \
         CREATE TABLE low PARTITION OF \"T\" FOR VALUES FROM (0) TO (8) PARTITION BY LIST (id); \
         CREATE TABLE of_low PARTITION OF low DEFAULT; CREATE TABLE high PARTITION OF \"T\" FOR VALUES FROM (8) TO (10); \
         INSERT INTO \"T\" SELECT n, n, 0 FROM generate_series(1, 12) n",
    );
    let project = Project::new();
    project.script(
        "access = \"read-write\"\nwrites = [\"T.c\"]\n\n[keys]\nT = [\"id\"]\n",
        "//! Try\nupdate(\"T\").set(\"c\", col(\"n\"));\n",
    );
    let planned = project.run(&database, "plan scripts/try");
    assert_ne!(planned.code, 0, "{}", planned.stdout);
    planned.tells("T.c: 3 rows would have no partition of T").tells("23514");
    database.run("CREATE TABLE rest PARTITION OF \"T\" DEFAULT");
    project.run(&database, "plan scripts/try").exits(0).says("12 of 12");
}

#[test]
fn what_only_a_partition_asks_is_counted() {
    let cases = [
        (
            "ADD CONSTRAINT small CHECK (c < 9)",
            "T.c: 2 rows would violate the check small",
            "23514",
        ),
        ("ALTER c SET NOT NULL", "T.c: 1 row would have no value, and it is NOT NULL", "23502"),
    ];
    for strategy in ["update", "rewrite", "batches"] {
        for (asks, told, code) in cases {
            let database = Database::empty();
            database.run(&format!(
                "CREATE TABLE \"T\" (id int PRIMARY KEY, n int, c int) PARTITION BY RANGE (id); \
                 CREATE TABLE low PARTITION OF \"T\" FOR VALUES FROM (0) TO (11); CREATE TABLE high PARTITION OF \"T\" DEFAULT; \
                 INSERT INTO \"T\" SELECT n, nullif(n, 5), 0 FROM generate_series(1, 30) n; ALTER TABLE low {asks}"
            ));
            let (project, before) = (project(strategy, "col(\"n\")"), database.fingerprint());
            let planned = project.run(&database, "plan scripts/try").exits(3);
            planned.tells(told).tells(code).tells("nothing was written");
            let run = project.run(&database, "scripts/try").exits(3).tells(code);
            if strategy == "batches" {
                // Before the first of them.
                run.tells(told);
            }
            assert_eq!(database.fingerprint(), before, "{strategy} {asks}");
        }
    }
}

#[test]
fn an_exclusion_constraint_is_named_and_met_alike_by_every_strategy() {
    let columns = "c int, EXCLUDE USING btree (c WITH =)";
    // To swap the values is refused row by row, though nothing is left that the constraint forbids.
    let rule = "update(\"T\").set(\"c\", [ [col(\"id\") == 1, 2], [otherwise, 1] ]);";
    for strategy in ["update", "rewrite", "batches"] {
        let (project, database) = (Project::new(), Database::empty());
        database.run(&format!(
            "CREATE TABLE \"T\" (id int PRIMARY KEY, {columns}); INSERT INTO \"T\" VALUES (1, 1), (2, 2)"
        ));
        let before = database.fingerprint();
        project.script(&format!("writes = [\"T.c\"]\nstrategy = \"{strategy}\""), rule);
        project
            .run(&database, "plan scripts/try")
            .exits(0)
            .tells("not predicted: what the exclusion constraint T_c_excl makes of it");
        project.run(&database, "scripts/try").exits(3).tells("T_c_excl");
        assert_eq!(database.fingerprint(), before, "{strategy}");
        assert_eq!(
            database.value("SELECT count(*) FROM leora_run.run WHERE outcome = 'partial'"),
            "0"
        );
    }
}
