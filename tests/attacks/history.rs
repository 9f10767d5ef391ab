//! The history and its journal: a role that may only run folders can't forge them, and a schema `leora_run` that somebody
//! else made is not used.

use crate::attacks::history_scene::{FOLDER, OWN, RULE, Scene, own_run};
use crate::support::{Database, Project, attacked};

const SECRETS: &str = "SELECT string_agg(word, ',' ORDER BY id) FROM \"Secret\"";
const NOTES: &str = "SELECT string_agg(note, ',' ORDER BY id) FROM \"Item\"";

/// A row of the journal of a run that gives a secret the attacker's value when it is undone, as the tables take it and as
/// the functions do.
fn forged(run: &str) -> [String; 3] {
    [
        format!(
            "INSERT INTO leora_run.transition (run, step, rule, table_schema, table_name, column_name, old_value, new_value, \
             rows, key_columns, keys_bigint) VALUES ({run}, 1, 9, 'public', 'Secret', 'word', 'forged', 'two', 1, '{{id}}', '{{2}}')"
        ),
        format!(
            "INSERT INTO leora_run.journal (run, step, rule, table_schema, table_name, column_name, old_value, new_value, \
             rows, key_columns, keys_bigint) VALUES ({run}, 1, 9, 'public', 'Secret', 'word', 'forged', 'two', 1, '{{id}}', '{{2}}')"
        ),
        format!(
            "SELECT leora_run.write_journal({run}, 1, 9, 'public', 'Secret', 'word', '{{id}}', \
             ARRAY[ROW('forged', 'two', 1, NULL, '{{2}}', NULL)::leora_run.change])"
        ),
    ]
}

#[test]
fn rows_of_another_role_s_run_can_not_be_written() {
    let scene = Scene::new();
    let operators = format!("'{}'", scene.run);
    let further = [
        format!("UPDATE leora_run.transition SET old_value = 'forged' WHERE run = {operators}"),
        format!("UPDATE leora_run.run SET outcome = 'partial' WHERE id = {operators}"),
        format!("DELETE FROM leora_run.transition WHERE run = {operators}"),
        format!("DELETE FROM leora_run.journal WHERE run = {operators}"),
        format!("SELECT leora_run.pause_run({operators}, NULL)"),
        format!("SELECT leora_run.record_step({operators}, '{{}}')"),
        format!("SELECT leora_run.start_batches({operators}, '1', '[]', 1)"),
        format!("SELECT leora_run.finish_batches({operators}, '1')"),
        format!("SELECT leora_run.end_run({operators}, 'failed', NULL, '{{}}', 1)"),
        format!("SELECT leora_run.record_migration({operators}, 'forged')"),
        "INSERT INTO leora_run.migration VALUES ('forged', gen_random_uuid(), now())".to_owned(),
    ];
    let statements: Vec<String> = forged(&operators).into_iter().chain(further).collect();
    assert_eq!(scene.attack(&statements), 0);
    scene.operator(&format!("undo {}", scene.run)).exits(0);
    assert_eq!(scene.database.value(SECRETS), "one,two");
}

#[test]
fn a_run_of_one_s_own_journals_only_what_its_role_may_write() {
    let scene = Scene::new();
    for writes in ["[\"Item.note\"]", "[\"Secret.word\"]"] {
        scene.attack(&own_run(writes));
        assert_eq!(scene.attack(&forged(OWN)), 0, "{writes}");
    }
    scene.attack(&[format!("SELECT leora_run.end_run({OWN}, 'done', NULL, '{{}}', 1)")]);
    scene.operator("undo 00000000-0000-0000-0000-00000000000a");
    assert_eq!(scene.database.value(SECRETS), "changed,two");
    // Nor does its end shorten the journals of others.
    scene.operator(&format!("undo {}", scene.run)).exits(0);
    assert_eq!(scene.database.value(SECRETS), "one,two");
}

