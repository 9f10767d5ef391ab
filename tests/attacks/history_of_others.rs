//! What a role may not make of the history of others: read values of a table that was renamed, record migrations or take
//! them back, answer for a folder, or offer a schema `leora_run` of its own.

use crate::attacks::history_scene::{FOLDER, OWN, RULE, Scene, own_run};
use crate::support::{Session, attacked};

const SECRETS: &str = "SELECT string_agg(word, ',' ORDER BY id) FROM \"Secret\"";

/// Lets the role of the scene do what a folder with this manifest and script needs.
fn grant(scene: &Scene, manifest: &str, script: &str) {
    scene.project.script(manifest, script);
    let asked = format!("doctor --grants scripts/try --role {}", scene.runner);
    let grants = scene.operator(&asked).exits(0).stdout;
    scene.database.run(&grants);
}

#[test]
fn another_table_of_the_same_name_shows_no_values_and_gets_none() {
    let scene = Scene::new();
    scene.database.run(&format!(
        "ALTER TABLE \"Secret\" RENAME TO \"Kept\"; GRANT CREATE ON SCHEMA public TO {}",
        scene.runner
    ));
    let mut session = scene.session();
    attacked("a table with the name of another one, to read its journal");
    session.run(
        "CREATE TABLE \"Secret\" (id int PRIMARY KEY, word text); INSERT INTO \"Secret\" VALUES (1, 'changed')",
    );
    let read = "SELECT old_value FROM leora_run.transition WHERE table_name = 'Secret'";
    assert_eq!(session.rows(read), [] as [Vec<String>; 0]);
    for command in ["undo", "undo --dry-run"] {
        scene
            .operator(&format!("{command} {}", scene.run))
            .exits(3)
            .tells("Secret is not the table that run")
            .tells("another has its name now");
    }
    assert_eq!(scene.database.value("SELECT word FROM \"Secret\""), "changed");
    scene.database.run("DROP TABLE \"Secret\"; ALTER TABLE \"Kept\" RENAME TO \"Secret\"");
    scene.operator(&format!("undo {}", scene.run)).exits(0);
    assert_eq!(scene.database.value(SECRETS), "one,two");
}

#[test]
fn a_restored_table_is_undone_by_the_owner_of_the_history() {
    let scene = Scene::new();
    scene.database.run(
        "CREATE TABLE copy (LIKE \"Secret\" INCLUDING ALL); INSERT INTO copy SELECT * FROM \"Secret\"; \
         DROP TABLE \"Secret\"; ALTER TABLE copy RENAME TO \"Secret\"",
    );
    scene.operator(&format!("undo {}", scene.run)).exits(0);
    assert_eq!(scene.database.value(SECRETS), "one,two");
}

#[test]
fn a_role_whose_folders_record_nothing_records_no_migration() {
    let scene = Scene::new();
    assert_eq!(scene.attack(&own_run("[]")), 1);
    let record = format!("SELECT leora_run.record_migration({OWN}, 'made-up')");
    let take_back = format!("SELECT leora_run.record_rollback({OWN}, 'made-up')");
    assert_eq!(scene.attack(&[record.clone(), take_back]), 0);
    grant(&scene, &format!("{FOLDER}\nrecords = [\"made-up\"]"), "record_migration(\"made-up\");");
    assert_eq!(scene.attack(&[record]), 1);
}

#[test]
fn a_migration_is_taken_back_only_by_who_may_set_its_columns() {
    let scene = Scene::new();
    let runner = &scene.runner;
    scene.project.script(
        "writes = [\"Secret.word\"]\nrecords = [\"secret\"]",
        "update(\"Secret\").where(col(\"id\") == 2).set(\"word\", \"changed\"); record_migration(\"secret\");",
    );
    scene.operator("scripts/try").exits(0);
    grant(&scene, &format!("{FOLDER}\nrecords = [\"secret\"]"), "record_rollback(\"secret\");");
    let take_back = || {
        let mut command = scene.project.command("scripts/try --confirm");
        command.arg(&scene.database.name).arg("--database-url");
        scene.project.output(command.arg(scene.database.url_as(runner, "secret")))
    };
    let rolled_back = "SELECT rolled_back_at IS NOT NULL FROM leora_run.migration";
    attacked("taking back a migration of another role");
    take_back().exits(3).tells("may set nothing that run").tells("recorded the migration secret");
    assert_eq!(scene.database.value(rolled_back), "f");
    scene.database.run(&format!("GRANT SELECT, UPDATE ON \"Secret\" TO {runner}"));
    take_back().exits(0);
    assert_eq!(scene.database.value(rolled_back), "t");
    // Where all its columns are gone, there is nothing to protect.
    scene.database.run(&format!(
        "REVOKE ALL ON \"Secret\" FROM {runner}; UPDATE leora_run.migration SET rolled_back_at = NULL; \
         ALTER TABLE \"Secret\" DROP COLUMN word"
    ));
    take_back().exits(0);
    assert_eq!(scene.database.value(rolled_back), "t");
}

#[test]
fn a_run_that_its_role_made_up_is_not_the_last_one() {
    let scene = Scene::new();
    scene.attack(&own_run("[\"Item.note\"]"));
    scene.attack(&[format!("SELECT leora_run.end_run({OWN}, 'done', NULL, '{{}}', 1)")]);
    let done = "SELECT count(*) FROM leora_run.run WHERE outcome = 'done'";
    assert_eq!(scene.database.value(done), "2");
    scene.project.script(
        "writes = [\"Secret.word\"]",
        "note(if last_run(\"try\") == () { \"never ran\" } else { \"ran before\" });",
    );
    scene.operator(&format!("undo {}", scene.run)).exits(0);
    scene.operator("plan scripts/try").exits(0).tells("never ran");
    // Who may set what the folder sets could have run it as well.
    scene.database.run(&format!("GRANT UPDATE ON \"Secret\" TO {}", scene.runner));
    scene.operator("plan scripts/try").exits(0).tells("ran before");
}

