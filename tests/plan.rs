//! What a plan shows, and that it leaves nothing behind.

use std::time::{Duration, Instant};

use expect_test::expect_file;
use serde_json::json;

use crate::support::{Database, Project, one_line, promptly};

/// A database with a small table, `Item`.
fn items() -> Database {
    let database = Database::empty();
    database.run(
        "CREATE TYPE \"Mood\" AS ENUM ('LOW', 'HIGH'); \
         CREATE TABLE \"Item\" (id int PRIMARY KEY, mood \"Mood\", note text, size int); \
         INSERT INTO \"Item\" SELECT n, CASE WHEN n % 4 = 0 THEN 'LOW'::\"Mood\" END, NULL, n FROM generate_series(1, 40) n",
    );
    database
}

const WRITES: &str = "writes = [\"Item.mood\", \"Item.note\"]";

/// Sets `mood` of every row that has none, and reads it back in later steps.
const MOOD: &str = "update(\"Item\").where(col(\"mood\").is_null()).set(\"mood\", [[col(\"size\") > 10, \"HIGH\"]]);\n";

#[test]
fn shows_every_step_and_keeps_nothing() {
    let (project, database) = (Project::new(), Database::sample());
    let before = database.whole_fingerprint();
    let output = project.run(&database, "plan scripts/phase2").exits(0);
    assert_eq!(output.stderr, "");
    assert!(output.stdout.lines().all(|line| line.chars().count() <= 80), "{}", output.stdout);
    expect_file!["expected/phase2_plan.txt"].assert_eq(&output.lasting(&database));
    assert_eq!(database.whole_fingerprint(), before, "no row, no object, no page more");
    assert_eq!(database.value("SELECT to_regnamespace('leora_run')"), "");
}

#[test]
fn keeps_nothing_of_a_second_plan_either() {
    let (project, database) = (Project::new(), Database::sample());
    project.run(&database, "scripts/phase2").exits(0);
    let before = database.whole_fingerprint();
    project
        .run(&database, "plan scripts/phase2 --set reclassify=true --set active_within=3mo")
        .exits(0)
        .says("ACTIVE → TARGET  1,092 (100.0%)")
        .says("HIGH → MEDIUM  1,092 (100.0%)")
        .says("phase2-migration.sql: nothing to create, change or drop");
    assert_eq!(database.whole_fingerprint(), before);
    assert!(!project.path("plan.json").exists());
}

#[test]
fn tells_the_same_as_json() {
    let (project, database) = (Project::new(), Database::sample());
    let plan = project.run(&database, "plan scripts/phase2 --format json").exits(0).json();
    assert_eq!(plan["outcome"], "planned");
    assert_eq!(
        plan["plan"]["locks"],
        json!([
            { "table": "ActivityType", "mode": "SHARE ROW EXCLUSIVE" },
            { "table": "CallPlan", "mode": "ACCESS EXCLUSIVE" },
            { "table": "Customer", "mode": "ACCESS EXCLUSIVE" },
            { "table": "Tenant", "mode": "SHARE ROW EXCLUSIVE" },
        ])
    );
    assert!(plan["plan"]["held_ms"].is_u64() && plan["plan"]["about_ms"].is_u64(), "{plan}");
    let foreseen = &plan["steps"][0]["changes"][0]["foreseen"];
    assert_eq!(foreseen["key"], json!(["id"]));
    assert_eq!(foreseen["columns"], json!(["lastOrderDate"]));
    assert_eq!(foreseen["samples"].as_array().map(Vec::len), Some(3));
    let priorities = &plan["steps"][4]["changes"][0];
    assert_eq!(priorities["foreseen"]["columns"], json!(["accountType"]));
    let run = project.run(&database, "scripts/phase2 --format json").exits(0).json();
    for step in 0..6 {
        for what in ["expectations", "distributions", "objects", "not_predicted"] {
            assert_eq!(plan["steps"][step][what], run["steps"][step][what], "{what}");
        }
        let (planned, done) = (&plan["steps"][step]["changes"], &run["steps"][step]["changes"]);
        assert_eq!(planned[0]["transitions"], done[0]["transitions"]);
    }
}

