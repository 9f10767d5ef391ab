//! Rules of one table are written together, and all that reads meanwhile sees what they decided.

use serde_json::Value;

use crate::support::{Database, LOG_STATEMENTS, OwnServer, Project, logged, statements};

const ITEMS: &str = "\
CREATE TABLE \"Item\" (id int PRIMARY KEY, size int, mood text, note text, CONSTRAINT short CHECK (length(note) < 9)); \
INSERT INTO \"Item\" SELECT i, i FROM generate_series(1, 300) i";

const MOOD: &str =
    "update(\"Item\").set(\"mood\", [[col(\"size\") > 100, \"big\"], [otherwise, \"small\"]]);\n";

/// Reads what the first rule decides, by a lookup and by a condition.
const NOTE: &str = "update(\"Item\").where(col(\"mood\").is_not_null()).set(\"note\", lookup(\"mood\", #{ big: \"B\", small: \"S\" }));\n";

const EXPECTED: &str = "\
SELECT count(*) FROM \"Item\" WHERE (mood, note) IS DISTINCT FROM (CASE WHEN size > 100 THEN 'big' ELSE 'small' END, \
  CASE WHEN size > 100 THEN 'B' ELSE 'S' END)";

const WRITES: &str = "writes = [\"Item.mood\", \"Item.note\"]";

fn manifest(strategy: &str) -> String {
    let files = match strategy {
        "batches" => "",
        _ => "sql = [\"between.sql\"]\n[locks]\nItem = \"exclusive\"",
    };
    format!("{WRITES}\nstrategy = \"{strategy}\"\n{files}")
}

/// A run of some steps on a server that logs, and the statements of it that wrote the table.
struct Written {
    project: Project,
    database: Database,
    report: Value,
    writes: Vec<String>,
}

/// `file` is what the steps run as `between.sql`.
fn run(server: &OwnServer, strategy: &str, steps: &[&str], file: &str) -> Written {
    let database = server.empty();
    database.run(ITEMS);
    let project = Project::new();
    project.script(&manifest(strategy), "");
    project.write("sql/between.sql", file);
    for (place, step) in steps.iter().enumerate() {
        project.write(&format!("scripts/try/0{}_step.rhai", place + 1), step);
    }
    let report = project.run(&database, "scripts/try --format json").exits(0).json();
    let entries = logged(server, &database);
    let is_write = |text: &&str| {
        text.contains("UPDATE \"public\".\"Item\"")
            || text.contains("ALTER TABLE \"public\".\"Item\" ALTER")
    };
    let writes = statements(&entries).filter(is_write).map(str::to_owned).collect();
    Written { project, database, report, writes }
}

fn changes(report: &Value) -> Vec<(String, u64)> {
    let steps = report["steps"].as_array().into_iter().flatten();
    let all = steps.flat_map(|step| step["changes"].as_array().into_iter().flatten());
    all.map(|one| {
        (
            one["strategy"].as_str().unwrap_or_default().to_owned(),
            one["changed"].as_u64().unwrap_or(0),
        )
    })
    .collect()
}

