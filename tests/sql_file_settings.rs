//! What an SQL file sets ends with it; and names in triggers are looked up as under psql.

use std::process::Command;

use crate::support::{Database, PgBouncer, Project, Session};

/// A folder with an SQL file, and then a rule.
fn folder(file: &str, rule: &str) -> Project {
    let project = Project::new();
    project.script("writes = [\"T.c\"]\nsql = [\"first.sql\"]", "run_sql(\"first.sql\");");
    project.write("scripts/try/sql/first.sql", file);
    project.write("scripts/try/02_rule.rhai", rule);
    project
}

const TABLES: &str = "\
CREATE TABLE parent (id int PRIMARY KEY); INSERT INTO parent VALUES (1); \
CREATE TABLE \"T\" (id int PRIMARY KEY, c int REFERENCES parent, note text); INSERT INTO \"T\" VALUES (1, 1, NULL), (2, 1, NULL); \
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := concat_ws(' ', current_user, current_setting('work_mem'), \
  nullif(current_setting('app.who', true), ''), current_setting('session_replication_role')); RETURN NEW; END $$; \
CREATE TRIGGER noted BEFORE UPDATE ON \"T\" FOR EACH ROW EXECUTE FUNCTION noted()";

#[test]
fn what_a_file_sets_ends_with_it() {
    let files = [
        "SET session_replication_role = replica",
        "SET LOCAL session_replication_role = replica",
        "SELECT set_config('session_replication_role', 'replica', false)",
        "SET ROLE \"{}\"",
        "SET LOCAL ROLE \"{}\"",
        "SET SESSION AUTHORIZATION \"{}\"",
        "SET search_path = elsewhere",
        "RESET ALL",
        "SET work_mem = '123MB'; SET app.who = 'file'",
        "DO $$ BEGIN PERFORM set_config('work_mem', '77MB', false); END $$",
    ];
    for file in files {
        let database = Database::empty();
        let role = format!("other {}", database.name);
        database.run(&format!("{TABLES}; CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.\"T\" (id int); CREATE ROLE \"{role}\""));
        let plain = folder("SELECT 1", "update(\"T\").where(col(\"id\") == 2).set(\"c\", ());");
        plain.run(&database, "scripts/try").exits(0);
        let note = database.value("SELECT note FROM \"T\" WHERE id = 2");
        assert!(note.ends_with(" origin"), "{note}");
        let project = folder(
            &file.replace("{}", &role),
            "update(\"T\").where(col(\"id\") == 1).set(\"c\", ());",
        );
        project.run(&database, "scripts/try").exits(0);
        assert_eq!(
            database.value("SELECT note FROM \"T\" WHERE id = 1").trim(),
            note.trim(),
            "{file}"
        );
        // Foreign keys hold too.
        let project = folder(
            &file.replace("{}", &role),
            "update(\"T\").where(col(\"id\") == 1).set(\"c\", 7);",
        );
        project.run(&database, "scripts/try").exits(3).says("T_c_fkey");
        database.run(&format!("DROP ROLE \"{role}\""));
    }
}

/// The program through the pooler, confirmed.
fn through(
    project: &Project,
    bouncer: &PgBouncer,
    database: &Database,
    arguments: &str,
) -> Command {
    let mut command = project.command(arguments);
    command.args(["--database-url", &bouncer.url(database), "--confirm", &database.name]);
    command
}

const LEFT: &str = "\
SELECT concat_ws(' ', (SELECT string_agg(name, ',') FROM pg_settings WHERE name IN ('search_path', 'row_security', 'check_function_bodies',
         'work_mem', 'session_replication_role') AND source = 'session'), nullif(current_setting('app.who', true), ''),
       (SELECT string_agg(name, ',') FROM pg_prepared_statements WHERE from_sql), (SELECT string_agg(name, ',') FROM pg_cursors WHERE is_holdable),
       (SELECT string_agg(objid::text, ',') FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()),
       (SELECT string_agg(relname, ',') FROM pg_class WHERE relnamespace = pg_my_temp_schema()))";

#[test]
fn a_file_leaves_nothing_in_a_pooler() {
    let file = "SET search_path = pg_catalog; SET row_security = off; SET check_function_bodies = off; SET work_mem = '99MB'; \
        SELECT set_config('app.who', 'file', false); PREPARE asked AS SELECT 1; SELECT pg_advisory_lock(42); \
        CREATE TEMPORARY TABLE draft (id int); CREATE TEMPORARY VIEW drafts AS SELECT * FROM draft; \
        DECLARE rows_of CURSOR WITH HOLD FOR SELECT 1";
    let used = "expect(\"kept for later steps\", query(\"SELECT count(*) AS n FROM \\\"T\\\"\")[0].n == 2);";
    let cases = [
        ("scripts/try", file.to_owned(), used, 0),
        ("plan scripts/try", file.to_owned(), used, 0),
        ("scripts/try", format!("{file}; SELECT 1/0"), used, 3),
        ("scripts/try", file.to_owned(), "expect(\"it fails\", false);", 1),
    ];
    for (arguments, file, rule, code) in cases {
        let database = Database::empty();
        database.run(TABLES);
        let bouncer = PgBouncer::start("transaction", &database);
        let project = folder(&file, rule);
        project
            .output(&mut through(
                &project,
                &bouncer,
                &database,
                &format!("{arguments} --allow-pooler"),
            ))
            .exits(code);
        // In transactions at once, the clients have all the server processes between them.
        let mut clients: Vec<Session> =
            (0..3).map(|_| Session::of(&bouncer.url(&database))).collect();
        for client in &mut clients {
            client.run("BEGIN");
            assert_eq!(client.one(LEFT), "", "{arguments} {rule}");
        }
    }
}