#[test]
fn a_run_is_undone_only_by_who_may_write_its_columns() {
    let scene = Scene::new();
    let undo = scene.attack(&[
        format!(
            "INSERT INTO leora_run.run (id, folder, title, checksums, meanings, settings, as_of, started_by, started_from, tool, \
             started_at, outcome, undoes) VALUES ({OWN}, 'undo', 'x', '{{}}', '{{}}', '{{}}', current_date, 'postgres', 'x', 'x', \
             now(), 'done', '{}')",
            scene.run
        ),
        format!(
            "SELECT leora_run.start_run({OWN}, 'undo', 'x', '{{}}', '{{}}', current_date, 'x', 'x', now(), '{{}}', '{}', NULL)",
            scene.run
        ),
    ]);
    assert_eq!(undo, 0);
    // One who may not write it any more gets nothing written by an undo of the run either.
    let runner = &scene.runner;
    let mut command = scene.project.command("scripts/try --confirm");
    command.arg(&scene.database.name).arg("--database-url");
    scene.project.output(command.arg(scene.database.url_as(runner, "secret"))).exits(0);
    scene.database.run(&format!("REVOKE UPDATE ON \"Item\" FROM {runner}"));
    // Nor is it taken for the operator's last one.
    scene.operator("undo").exits(2).tells("is one of").tells("another role");
    let last =
        scene.database.value("SELECT id::text FROM leora_run.run ORDER BY number DESC LIMIT 1");
    scene
        .operator(&format!("undo {last}"))
        .exits(3)
        .tells("who started run")
        .tells("may not set Item.note");
    assert_eq!(scene.database.value(NOTES), "new,new");
}

#[test]
fn a_partial_run_of_somebody_else_is_not_resumed() {
    let scene = Scene::new();
    scene.project.script(&format!("{FOLDER}\nstrategy = \"batches\""), RULE);
    scene.operator("scripts/try").exits(0);
    scene.database.run("UPDATE \"Item\" SET note = 'old'");
    let run = "SELECT '00000000-0000-0000-0000-00000000000b'::uuid, folder, title, checksums, meanings, settings, as_of";
    let newest = "FROM leora_run.run ORDER BY number DESC LIMIT 1";
    let batched = "{\"1\": {\"began\": 9, \"kept\": [0,0,0,0], \"finished\": true}}";
    let other = "'00000000-0000-0000-0000-00000000000b'";
    scene.attack(&[
        format!(
            "INSERT INTO leora_run.run (id, folder, title, checksums, meanings, settings, as_of, started_by, started_from, tool, \
             started_at, outcome, batched) {run}, started_by, started_from, tool, now(), 'partial', '{batched}' {newest}"
        ),
        format!(
            "SELECT leora_run.start_run({other}, folder, title, checksums, settings, as_of, started_from, tool, now(), meanings, NULL, writes) {newest}"
        ),
        format!("SELECT leora_run.start_batches({other}, '1', '[0,0,0,0]', 2)"),
        format!("SELECT leora_run.finish_batches({other}, '1')"),
        format!("SELECT leora_run.pause_run({other}, NULL)"),
    ]);
    scene.operator("scripts/try").exits(0);
    assert_eq!(scene.database.value(NOTES), "new,new");
}

#[test]
fn a_run_without_a_journal_is_marked_undone_only_by_who_may_write_its_columns() {
    let scene = Scene::new();
    scene.project.script(
        "writes = [\"Secret.word\"]",
        "update(\"Secret\").where(col(\"id\") == 3).set(\"word\", \"changed\");",
    );
    scene.operator("scripts/try").exits(0);
    let run =
        scene.database.value("SELECT id::text FROM leora_run.run ORDER BY number DESC LIMIT 1");
    let undo = [
        format!(
            "SELECT leora_run.start_run({OWN}, 'undo', 'x', '{{}}', '{{}}', current_date, 'x', 'x', now(), '{{}}', '{run}', NULL)"
        ),
        format!("SELECT leora_run.end_run({OWN}, 'done', NULL, '{{}}', NULL)"),
    ];
    assert_eq!(scene.attack(&undo), 0);
    let status = scene.operator("status").exits(0).stdout;
    assert!(!status.contains("undone"), "{status}");
    scene.database.run(&format!("GRANT SELECT, UPDATE ON \"Secret\" TO {}", scene.runner));
    assert_eq!(scene.attack(&undo), 2);
    // Where nothing says what the run could set, only the owner of the history may.
    scene.database.run(&format!(
        "DELETE FROM leora_run.run WHERE id = {OWN}; \
         UPDATE leora_run.run SET writes = '[]'; UPDATE leora_run.run SET digest = leora_run.run_digest(id)"
    ));
    assert_eq!(scene.attack(&undo), 0);
}

