//! The run's own session: settings, locks and the manifest's fences around SQL files.

use crate::support::{Database, Project};

/// A folder `scripts/try` that runs this SQL, with these further lines in its manifest.
fn with_sql(sql: &str, manifest: &str, after: &str) -> Project {
    let project = Project::new();
    project.script(
        &format!("sql = [\"try.sql\"]\n{manifest}"),
        &format!("//! Try\nrun_sql(\"try.sql\");\n{after}"),
    );
    project.write("scripts/try/sql/try.sql", sql);
    project
}

#[test]
fn settings_that_an_sql_file_changes_are_put_back() {
    let sql = "SET TimeZone = 'Asia/Tokyo'; SET LOCAL search_path = pg_catalog; SET DateStyle = 'German'; \
         SET client_encoding = 'LATIN1'; SET LOCAL row_security = on; CREATE TABLE public.kept (at timestamptz PRIMARY KEY);";
    let after = "show(query(\"SELECT ('2025-10-25 12:00+00'::timestamptz)::text AS noon, char_length('né') AS letters\"));";
    let (project, database) = (with_sql(sql, "", after), Database::sample());
    project.run(&database, "scripts/try").exits(0).says("│       2   2025-10-25 12:00:00+00 │");
}

#[test]
fn times_that_the_database_gives_its_sessions_do_not_end_a_run() {
    let (project, database) =
        (with_sql("SELECT pg_sleep(0.4)", "", "run_sql(\"try.sql\");"), Database::sample());
    let mut times = vec!["statement_timeout", "lock_timeout"];
    if database.major() >= 17 {
        times.push("transaction_timeout");
    }
    for time in &times {
        database.run(&format!("ALTER DATABASE {} SET {time} = '300ms'", database.name));
    }
    // It is as short as that for everybody else.
    let told = database.session().try_run("SELECT pg_sleep(0.4)").expect_err("too long");
    assert!(told.starts_with("57014") || told.starts_with("25P04"), "{told}");
    project.run(&database, "scripts/try").exits(0);
    for time in &times {
        database.run(&format!("ALTER DATABASE {} RESET {time}", database.name));
    }
}

#[test]
fn an_sql_file_may_only_lock_what_the_manifest_names() {
    let sql = "ALTER TABLE \"Customer\" ADD COLUMN extra text;";
    let database = Database::sample();
    let before = database.fingerprint();
    let refused = with_sql(sql, "", "").run(&database, "scripts/try").exits(2);
    refused
        .says("try.sql locks Customer in ACCESS EXCLUSIVE mode, which the run had not\n       taken first")
        .tells("write under [locks] in scripts/try/leora.toml: Customer = \"exclusive\"");
    assert_eq!(database.fingerprint(), before);
    // SHARE ROW EXCLUSIVE is not enough for it either.
    with_sql(sql, "locks = { Customer = \"no-writes\" }", "")
        .run(&database, "scripts/try")
        .exits(2);
    with_sql(sql, "locks = { Customer = \"exclusive\" }", "")
        .run(&database, "scripts/try")
        .exits(0);
}

#[test]
fn a_table_that_the_file_makes_needs_no_lock() {
    let sql = "CREATE TABLE made (id uuid PRIMARY KEY, at timestamp); CREATE INDEX made_at_idx ON made (at); \
         ALTER TABLE made ADD COLUMN note text;";
    let database = Database::sample();
    with_sql(sql, "", "")
        .run(&database, "scripts/try")
        .exits(0)
        .says("created table made")
        .says("created index");
}

#[test]
fn a_deferred_constraint_speaks_before_the_next_ddl() {
    let database = Database::sample();
    database.run(
        "CREATE TABLE rule_check (id int); \
         CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''deferred no''; END'; \
         CREATE CONSTRAINT TRIGGER never AFTER UPDATE ON \"Customer\" DEFERRABLE INITIALLY DEFERRED \
           FOR EACH ROW WHEN (NEW.\"accountType\" = 'PROSPECT') EXECUTE FUNCTION never()",
    );
    let before = database.fingerprint();
    Project::new().run(&database, "scripts/phase2").exits(3).says("deferred no");
    assert_eq!(database.fingerprint(), before);
}

#[test]
fn ddl_after_an_update_with_deferred_triggers_goes_through() {
    let database = Database::sample();
    database.run(
        "CREATE FUNCTION fine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; \
         CREATE CONSTRAINT TRIGGER fine AFTER UPDATE ON \"Customer\" DEFERRABLE INITIALLY DEFERRED \
           FOR EACH ROW EXECUTE FUNCTION fine()",
    );
    Project::new().run(&database, "scripts/phase2").exits(0);
}

#[test]
fn a_trigger_that_interferes_is_noticed() {
    let database = Database::sample();
    database.run(
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS \
           'BEGIN IF NEW.state = ''NY'' THEN RETURN NULL; END IF; RETURN NEW; END'; \
         CREATE TRIGGER keep BEFORE UPDATE ON \"Customer\" FOR EACH ROW EXECUTE FUNCTION keep()",
    );
    let before = database.fingerprint();
    let some = database.value("SELECT count(*) FROM \"Customer\" WHERE state = 'NY'");
    assert_ne!(some, "0");
    let output = Project::new().run(&database, "scripts/phase2").exits(3);
    output
        .says("5394 rows should change, 5394 were journalled")
        .says("a BEFORE trigger or a rule on Customer interferes");
    assert_eq!(database.fingerprint(), before);
}

#[test]
fn a_table_of_the_same_name_in_another_schema_is_left_alone() {
    let database = Database::sample();
    database.run(&format!(
        "CREATE SCHEMA other; CREATE TABLE other.\"Customer\" AS SELECT * FROM public.\"Customer\"; \
         ALTER DATABASE {} SET search_path = other, public",
        database.name
    ));
    Project::new().run(&database, "scripts/phase2").exits(0);
    assert_eq!(database.value("SELECT count(\"accountType\") FROM other.\"Customer\""), "0");
    assert_eq!(database.value("SELECT count(\"accountType\") FROM public.\"Customer\""), "5394");
}