#[test]
fn two_rules_of_two_steps_are_one_write_in_every_strategy() {
    let server = OwnServer::start(&LOG_STATEMENTS);
    for strategy in ["update", "rewrite", "batches"] {
        let reads = "show(table(\"Item\").distribution(\"mood\"));
            expect(\"all have one\", table(\"Item\").count(col(\"mood\").is_null()) == 0);
            expect(\"the first is small\", table(\"Item\").where(col(\"id\") == 1).rows([\"mood\"])[0].mood == \"small\");\n";
        let written = run(&server, strategy, &[&format!("{MOOD}{reads}"), NOTE], "");
        let Written { project, database, report, writes, .. } = &written;
        assert_eq!(writes.len(), 1, "{strategy}: {writes:?}");
        let expected = vec![(strategy.to_owned(), 300); 2];
        assert_eq!(changes(report), expected, "{report}");
        assert_eq!(database.value(EXPECTED), "0", "{strategy}");
        project.run(database, "undo").exits(0).says("Put back 600 values");
        let left = "SELECT count(*) FROM \"Item\" WHERE num_nonnulls(mood, note) > 0";
        assert_eq!(database.value(left), "0", "{strategy}");
    }
}

/// A column that is set twice is written once, and each of its values is in the journal.
#[test]
fn a_column_that_is_set_again_is_written_once() {
    let server = OwnServer::start(&LOG_STATEMENTS);
    let again = "update(\"Item\").where(col(\"mood\") == \"big\").set(\"mood\", \"huge\");\n";
    for strategy in ["update", "rewrite"] {
        let written = run(&server, strategy, &[MOOD, again, NOTE], "");
        let Written { project, database, report, writes, .. } = &written;
        assert_eq!(writes.len(), 1, "{strategy}: {writes:?}");
        let counts: Vec<u64> = changes(report).into_iter().map(|(_, rows)| rows).collect();
        assert_eq!(counts, [300, 200, 100], "{report}");
        let found = "SELECT string_agg(concat_ws(' ', mood, note, n), ', ' ORDER BY mood) FROM \
            (SELECT mood, note, count(*) AS n FROM \"Item\" GROUP BY 1, 2) AS found";
        assert_eq!(database.value(found), "huge 200, small S 100", "{strategy}");
        project.run(database, "undo").exits(0).says("Put back 600 values");
        assert_eq!(database.value("SELECT count(*) FROM \"Item\" WHERE mood IS NOT NULL"), "0");
    }
}

#[test]
fn the_write_waits_over_a_file_that_does_not_read_the_table() {
    let server = OwnServer::start(&LOG_STATEMENTS);
    let file = "ALTER TABLE \"Item\" ADD COLUMN further text, ADD COLUMN size_too int DEFAULT 3; \
        CREATE TABLE other AS SELECT 1 AS one; COMMENT ON TABLE \"Item\" IS 'things'; \
        CREATE TABLE part (item int REFERENCES \"Item\")";
    for strategy in ["update", "rewrite"] {
        let steps = [MOOD, "run_sql(\"between.sql\");", NOTE];
        let written = run(&server, strategy, &steps, file);
        let Written { database, writes, .. } = &written;
        assert_eq!(writes.len(), 1, "{strategy}: {writes:?}");
        assert_eq!(database.value(EXPECTED), "0", "{strategy}");
    }
}

#[test]
fn a_file_that_reads_the_table_or_changes_what_it_may_hold_finds_it_written() {
    let server = OwnServer::start(&LOG_STATEMENTS);
    let files = [
        ("it reads rows", "CREATE TABLE seen AS SELECT count(mood) AS n FROM \"Item\""),
        (
            "it looks where a row lay",
            "CREATE TABLE seen AS SELECT 300 - 300 * count(*) AS n FROM \"Item\" WHERE ctid = '(0,1)'",
        ),
        (
            "it reads through a view",
            "CREATE VIEW v AS SELECT * FROM \"Item\"; CREATE TABLE seen AS SELECT count(mood) AS n FROM v",
        ),
        (
            "it reads through a function",
            "CREATE TABLE seen (n bigint); DO $$ BEGIN INSERT INTO seen SELECT count(mood) FROM \"Item\"; END $$",
        ),
        (
            "it writes",
            "UPDATE \"Item\" SET note = mood; CREATE TABLE seen AS SELECT 300 AS n; UPDATE \"Item\" SET note = NULL",
        ),
        (
            "it needs the values",
            "ALTER TABLE \"Item\" ALTER mood SET NOT NULL; CREATE TABLE seen AS SELECT 300 AS n",
        ),
        (
            "it indexes them",
            "CREATE INDEX moods ON \"Item\" (mood); CREATE TABLE seen AS SELECT 300 AS n",
        ),
        (
            "new rows are checked",
            "ALTER TABLE \"Item\" ADD CONSTRAINT no_mood CHECK (mood IS NULL) NOT VALID; CREATE TABLE seen AS SELECT 300 AS n",
        ),
        (
            "updates are watched",
            "CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''stop''; END'; \
          CREATE TRIGGER stop BEFORE UPDATE ON \"Item\" FOR EACH ROW WHEN (OLD.mood IS NULL) EXECUTE FUNCTION stop(); \
          CREATE TABLE seen AS SELECT 300 AS n",
        ),
        (
            "it asks before it acts",
            "DO $$ BEGIN IF EXISTS (SELECT FROM \"Item\" WHERE mood IS NULL) THEN RAISE EXCEPTION 'without a mood'; END IF; END $$; \
          CREATE TABLE seen AS SELECT 300 AS n",
        ),
    ];
    for (what, file) in files {
        let written = run(&server, "update", &[MOOD, "run_sql(\"between.sql\");"], file);
        let Written { database, writes, report, .. } = &written;
        assert_eq!(writes.len(), 1, "{what}: {writes:?}");
        assert_eq!(database.value("SELECT n FROM seen"), "300", "{what}");
        assert_eq!(
            database.value("SELECT count(*) FROM \"Item\" WHERE mood IS NULL"),
            "0",
            "{what}"
        );
        assert_eq!(
            report["steps"][1]["objects"].as_array().map(Vec::is_empty),
            Some(false),
            "{what}: {report}"
        );
    }
}

/// Its SQL file adds columns to the table between the rules, and its checks read the table and the catalog.
#[test]
fn phase_2_rewrites_the_customers_once() {
    let server = OwnServer::start(&LOG_STATEMENTS);
    let (project, database) = (Project::new(), server.sample());
    project.run(&database, "scripts/phase2").exits(0);
    let entries = logged(&server, &database);
    let rewrites = statements(&entries)
        .filter(|text| text.contains("ALTER TABLE \"public\".\"Customer\" ALTER COLUMN"))
        .count();
    assert_eq!(rewrites, 1);
}

#[test]
fn a_query_of_the_catalog_leaves_rules_waiting_and_one_of_another_schema_does_not() {
    let server = OwnServer::start(&LOG_STATEMENTS);
    let catalog = "query(\"SELECT count(*) AS n FROM pg_class WHERE relname = 'Item'\");\n";
    let written = run(&server, "update", &[&format!("{MOOD}{catalog}"), NOTE], "");
    assert_eq!(written.writes.len(), 1, "{:?}", written.writes);
    let (project, database) = (Project::new(), server.empty());
    database.run(ITEMS);
    database.run(
        "CREATE TABLE \"Plain\" (n bigint); CREATE SCHEMA other; GRANT USAGE ON SCHEMA other TO public; \
         CREATE VIEW other.\"Plain\" AS SELECT count(mood) AS n FROM public.\"Item\"",
    );
    let read = "let n = query(\"SELECT n FROM other.\\\"Plain\\\"\")[0].n;\nexpect(`${n} have one`, n == 300);\n";
    project.script(&manifest("update"), &format!("{MOOD}{read}{NOTE}"));
    project.write("sql/between.sql", "");
    project.run(&database, "scripts/try").exits(0);
}

/// Of a parallel scan of an index the server counts nothing for the session, where its own process takes no part.
#[test]
fn a_file_that_others_read_for_finds_the_table_written() {
    let read = "CREATE TABLE seen AS SELECT count(mood) AS n FROM \"Item\" WHERE id > 0";
    let by_itself = format!(
        "SET LOCAL enable_seqscan = off; SET LOCAL parallel_leader_participation = off; {read}"
    );
    for file in [read, &by_itself] {
        let (project, database) = (Project::new(), Database::empty());
        database.run(ITEMS);
        let settings = [
            "parallel_leader_participation = off",
            "parallel_setup_cost = 0",
            "parallel_tuple_cost = 0",
            "min_parallel_index_scan_size = 0",
            "enable_seqscan = off",
            "enable_bitmapscan = off",
        ];
        for setting in settings {
            database.run(&format!("ALTER DATABASE {} SET {setting}", database.name));
        }
        project.script(&manifest("update"), &format!("{MOOD}run_sql(\"between.sql\");"));
        project.write("sql/between.sql", file);
        project.run(&database, "scripts/try").exits(0);
        assert_eq!(database.value("SELECT n FROM seen"), "300", "{file}");
    }
}

#[test]
fn queries_and_views_see_what_is_decided() {
    let view = "CREATE VIEW moods AS SELECT mood, count(*) AS n FROM \"Item\" GROUP BY 1";
    let reads = [
        "query(\"SELECT count(*) AS n FROM \\\"Item\\\" WHERE mood = 'big'\")[0].n",
        "query(\"SELECT n FROM moods WHERE mood = 'big'\")[0].n",
        "table(\"moods\").where(col(\"mood\") == \"big\").rows([\"n\"])[0].n",
        "table(\"Item\").count(col(\"mood\") == \"big\")",
    ];
    for read in reads {
        let (project, database) = (Project::new(), Database::empty());
        database.run(ITEMS);
        database.run(view);
        project.script(
            &manifest("update"),
            &format!("{MOOD}let n = {read};\nexpect(`${{n}} are big`, n == 200);\n{NOTE}"),
        );
        project.write("sql/between.sql", "");
        project.run(&database, "scripts/try").exits(0);
        assert_eq!(database.value(EXPECTED), "0", "{read}");
    }
}

/// What is written before something else needs it is written by itself; the journal and the undo are the same.
#[test]
fn a_trigger_of_another_table_sees_the_table_as_it_is_decided() {
    let (project, database) = (Project::new(), Database::empty());
    database.run(ITEMS);
    database.run(
        "CREATE TABLE \"Log\" (id int PRIMARY KEY, mark text, seen bigint); INSERT INTO \"Log\" VALUES (1); \
         CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS \
           'BEGIN NEW.seen := (SELECT count(mood) FROM public.\"Item\"); RETURN NEW; END'; \
         CREATE TRIGGER look BEFORE UPDATE ON \"Log\" FOR EACH ROW EXECUTE FUNCTION look()",
    );
    let mark = "update(\"Log\").set(\"mark\", \"x\");\n";
    let manifest = "writes = [\"Item.mood\", \"Item.note\", \"Log.mark\"]";
    project.script(manifest, &format!("{MOOD}{mark}{NOTE}"));
    project.run(&database, "scripts/try").exits(0);
    assert_eq!(database.value("SELECT seen FROM \"Log\""), "300");
    assert_eq!(database.value(EXPECTED), "0");
}

#[test]
fn the_rule_is_named_whose_values_the_server_refuses_later() {
    let long =
        "\nupdate(\"Item\").where(col(\"size\") == 7)\n    .set(\"note\", \"much too long\");\n";
    for last in [MOOD, ""] {
        let (project, database) = (Project::new(), Database::empty());
        database.run(ITEMS);
        project.script(&manifest("update"), long);
        project.write("sql/between.sql", "");
        project.write("scripts/try/02_step.rhai", last);
        let before = database.fingerprint();
        let error = project.run(&database, "scripts/try --format json").exits(3).json();
        let error = &error["error"];
        assert!(error["message"].as_str().unwrap_or_default().contains("short"), "{error}");
        assert!(error["file"].as_str().unwrap_or_default().ends_with("01_step.rhai"), "{error}");
        assert_eq!(error["line"], 2, "{error}");
        assert_eq!(database.fingerprint(), before);
    }
}

/// Nothing else may decide meanwhile what a row has: neither a row that comes, nor one that goes.
#[test]
fn rows_are_inserted_and_deleted_once_what_waits_is_written() {
    let (project, database) = (Project::new(), Database::empty());
    database.run(ITEMS);
    project.write(
        "scripts/try/leora.toml",
        "title = \"Try\"\naccess = \"rolled-back\"\nwrites = [\"Item\", \"Item.mood\"]\n",
    );
    project.write(
        "scripts/try/01_step.rhai",
        "table(\"Item\").insert(#{ id: 301, size: 5 });
         update(\"Item\").set(\"mood\", \"m\");
         table(\"Item\").insert(#{ id: 302, size: 5 });
         expect(\"the last has none\", table(\"Item\").count(col(\"mood\").is_null()) == 1);
         expect(\"one is gone\", table(\"Item\").delete(col(\"id\") == 301) == 1);
         expect(\"the others have it\", table(\"Item\").count(col(\"mood\") == \"m\") == 300);",
    );
    project.run(&database, "scripts/try").exits(0);
}