#[test]
fn a_run_of_somebody_else_does_not_end_one_in_batches() {
    let scene = Scene::new();
    scene.project.script(&format!("{FOLDER}\nstrategy = \"batches\""), RULE);
    scene.operator("scripts/try").exits(0);
    let run =
        scene.database.value("SELECT id::text FROM leora_run.run ORDER BY number DESC LIMIT 1");
    scene.database.run(&format!(
        "UPDATE leora_run.run SET outcome = 'partial', digest = NULL WHERE id = '{run}'"
    ));
    let forged = scene.attack(&[
        format!(
            "SELECT leora_run.start_run({OWN}, folder, title, checksums, settings, as_of, started_from, tool, now(), meanings, NULL, writes) \
             FROM leora_run.run WHERE id = '{run}'"
        ),
        format!("SELECT leora_run.end_run({OWN}, 'done', NULL, '{{}}', NULL)"),
    ]);
    assert_eq!(forged, 2);
    let resumed = scene.operator("scripts/try").exits(0).stderr;
    assert!(resumed.contains(&format!("going on with run {run}")), "{resumed}");
}

#[test]
fn a_run_that_can_not_be_shown_is_not_recorded() {
    let scene = Scene::new();
    let started = |as_of: &str, started_at: &str| {
        format!(
            "SELECT leora_run.start_run({OWN}, 'scripts/try', 'x', '{{}}', '{{}}', '{as_of}', 'x', 'x', '{started_at}', '{{}}', NULL, '[]')"
        )
    };
    let endless = [("today", "infinity"), ("today", "-infinity"), ("infinity", "now")];
    assert_eq!(scene.attack(&endless.map(|(as_of, at)| started(as_of, at))), 0);
    assert_eq!(scene.attack(&[started("today", "now")]), 1);
    let record = |step: &str| format!("SELECT leora_run.record_step({OWN}, '{step}')");
    let unshowable = [
        r#"{"x":1}"#,
        "[1]",
        "1",
        r#"{"1":1}"#,
        r#"{"1":[1]}"#,
        r#"{"x":{}}"#,
        r#"{"99999999999":{}}"#,
        r#"{"1":{"ms":"x"}}"#,
        r#"{"1":{"changed":{}}}"#,
    ];
    assert_eq!(scene.attack(&unshowable.map(record)), 0);
    assert_eq!(scene.attack(&[record(r#"{"1":{"name":"a","title":"A","ms":1,"changed":0}}"#)]), 1);
    scene.operator("status").exits(0);
    scene.operator(&format!("undo {}", scene.run)).exits(0);
    assert_eq!(scene.database.value(SECRETS), "one,two");
}

#[test]
fn the_values_of_a_column_are_shown_only_to_who_may_read_it() {
    let scene = Scene::new();
    let mut session = scene.session();
    attacked("reading the journal of a column that the role may not read");
    let read = "SELECT old_value FROM leora_run.transition WHERE table_name = 'Secret'";
    assert_eq!(session.rows(read), [] as [Vec<String>; 0]);
    attacked("reading it behind the view");
    assert!(session.try_run("SELECT old_value FROM leora_run.journal").is_err());
    scene.database.run(&format!("GRANT SELECT ON \"Secret\" TO {}", scene.runner));
    assert_eq!(session.rows(read), [["one"]]);
}

#[test]
fn a_journal_that_was_changed_is_not_undone() {
    let scene = Scene::new();
    let database = &scene.database;
    let journal = match database.value("SELECT to_regclass('leora_run.journal')::text").as_str() {
        "" => "leora_run.transition",
        journal => journal,
    }
    .to_owned();
    for change in [
        format!("UPDATE {journal} SET old_value = 'forged'"),
        format!("UPDATE {journal} SET keys_bigint = '{{2}}'"),
        format!("INSERT INTO {journal} SELECT * FROM {journal}"),
    ] {
        attacked("a journal that its owner changed");
        let kept = format!("CREATE TABLE kept AS TABLE {journal}");
        database.run(&format!("{kept}; {change}"));
        scene.operator(&format!("undo {}", scene.run)).exits(3).tells("is not what that run wrote");
        assert_eq!(database.value(SECRETS), "changed,two", "{change}");
        database.run(&format!(
            "DELETE FROM {journal}; INSERT INTO {journal} TABLE kept; DROP TABLE kept"
        ));
    }
    scene.operator(&format!("undo {}", scene.run)).exits(0);
    assert_eq!(database.value(SECRETS), "one,two");
}

/// What counts the calls of the marker, and what calls it.
const MARKER: &str = "CREATE TABLE marks (by text); GRANT INSERT ON marks TO PUBLIC; \
     CREATE FUNCTION marked() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN INSERT INTO marks VALUES (current_user); RETURN true; END $$; \
     CREATE FUNCTION marking() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO marks VALUES (current_user); RETURN NEW; END $$;";

/// Each thing that could run code or change what is kept, as SQL, and how it is named.
const FOREIGN: [(&str, &str); 13] = [
    (
        "CREATE TRIGGER spy BEFORE INSERT ON leora_run.run FOR EACH ROW EXECUTE FUNCTION marking()",
        "trigger run.spy",
    ),
    (
        "CREATE RULE spy AS ON INSERT TO leora_run.run DO ALSO INSERT INTO marks VALUES ('rule')",
        "rule run.spy",
    ),
    ("ALTER TABLE leora_run.run ALTER error SET DEFAULT marked()::text", "column run.error"),
    ("ALTER TABLE leora_run.run ADD spy boolean DEFAULT marked()", "column run.spy"),
    ("ALTER TABLE leora_run.run ADD CONSTRAINT spy CHECK (marked())", "constraint run.spy"),
    (
        "ALTER TABLE leora_run.run ENABLE ROW LEVEL SECURITY; CREATE POLICY spy ON leora_run.run USING (marked())",
        "policy run.spy",
    ),
    ("CREATE INDEX spy ON leora_run.run ((folder || 'x'))", "index spy"),
    ("CREATE TABLE leora_run.spy () INHERITS (leora_run.migration)", "spy.name"),
    (
        "CREATE OR REPLACE VIEW leora_run.step AS SELECT id AS run, 1 AS number, ''::text AS name, ''::text AS title, \
         1::bigint AS ms, 1::bigint AS changed FROM leora_run.run WHERE marked()",
        "view step",
    ),
    (
        "CREATE FUNCTION leora_run.start_run(text) RETURNS boolean LANGUAGE sql AS 'SELECT marked()'",
        "function start_run",
    ),
    ("GRANT INSERT ON leora_run.run TO PUBLIC", "grant of INSERT on run to PUBLIC"),
    ("GRANT SELECT ON leora_run.journal TO PUBLIC", "grant of SELECT on journal to PUBLIC"),
    ("GRANT UPDATE (outcome) ON leora_run.run TO PUBLIC", "column run.outcome"),
];

#[test]
fn what_somebody_put_into_the_history_is_refused_by_name() {
    let (project, database) = (Project::new(), Database::sample());
    database.run(MARKER);
    project.script(
        "writes = [\"Customer.city\"]",
        "update(\"Customer\").where(true).set(\"city\", \"Napa\");",
    );
    for (sql, named) in FOREIGN {
        project.run(&database, "scripts/try").exits(0);
        database.run(&format!("{sql}; DELETE FROM marks; UPDATE \"Customer\" SET city = 'Como'"));
        attacked("a run on a history with something else in it");
        project.run(&database, "scripts/try").exits(3).tells(named);
        project.run(&database, "undo").exits(3).tells(named);
        project.run(&database, "status").exits(3).tells(named);
        project.run(&database, "doctor scripts/try").exits(1).tells(named);
        assert_eq!(database.value("SELECT count(*) FROM marks"), "0", "{sql}");
        assert_eq!(
            database.value("SELECT count(*) FROM \"Customer\" WHERE city <> 'Como'"),
            "0",
            "{sql}"
        );
        database.run("DROP SCHEMA leora_run CASCADE");
    }
}

#[test]
fn a_history_of_somebody_else_is_refused() {
    let (project, database) = (Project::new(), Database::sample());
    database.run(MARKER);
    project.script(
        "writes = [\"Customer.city\"]",
        "update(\"Customer\").where(true).set(\"city\", \"Napa\");",
    );
    project.run(&database, "scripts/try").exits(0);
    let other = format!("{}_other", database.name);
    let owned = "SELECT format('ALTER %s leora_run.%I OWNER TO %s', CASE relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, relname, \
         '{other}') FROM pg_class WHERE relnamespace = 'leora_run'::regnamespace AND relkind IN ('r', 'v')"
        .replace("{other}", &other);
    let alter: Vec<String> = database.rows(&owned).into_iter().flatten().collect();
    database.run(&format!(
        "CREATE ROLE {other}; {}; ALTER SCHEMA leora_run OWNER TO {other}; \
         CREATE TRIGGER spy BEFORE INSERT OR UPDATE ON leora_run.run FOR EACH ROW EXECUTE FUNCTION marking(); DELETE FROM marks",
        alter.join("; ")
    ));
    attacked("a run on somebody else's schema leora_run");
    for (command, code) in
        [("scripts/try", 3), ("undo", 3), ("status", 3), ("doctor scripts/try", 1)]
    {
        let output = project.run(&database, command).exits(code);
        output.tells(&format!("the schema leora_run belongs to {other}"));
    }
    assert_eq!(database.value("SELECT count(*) FROM marks"), "0");
    database.run(&format!("DROP OWNED BY {other} CASCADE; DROP ROLE {other}"));
}