#[test]
fn a_temporary_table_stays_for_later_files() {
    let database = Database::empty();
    database.run(TABLES);
    let project =
        folder("CREATE TEMPORARY TABLE draft AS SELECT 1 AS id", "run_sql(\"second.sql\");");
    project.edit("scripts/try/leora.toml", "\"first.sql\"", "\"first.sql\", \"second.sql\"");
    project.write(
        "scripts/try/sql/second.sql",
        "DELETE FROM \"T\" USING draft WHERE draft.id = \"T\".id",
    );
    project.run(&database, "scripts/try").exits(0);
    assert_eq!(database.value("SELECT string_agg(id::text, ' ') FROM \"T\""), "2");
}

/// A trigger function that writes to a table of another schema by its bare name, and compares with a type of a third one.
const AUDITED: &str = "\
CREATE SCHEMA audit; CREATE TABLE audit.trail (c text); CREATE TABLE \"T\" (id int PRIMARY KEY, c text); INSERT INTO \"T\" VALUES (1, 'a'); \
CREATE FUNCTION audited() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO trail VALUES (NEW.c); RETURN NULL; END $$; \
CREATE TRIGGER audited AFTER UPDATE ON \"T\" FOR EACH ROW EXECUTE FUNCTION audited();";

#[test]
fn a_trigger_finds_what_it_finds_under_psql() {
    for strategy in ["update", "rewrite", "batches"] {
        for path in ["public, audit", "audit, public", "audit"] {
            let database = Database::empty();
            database.run(&format!(
                "{AUDITED} ALTER DATABASE \"{}\" SET search_path = {path}",
                database.name
            ));
            let project = Project::new();
            project.script(
                &format!("writes = [\"T.c\"]\nstrategy = \"{strategy}\""),
                "update(\"T\").set(\"c\", \"b\");",
            );
            project.run(&database, "scripts/try").exits(0);
            assert_eq!(
                database.value("SELECT string_agg(c, ' ') FROM audit.trail"),
                "b",
                "{strategy} {path}"
            );
            project.run(&database, "undo").exits(0).says("Put back 1 value.");
            assert_eq!(database.value("SELECT string_agg(c, ' ') FROM audit.trail"), "b a");
        }
    }
}

#[test]
fn a_type_of_another_schema_compares_in_a_trigger_as_under_psql() {
    let database = Database::empty();
    database.run(&format!(
        "CREATE SCHEMA extensions; CREATE EXTENSION citext SCHEMA extensions; ALTER DATABASE \"{}\" SET search_path = public, extensions; \
         CREATE TABLE \"T\" (id int PRIMARY KEY, mail extensions.citext, c text); INSERT INTO \"T\" VALUES (1, 'ANN', 'a'); \
         CREATE FUNCTION judged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.mail <> 'ann' THEN RAISE 'another'; END IF; RETURN NEW; END $$; \
         CREATE TRIGGER judged BEFORE UPDATE ON \"T\" FOR EACH ROW EXECUTE FUNCTION judged()",
        database.name
    ));
    let project = Project::new();
    project
        .script("writes = [\"T.c\"]", "update(\"T\").where(col(\"id\") == 1).set(\"c\", \"b\");");
    project.run(&database, "scripts/try").exits(0).says("1");
    assert_eq!(database.value("SELECT c FROM \"T\""), "b");
}

#[test]
fn a_trigger_that_finds_nothing_is_named() {
    let database = Database::empty();
    database.run(AUDITED);
    let project = Project::new();
    project.script("writes = [\"T.c\"]", "update(\"T\").set(\"c\", \"b\");");
    let run = project.run(&database, "scripts/try").exits(3);
    run.tells("relation \"trail\" does not exist")
        .tells("PL/pgSQL function audited()")
        .tells("search_path");
}

#[test]
fn what_a_file_makes_is_made_in_the_schema_of_the_tables() {
    let database = Database::empty();
    database.run(&format!(
        "{TABLES}; CREATE SCHEMA audit; ALTER DATABASE \"{}\" SET search_path = audit, public",
        database.name
    ));
    let project = folder("CREATE TABLE made (id int)", "note(\"done\");");
    project.run(&database, "scripts/try").exits(0);
    assert_eq!(
        database.value("SELECT relnamespace::regnamespace FROM pg_class WHERE relname = 'made'"),
        "public"
    );
}
