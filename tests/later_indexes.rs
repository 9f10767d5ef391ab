//! Indexes that an SQL file leaves until the rows are written.

use crate::support::{Database, Project};

const ITEM: &str = "CREATE TABLE \"Item\" (id int PRIMARY KEY, size int); \
    INSERT INTO \"Item\" SELECT n, n FROM generate_series(1, 60) n;";

/// Tells of each new index how many rows of a table have a value in a column when it is built.
fn watch(database: &Database, table: &str, column: &str) {
    database.run(&format!(
        "CREATE TABLE built (place serial, name text, filled bigint); \
         CREATE FUNCTION told() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN \
           INSERT INTO public.built (name, filled) SELECT object_identity, \
             (SELECT count(*) FROM public.\"{table}\" AS t WHERE to_jsonb(t) ->> '{column}' IS NOT NULL) \
             FROM pg_event_trigger_ddl_commands() WHERE schema_name = 'public'; END $$; \
         CREATE EVENT TRIGGER told ON ddl_command_end WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION told()"
    ));
}

fn built(database: &Database) -> Vec<Vec<String>> {
    database.rows("SELECT name, filled::text FROM built ORDER BY place")
}

/// A folder whose SQL file adds a column and leaves these indexes for later.
fn leaving(indexes: &str, strategy: &str, script: &str) -> Project {
    let project = Project::new();
    project.write(
        "scripts/try/sql/note.sql",
        &format!(
            "ALTER TABLE \"Item\" ADD COLUMN note text;\n\
             SELECT set_config('leora_run.later_indexes', '{indexes}', true);\n"
        ),
    );
    project.script(
        &format!(
            "writes = [\"Item.note\"]\nsql = [\"note.sql\"]\nstrategy = \"{strategy}\"\nlocks = {{ Item = \"exclusive\" }}"
        ),
        script,
    );
    project
}

const BY_NOTE: &str = r#"[{"index": "by_note", "table": "Item", "definition": "btree (note)"}]"#;
const RULE: &str =
    "run_sql(\"note.sql\"); update(\"Item\").where(col(\"size\") > 10).set(\"note\", \"new\");";

fn items() -> Database {
    let database = Database::empty();
    database.run(ITEM);
    watch(&database, "Item", "note");
    database
}

#[test]
fn an_index_left_for_later_is_built_once_the_rows_are_written() {
    for strategy in ["update", "rewrite"] {
        let (project, database) = (leaving(BY_NOTE, strategy, RULE), items());
        let report = project.run(&database, "scripts/try --format json").exits(0).json();
        assert_eq!(report["steps"][0]["changes"][0]["strategy"], strategy);
        let objects = report["steps"][0]["objects"].as_array().expect("a list").clone();
        let names: Vec<&str> = objects.iter().filter_map(|one| one["name"].as_str()).collect();
        assert_eq!(names, ["Item.note", "by_note"], "{strategy}");
        assert_eq!(built(&database), [["public.by_note", "50"]], "{strategy}");
    }
}

#[test]
fn phase_2_builds_the_indexes_of_customers_after_their_priorities() {
    for strategy in ["update", "rewrite"] {
        let (project, database) = (Project::new(), Database::sample());
        project.edit(
            "scripts/phase2/leora.toml",
            "strategy = \"rewrite\"",
            &format!("strategy = \"{strategy}\""),
        );
        watch(&database, "Customer", "accountPriority");
        project.run(&database, "scripts/phase2").exits(0);
        let built = built(&database);
        let of = |name: &str| {
            let all = built.iter().filter(|row| row[0].contains(name));
            all.map(|row| row[1].clone()).collect::<Vec<String>>()
        };
        assert_eq!(of("Customer_accountPriority_idx"), ["5394"], "{strategy} {built:?}");
        assert_eq!(of("Customer_territory_idx"), ["5394"], "{strategy} {built:?}");
        assert_eq!(of("CallPlan_status_idx"), ["0"], "{strategy} {built:?}");
        project.run(&database, "scripts/verify").exits(0);
    }
}

#[test]
fn an_index_left_for_later_is_there_for_a_script_that_asks_for_it() {
    let asks = "run_sql(\"note.sql\"); expect(\"it is there\", index(\"by_note\") != ());";
    let (project, database) = (leaving(BY_NOTE, "update", asks), items());
    project.run(&database, "scripts/try").exits(0);
    assert_eq!(built(&database), [["public.by_note", "0"]]);
}

#[test]
fn a_check_knows_an_index_left_for_later_after_other_statements() {
    let script = "run_sql(\"note.sql\"); show(table(\"Item\").count(col(\"note\") == \"new\"));\n\
        index(\"by_note\"); run_sql(\"comment.sql\");";
    let (project, database) = (leaving(BY_NOTE, "update", script), items());
    project.write("scripts/try/sql/comment.sql", "COMMENT ON INDEX by_note IS 'to find it';\n");
    project.edit("scripts/try/leora.toml", "\"note.sql\"", "\"note.sql\", \"comment.sql\"");
    project.run(&database, "check scripts/try").exits(0).says("nothing to find fault with");
    project.run(&database, "scripts/try").exits(0);
}