#[test]
fn a_membership_that_somebody_else_granted_makes_no_owner_trusted() {
    let scene = Scene::new();
    let (runner, name) = (&scene.runner, &scene.database.name);
    let (other, admin) = (format!("{name}_other"), format!("{name}_admin"));
    let owned = format!(
        "SELECT format('ALTER %s %s OWNER TO {other}', kind, object) FROM ( \
           SELECT CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END, oid::regclass::text FROM pg_class \
            WHERE relnamespace = 'leora_run'::regnamespace AND relkind IN ('r', 'v', 'c') \
           UNION ALL SELECT 'FUNCTION', oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'leora_run'::regnamespace \
         ) AS owned (kind, object)"
    );
    let alter: Vec<String> = scene.database.rows(&owned).into_iter().flatten().collect();
    scene.database.run(&format!(
        "CREATE ROLE {other}; CREATE ROLE {admin} LOGIN PASSWORD 'secret'; GRANT {other} TO {admin} WITH ADMIN OPTION; \
         {}; ALTER SCHEMA leora_run OWNER TO {other}; GRANT SELECT, UPDATE ON \"Item\", \"Secret\" TO {other}; \
         GRANT USAGE ON SCHEMA public TO {other}",
        alter.join("; ")
    ));
    scene.project.script(FOLDER, RULE);
    let run = || {
        let mut command = scene.project.command("scripts/try --confirm");
        command.arg(name).arg("--database-url");
        scene.project.output(command.arg(scene.database.url_as(runner, "secret")))
    };
    attacked("making somebody a member of the owner of a schema leora_run");
    Session::of(&scene.database.url_as(&admin, "secret"))
        .run(&format!("GRANT {other} TO {runner}"));
    run().exits(3).tells(&format!("the schema leora_run belongs to {other}"));
    scene.database.run(&format!("REVOKE {other} FROM {runner} CASCADE; GRANT {other} TO {runner}"));
    run().exits(0);
    scene.database.run(&format!(
        "REASSIGN OWNED BY {other} TO CURRENT_USER; DROP OWNED BY {other}, {admin} CASCADE; DROP ROLE {admin}; DROP ROLE {other}"
    ));
}

#[test]
fn an_undo_writes_no_table_whose_rules_do_something_else() {
    let scene = Scene::new();
    scene.database.run(
        "CREATE TABLE marks (who name); \
         CREATE RULE also AS ON UPDATE TO \"Secret\" DO ALSO INSERT INTO marks VALUES (current_user)",
    );
    attacked("an undo that a rule of the table does more with");
    for command in ["undo --dry-run", "undo"] {
        scene
            .operator(&format!("{command} {}", scene.run))
            .tells("Secret can't be written: the rule also rewrites its updates");
    }
    assert_eq!(scene.database.value("SELECT count(*) FROM marks"), "0");
    assert_eq!(scene.database.value(SECRETS), "changed,two");
}

#[test]
fn a_journal_has_as_many_rows_as_keys() {
    let scene = Scene::new();
    assert_eq!(scene.attack(&own_run("[\"Item.note\"]")), 1);
    let journal = |change: &str| {
        format!(
            "SELECT leora_run.write_journal({OWN}, 1, 1, 'public', 'Item', 'note', '{{id}}', ARRAY[ROW({change})::leora_run.change])"
        )
    };
    let wrong = [
        "'a', 'b', -5, NULL, '{1}', NULL",
        "'a', 'b', 2, NULL, '{1}', NULL",
        "'a', 'b', 1, NULL, NULL, NULL",
        "'a', 'b', 1, NULL, '{1}', '{1}'",
    ];
    assert_eq!(scene.attack(&wrong.map(journal)), 0);
    assert_eq!(scene.attack(&[journal("'a', 'b', 1, NULL, '{1}', NULL")]), 1);
}

#[test]
fn a_renamed_table_does_not_give_its_migration_away() {
    let scene = Scene::new();
    scene.project.script(
        "writes = [\"Secret.word\"]\nrecords = [\"secret\"]",
        "update(\"Secret\").where(col(\"id\") == 2).set(\"word\", \"changed\"); record_migration(\"secret\");",
    );
    scene.operator("scripts/try").exits(0);
    grant(&scene, &format!("{FOLDER}\nrecords = [\"secret\"]"), "record_rollback(\"secret\");");
    let take_back = format!("SELECT leora_run.record_rollback({OWN}, 'secret')");
    assert_eq!(scene.attack(&own_run("[]")), 1);
    scene.database.run(&format!(
        "ALTER TABLE \"Secret\" RENAME TO \"Kept\"; GRANT CREATE ON SCHEMA public TO {}",
        scene.runner
    ));
    assert_eq!(scene.attack(std::slice::from_ref(&take_back)), 0);
    scene.session().run("CREATE TABLE \"Secret\" (id int PRIMARY KEY, word text)");
    assert_eq!(scene.attack(std::slice::from_ref(&take_back)), 0);
    // Nor does a run that is gone.
    scene.database.run(
        "ALTER TABLE leora_run.migration DISABLE TRIGGER ALL; \
         UPDATE leora_run.migration SET run = '00000000-0000-0000-0000-0000000000ff'",
    );
    assert_eq!(scene.attack(&[take_back]), 0);
}