#[test]
fn a_folder_without_sql_files_only_reads() {
    let (project, database) = (Project::new(), items());
    let script =
        format!("{MOOD}expect(`read-only is ${{table(\"mode\").rows([\"ro\"])[0].ro}}`, true);");
    project.script(WRITES, &script);
    let role = format!("{}_reader", database.name);
    database.run(&format!(
        "CREATE VIEW mode AS SELECT current_setting('transaction_read_only') AS ro; \
         CREATE ROLE {role} LOGIN PASSWORD 'secret'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
    ));
    let mut other = database.session();
    // It lets nobody pass but ACCESS SHARE.
    other.run("BEGIN; LOCK TABLE \"Item\" IN EXCLUSIVE MODE");
    let mut command = project.command("plan scripts/try --lock-timeout 100ms");
    command.arg("--database-url").arg(database.url_as(&role, "secret"));
    project
        .output(&mut command)
        .exits(0)
        .says("(none) → HIGH  22 (100.0%)")
        .says("read-only is on")
        .says_not("This plan held");
    other.run("COMMIT");
    database.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[test]
fn gives_up_after_a_second_when_somebody_holds_a_lock() {
    let (project, database) = (Project::new(), Database::sample());
    let before = database.whole_fingerprint();
    let mut other = database.session();
    other.run(
        "SET application_name = 'the CRM'; BEGIN; LOCK TABLE \"Customer\" IN ROW EXCLUSIVE MODE",
    );
    let started = Instant::now();
    let output = promptly(Duration::from_secs(4), "to give up", || {
        project.run(&database, "plan scripts/phase2 --lock-timeout 30s")
    });
    output.exits(3).says("Customer").says("(the CRM)").says("Nothing was changed");
    assert!(started.elapsed() > Duration::from_secs(1));
    other.run("ROLLBACK");
    assert_eq!(database.whole_fingerprint(), before);
}

#[test]
fn later_rules_and_reads_see_what_earlier_ones_would_do() {
    let (project, database) = (Project::new(), items());
    let later = "update(\"Item\").set(\"note\", lookup(\"mood\", #{ HIGH: \"up\", LOW: \"down\" }));\n\
         let all = table(\"Item\");\n\
         show(all.distribution(\"note\"));\n\
         expect(`${all.count(col(\"mood\") == \"HIGH\")} are high`, all.count(col(\"mood\") == \"HIGH\") == 22);\n\
         expect(\"the first\", all.where(col(\"note\") == \"up\").rows([\"id\", \"mood\"], 1)[0].id == 11);\n";
    project.script(WRITES, MOOD).write("scripts/try/02_later.rhai", later);
    project
        .run(&database, "plan scripts/try")
        .exits(0)
        .says("(none) → up    22 (68.8%)")
        .says("(none) → down  10 (31.3%)")
        .says("left alone: 8 rows that no arm matches")
        .says("✓ 22 are high")
        .says("✓ the first")
        .says_not("not predicted");
}

#[test]
fn a_column_that_does_not_exist_yet_has_no_values() {
    let (project, database) = (Project::new(), items());
    project
        .write("sql/colour.sql", "ALTER TABLE \"Item\" ADD COLUMN colour \"Mood\";\n")
        .script(
            "writes = [\"Item.mood\", \"Item.colour\"]\nsql = [\"colour.sql\"]\nlocks = { Item = \"exclusive\" }",
            &format!("{MOOD}run_sql(\"colour.sql\");\nupdate(\"Item\").where(col(\"colour\").is_null()).set(\"colour\", col(\"mood\"));"),
        );
    let before = database.whole_fingerprint();
    let plan = project.run(&database, "plan scripts/try").exits(0);
    let plan = plan
        .says("would create column Item.colour")
        .says("Item.colour: 32 of 40 rows would change")
        .says("This plan held the same locks for");
    assert!(plan.stdout.contains("everybody else waits"), "{}", plan.stdout);
    assert_eq!(database.whole_fingerprint(), before);
    project.run(&database, "scripts/try").exits(0).says("Item.colour: 32 of 40 rows changed");
}

/// What the plan of `MOOD` and then this script marks, in a table that this SQL has changed.
fn marked(sql: &str, script: &str) -> Vec<String> {
    let (project, database) = (Project::new(), items());
    database.run(sql);
    project.script(&WRITES.replace(']', ", \"Item\"]"), &format!("{MOOD}{script}"));
    let before = database.whole_fingerprint();
    let plan = project.run(&database, "plan scripts/try --format json").exits(0).json();
    assert_eq!(database.whole_fingerprint(), before);
    let step = &plan["steps"][0];
    let marks = step["not_predicted"].as_array().expect("a list").iter();
    let unsure = step["changes"].as_array().expect("a list").iter();
    marks
        .chain(unsure.map(|change| &change["foreseen"]["unsure"]).filter(|one| !one.is_null()))
        .map(|mark| mark.as_str().expect("a text").to_owned())
        .collect()
}

#[test]
fn marks_what_nobody_can_foretell() {
    let one = |sql: &str, script: &str, words: &str| {
        let marks = marked(sql, script);
        assert!(marks.len() == 1 && marks[0].contains(words), "{marks:?}");
    };
    assert_eq!(marked("", ""), Vec::<String>::new());
    let query = "let found = query(\"SELECT count(*) AS n FROM \\\"Item\\\" WHERE mood IS NULL\", []); note(`${found[0].n}`);";
    one("", query, "Item.mood, which an earlier rule sets");
    let whole =
        "let found = query(\"SELECT * FROM \\\"Item\\\" LIMIT 1\", []); note(`${found.len()}`);";
    one("", whole, "Item.mood, which an earlier rule sets");
    let other = "let found = query(\"SELECT count(*) AS n FROM \\\"Item\\\" WHERE size > 3\", []); note(`${found[0].n}`);";
    assert_eq!(marked("", other), Vec::<String>::new(), "it reads nothing that is pending");
    one("", "table(\"Item\").insert(#{ id: 99 });", "inserts into Item");
    let trigger = "CREATE FUNCTION louder() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.note := ''!''; RETURN NEW; END'; \
         CREATE TRIGGER louder BEFORE UPDATE ON \"Item\" FOR EACH ROW EXECUTE FUNCTION louder()";
    one(trigger, "", "louder");
    let generated = "ALTER TABLE \"Item\" ADD COLUMN is_low boolean GENERATED ALWAYS AS (mood = 'LOW'::\"Mood\") STORED";
    one(generated, "", "is_low");
}

#[test]
fn shows_a_mark_where_it_matters() {
    let (project, database) = (Project::new(), items());
    project.script(
        WRITES,
        &format!(
            "{MOOD}let all = query(\"SELECT mood FROM \\\"Item\\\"\", []);\nnote(`${{all.len()}}`);"
        ),
    );
    let said = project.run(&database, "plan scripts/try").exits(0).stdout;
    let said = one_line(&said);
    let mark = "? not predicted: what a query reads of Item.mood, which an earlier rule sets: it read the stored values";
    assert!(said.contains(mark), "{said}");
    // The smoke test inserts: what follows is not known.
    let sample = Database::sample();
    project.run(&sample, "scripts/phase2").exits(0);
    let before = sample.whole_fingerprint();
    project
        .run(&sample, "plan scripts/carla-smoke")
        .exits(0)
        .says("not predicted")
        .says("inserts into CallPlan");
    assert_eq!(sample.whole_fingerprint(), before);
}

#[test]
fn a_condition_that_is_the_same_for_every_row_is_warned_of() {
    let (project, database) = (Project::new(), items());
    let script = "let many = table(\"Item\").where(col(\"size\") == col(\"id\")).count() > 4;\n\
                  update(\"Item\").set(\"mood\", [[many, \"HIGH\"], [otherwise, \"LOW\"]]);";
    project.script(WRITES, script);
    let planned = project.run(&database, "plan scripts/try").exits(0);
    let warned = "note: scripts/try/01_step.rhai:2: this condition is the same for every row";
    assert!(planned.stderr.contains(warned), "{}", planned.stderr);
    project.script(WRITES, MOOD);
    let planned = project.run(&database, "plan scripts/try").exits(0);
    assert!(!planned.stderr.contains("note: "), "{}", planned.stderr);
}

#[test]
fn says_that_a_guard_would_refuse_the_run() {
    let (project, database) = (Project::new(), items());
    let writes = format!("{WRITES}\nforbid = [\"Item.mood: LOW -> HIGH\"]");
    project.script(&writes, "update(\"Item\").set(\"mood\", \"HIGH\");");
    project
        .run(&database, "plan scripts/try")
        .exits(4)
        .says("Item.mood would go from LOW -> HIGH in 10 rows")
        .says("A run would fail like this. Nothing was changed.");
    let said = project.run(&database, "plan scripts/try --allow-large-change").exits(0);
    let said = said.says("40 of 40 rows would change").says("        1 (none) → HIGH\n");
    assert!(said.stdout.lines().all(|line| !line.ends_with(' ')), "{}", said.stdout);
}

#[test]
fn an_expectation_that_would_not_hold_fails_the_plan() {
    let (project, database) = (Project::new(), items());
    let script = format!(
        "{MOOD}expect(\"all have a mood\", table(\"Item\").count(col(\"mood\").is_null()) == 0);"
    );
    project.script(WRITES, &script);
    let before = database.whole_fingerprint();
    project
        .run(&database, "plan scripts/try --out plan.json")
        .exits(1)
        .says("✗ all have a mood")
        .says("1 step   ✗ failed")
        .says("A run would fail like this. Nothing was changed.");
    assert_eq!(database.whole_fingerprint(), before);
    assert!(!project.path("plan.json").exists(), "nobody should approve it");
}

#[test]
fn several_old_values_make_a_matrix() {
    let (project, database) = (Project::new(), Database::sample());
    project.run(&database, "scripts/phase2").exits(0);
    let settings = "--set reclassify=true --set active_within=60d --set target_within=270d";
    let output = project.run(&database, &format!("plan scripts/phase2 {settings}")).exits(0);
    let lines: Vec<&str> = output.stdout.lines().skip(3).take(9).map(str::trim).collect();
    let wanted = [
        "1/6 Customer classification",
        "✓ Customer.accountType: 2,296 of 5,394 rows would change",
        "┌─────────────────────────────────────────┐",
        r"│ from \ to          TARGET      PROSPECT │",
        "╞═════════════════════════════════════════╡",
        "│ ACTIVE      1,816 (79.1%)               │",
        "│ TARGET                      480 (20.9%) │",
        "└─────────────────────────────────────────┘",
        "left alone: 3,098 rows that had the value already",
    ];
    assert_eq!(lines, wanted);
}