#[test]
fn an_index_left_for_later_is_built_though_no_rule_is_written() {
    for script in [
        "run_sql(\"note.sql\");",
        "run_sql(\"note.sql\"); update(\"Item\").where(col(\"size\") > 99).set(\"note\", \"new\");",
    ] {
        let (project, database) = (leaving(BY_NOTE, "rewrite", script), items());
        project.run(&database, "scripts/try").exits(0);
        assert_eq!(built(&database), [["public.by_note", "0"]], "{script}");
    }
}

#[test]
fn a_plan_leaves_what_a_run_leaves_and_keeps_nothing() {
    let (project, database) = (leaving(BY_NOTE, "rewrite", RULE), items());
    let before = database.whole_fingerprint();
    project.run(&database, "plan scripts/try").exits(0);
    assert_eq!(database.whole_fingerprint(), before);
    let (project, database) = (Project::new(), Database::sample());
    let planned = project.run(&database, "plan scripts/phase2 --format json").exits(0).json();
    let done = project.run(&database, "scripts/phase2 --format json").exits(0).json();
    assert_eq!(planned["steps"][2]["objects"], done["steps"][2]["objects"]);
}

#[test]
fn what_is_no_index_of_a_written_table_is_refused_and_nothing_changes() {
    let refused = |indexes: &str, told: &str, help: &str| {
        let (project, database) = (leaving(indexes, "rewrite", RULE), items());
        let before = database.fingerprint();
        project.run(&database, "scripts/try").exits(3).tells(told).tells(help);
        assert_eq!(database.fingerprint(), before, "{indexes}");
    };
    refused(
        "by_note",
        "the SQL file left indexes for later, and leora_run.later_indexes is no list of them: expected value at line 1 column 1",
        "set it to a JSON array of objects with \"index\", \"table\" and \"definition\"",
    );
    refused(
        r#"[{"index": "by_note", "table": "Other", "definition": "btree (note)"}]"#,
        "the SQL file left indexes for later, by_note on Other, and no rule of the folder writes Other",
        "leave only indexes of the tables that leora_run.writes names, and create the others in the file",
    );
    refused(
        r#"[{"index": "by_note", "table": "Item", "definition": "btree (nota)"}]"#,
        "index by_note, left for later: column \"nota\" does not exist",
        "Everything was rolled back: nothing was changed.",
    );
    // One statement is all that the server takes.
    refused(
        r#"[{"index": "by_note", "table": "Item", "definition": "btree (note); DROP TABLE built"}]"#,
        "index by_note, left for later: cannot insert multiple commands into a prepared statement",
        "Everything was rolled back: nothing was changed.",
    );
}

/// The SQL file of docs/folders.md, under a run and by hand.
#[test]
fn the_file_that_the_documentation_shows_leaves_its_index_only_to_a_run() {
    let docs = std::fs::read_to_string("docs/folders.md").expect("it is there");
    let shown = docs.split("```sql\n").nth(1).and_then(|rest| rest.split("```").next());
    let shown = shown.expect("an SQL file").to_owned();
    let project = Project::new();
    project.write("scripts/try/sql/tier.sql", &shown);
    project.script(
        "writes = [\"Customer.tier\"]\nsql = [\"tier.sql\"]\nlocks = { Customer = \"exclusive\" }",
        "run_sql(\"tier.sql\"); update(\"Customer\").set(\"tier\", \"new\");",
    );
    let run = Database::sample();
    watch(&run, "Customer", "tier");
    project.run(&run, "scripts/try").exits(0);
    assert_eq!(built(&run), [["public.\"Customer_tier_idx\"", "5394"]]);
    let by_hand = Database::sample();
    watch(&by_hand, "Customer", "tier");
    by_hand.run(&shown);
    assert_eq!(built(&by_hand), [["public.\"Customer_tier_idx\"", "0"]]);
}

/// Statistics are taken once, at the end; what a later SQL file has taken away has none.
#[test]
fn a_column_that_is_gone_when_statistics_are_taken_is_passed_over() {
    let database = Database::empty();
    database.run(ITEM);
    database.run("ALTER TABLE \"Item\" ADD note text, ADD kept text");
    let project = Project::new();
    project.write("scripts/try/sql/drop.sql", "ALTER TABLE \"Item\" DROP COLUMN note;\n");
    project.script(
        "writes = [\"Item.note\", \"Item.kept\"]\nsql = [\"drop.sql\"]\nstrategy = \"rewrite\"\nlocks = { Item = \"exclusive\" }",
        "update(\"Item\").set(\"note\", \"a\"); update(\"Item\").set(\"kept\", \"b\"); run_sql(\"drop.sql\");",
    );
    project.run(&database, "scripts/try").exits(0);
    let analyzed =
        "SELECT string_agg(attname, ' ' ORDER BY attname) FROM pg_stats WHERE tablename = 'Item'";
    assert_eq!(database.value(analyzed), "kept");
}
