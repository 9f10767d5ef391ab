//! Undo: value by value, and nothing of what was done since.

use crate::support::{Database, Project};

/// Twelve rows; `size` is 1 to 12.
fn items() -> Database {
    let database = Database::empty();
    database.run(
        "CREATE TYPE \"Mood\" AS ENUM ('LOW', 'HIGH'); \
         CREATE TABLE \"Item\" (id int PRIMARY KEY, mood \"Mood\", note text, size int); \
         INSERT INTO \"Item\" SELECT n, CASE WHEN n <= 3 THEN 'LOW'::\"Mood\" END, 'n' || n, n FROM generate_series(1, 12) n",
    );
    database
}

/// Sets the note of the rows up to `upto` to `note`.
fn noting() -> Project {
    let project = Project::new();
    project.script(
        "writes = [\"Item.note\", \"Item.mood\"]",
        "let note = setting(\"note\", \"a\");\nlet upto = setting(\"upto\", 12);\n\
         update(\"Item\").where(col(\"id\") <= upto).set(\"note\", note);\n",
    );
    project
}

/// Runs it; the run's id.
fn run(project: &Project, database: &Database, options: &str) -> String {
    let report =
        project.run(database, &format!("scripts/try --format json {options}")).exits(0).json();
    report["run"].as_str().expect("an id").to_owned()
}

fn notes(database: &Database) -> String {
    database.value("SELECT string_agg(coalesce(note, '-'), ' ' ORDER BY id) FROM \"Item\"")
}

#[test]
fn puts_the_whole_migration_back() {
    let (project, database) = (Project::new(), Database::sample());
    let rows = "SELECT md5(string_agg((to_jsonb(c) - 'territory' - 'accountPriority')::text, '|' ORDER BY id)) FROM \"Customer\" c";
    let before = database.value(rows);
    project.run(&database, "scripts/phase2").exits(0);
    database.run(
        "UPDATE \"Customer\" SET \"accountType\" = 'TARGET' WHERE id IN (SELECT id FROM \"Customer\" WHERE \"accountType\" = 'ACTIVE' ORDER BY id LIMIT 3)",
    );
    let edited = database.fingerprint_with_history();
    let dry = project.run(&database, "undo --dry-run").exits(0);
    dry.tells(
        "Would put back 10,785 values, left 3 that your team edited since. Nothing was changed.",
    )
    .says("would put back 5,391 values");
    assert_eq!(database.fingerprint_with_history(), edited);
    let undo = project.run(&database, "undo").exits(0);
    let undo = undo
        .says("1/2 Customer.accountPriority\n  ✓ Customer.accountPriority: put back 5,394 values\n")
        .says("2/2 Customer.accountType\n  ✓ Customer.accountType: put back 5,391 values\n")
        .says("left 3 that your team edited since\n")
        .says("Put back 10,785 values, left 3 that your team edited since.");
    assert_eq!(undo.stderr, "");
    assert_eq!(database.classes(), ["-/- 5391", "TARGET/- 3"]);
    database.run("UPDATE \"Customer\" SET \"accountType\" = NULL");
    assert_eq!(database.value(rows), before);
}

#[test]
fn a_dry_run_changes_nothing() {
    let (project, database) = (noting(), items());
    run(&project, &database, "");
    let before = database.fingerprint_with_history();
    let mut command = project.command("undo --dry-run");
    command.arg("--database-url").arg(database.url());
    project.output(&mut command).exits(0).says("Would put back 12 values. Nothing was changed.");
    assert_eq!(database.fingerprint_with_history(), before);
}

#[test]
fn wants_to_be_confirmed() {
    let (project, database) = (noting(), items());
    run(&project, &database, "");
    let mut command = project.command("undo");
    command.arg("--database-url").arg(database.url());
    project.output(&mut command).exits(4).says("nobody confirmed it").says("Nothing was changed");
    assert_eq!(notes(&database), "a ".repeat(12).trim());
}

#[test]
fn walks_back_and_forth() {
    let (project, database) = (noting(), items());
    let original = notes(&database);
    let first = run(&project, &database, "");
    let after_first = notes(&database);
    run(&project, &database, "--set note=b --set upto=6");
    run(&project, &database, "--set note=b --set upto=6"); // changes nothing
    let after_second = notes(&database);
    project.run(&database, "undo").exits(0).says("Put back 6 values.");
    assert_eq!(notes(&database), after_first);
    project.run(&database, "undo").exits(0).says("Put back 12 values.");
    assert_eq!(notes(&database), original);
    project
        .run(&database, "undo")
        .exits(2)
        .says("there is no run to undo")
        .says("to take back the last undo: leora-run undo");

    let undos =
        database.rows("SELECT id FROM leora_run.run WHERE undoes IS NOT NULL ORDER BY number DESC");
    project.run(&database, &format!("undo {}", undos[0][0])).exits(0).says("Put back 12 values.");
    assert_eq!(notes(&database), after_first, "the undo is undone");
    project.run(&database, &format!("undo {}", undos[1][0])).exits(0).says("Put back 6 values.");
    assert_eq!(notes(&database), after_second);
    project.run(&database, "undo").exits(0);
    project.run(&database, &format!("undo {first}")).exits(0).says("Put back 12 values.");
    assert_eq!(notes(&database), original, "undone and redone and undone again");
    project.run(&database, &format!("undo {first}")).exits(2).says("is undone already");
}

#[test]
fn finds_a_run_by_how_its_id_starts() {
    let (project, database) = (noting(), items());
    let first = run(&project, &database, "--set upto=3");
    let nothing = run(&project, &database, "--set upto=3");
    run(&project, &database, "--set upto=3 --set note=b");
    project
        .run(&database, "undo 0")
        .exits(2)
        .says("3 runs have an id that starts with 0")
        .says("write more of the one that is meant: 0");
    project.run(&database, "undo ffff").exits(2).says("no run has an id that starts with ffff");
    project.run(&database, &format!("undo {nothing}")).exits(2).says("changed nothing");
    project.script("writes = [\"Item.note\"]", "expect(\"no\", false);");
    project.run(&database, "scripts/try").exits(1);
    let failed = database.value("SELECT id FROM leora_run.run WHERE outcome = 'failed'");
    project.run(&database, &format!("undo {failed}")).exits(2).says("ended as failed");
    project
        .run(&database, &format!("undo {}", &first[..20]))
        .exits(0)
        .says("Put back 0 values, left 3");
}

#[test]
fn leaves_what_was_edited_or_deleted_since() {
    let (project, database) = (noting(), items());
    run(&project, &database, "");
    database.run("UPDATE \"Item\" SET note = 'mine' WHERE id = 2; UPDATE \"Item\" SET note = NULL WHERE id = 3; DELETE FROM \"Item\" WHERE id = 5");
    let undo = project.run(&database, "undo --verbose").exits(0);
    let undo = undo
        .says("Item.note: put back 9 values")
        .says(
            "      left 2 that your team edited since\n      left 1 that your team deleted since\n",
        )
        .says("        2 (edited)\n        3 (edited)\n        5 (deleted)\n")
        .tells(
            "Put back 9 values, left 2 that your team edited since and 1 whose rows are deleted.",
        );
    assert!(!undo.stdout.contains("4 (edited)"));
    assert_eq!(notes(&database), "n1 mine - n4 n6 n7 n8 n9 n10 n11 n12");

    run(&project, &database, "");
    database.run("UPDATE \"Item\" SET note = 'mine' WHERE id = 2");
    let undo = project.run(&database, "undo --format json --verbose").exits(0).json();
    let change = &undo["steps"][0]["changes"][0];
    assert_eq!((&change["edited"], &change["deleted"]), (&1.into(), &0.into()));
    assert_eq!(change["left"], serde_json::json!([{ "key": "2", "why": "edited" }]));
}

#[test]
fn leaves_what_a_later_run_took_away_and_back() {
    let (project, database) = (noting(), items());
    let first = run(&project, &database, "");
    run(&project, &database, "--set note=b --set upto=4");
    run(&project, &database, "--set note=a --set upto=3");
    project
        .run(&database, &format!("undo {first}"))
        .exits(0)
        .says("Put back 8 values, left 4 that your team edited since.");
    assert_eq!(notes(&database), "a a a b n5 n6 n7 n8 n9 n10 n11 n12");
}

#[test]
fn a_change_that_was_undone_again_is_not_in_the_way() {
    let (project, database) = (noting(), items());
    let original = notes(&database);
    let first = run(&project, &database, "");
    run(&project, &database, "--set note=b --set upto=4");
    project.run(&database, "undo").exits(0);
    project.run(&database, &format!("undo {first}")).exits(0).says("Put back 12 values.");
    assert_eq!(notes(&database), original);
}

#[test]
fn a_change_that_was_undone_and_redone_is_in_the_way() {
    let (project, database) = (noting(), items());
    let first = run(&project, &database, "");
    run(&project, &database, "--set note=b --set upto=4");
    project.run(&database, "undo").exits(0);
    let undo = database.value("SELECT id FROM leora_run.run WHERE undoes IS NOT NULL");
    project.run(&database, &format!("undo {undo}")).exits(0).says("Put back 4 values");
    database.run("UPDATE \"Item\" SET note = 'a' WHERE id = 1");
    project.run(&database, &format!("undo {first}")).exits(0).says("Put back 8 values, left 4");
    assert_eq!(notes(&database), "a b b b n5 n6 n7 n8 n9 n10 n11 n12");
}

/// A run that sets the note of every row to `a`, and then that of the first six to `b`.
fn twice() -> (Project, Database) {
    let (project, database) = (noting(), items());
    project.write(
        "scripts/try/02_again.rhai",
        "update(\"Item\").where(col(\"id\") <= 6).set(\"note\", \"b\");",
    );
    run(&project, &database, "");
    (project, database)
}

#[test]
fn a_run_that_sets_a_value_twice_is_undone_newest_first() {
    let (project, database) = twice();
    project.run(&database, "undo").exits(0).says("b → a  6").says("Put back 18 values.");
    assert_eq!(notes(&database), "n1 n2 n3 n4 n5 n6 n7 n8 n9 n10 n11 n12");
    let undo = database.value("SELECT id FROM leora_run.run WHERE undoes IS NOT NULL");
    project.run(&database, &format!("undo {undo}")).exits(0).says("Put back 18 values.");
    assert_eq!(notes(&database), "b b b b b b a a a a a a");
    project.run(&database, "undo").exits(0).says("Put back 18 values.");
    assert_eq!(notes(&database), "n1 n2 n3 n4 n5 n6 n7 n8 n9 n10 n11 n12");
}

#[test]
fn an_edit_to_a_value_that_the_run_had_only_for_a_while_is_an_edit() {
    let (project, database) = twice();
    database.run("UPDATE \"Item\" SET note = 'a' WHERE id = 1; UPDATE \"Item\" SET note = 'x' WHERE id = 2; DELETE FROM \"Item\" WHERE id = 3");
    project.run(&database, "undo").exits(0).tells(
        "Put back 12 values, left 2 that your team edited since and 1 whose rows are deleted.",
    );
    assert_eq!(notes(&database), "a x n4 n5 n6 n7 n8 n9 n10 n11 n12");
}

#[test]
fn keys_and_values_of_every_type_come_back_to_the_letter() {
    let database = Database::empty();
    let values = "e \"Stimmung, \"\"laut\"\"\", t text, v varchar(9), i smallint, b bigint, n numeric, p numeric(9, 3), r real, d date, \
         ts timestamp(3), tz timestamptz, u uuid, k boolean";
    let first = "'leise \"a\"', 'it''s \\ \"ü\" 🍷', '', -7, 9223372036854775807, 1.50, 2.5, 0.1, 'infinity', '2024-02-29 23:59:59.999', \
         '2024-03-31 02:30+02', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', true";
    let second = "NULL, NULL, NULL, NULL, NULL, 1.5, NULL, NULL, NULL, NULL, NULL, NULL, NULL";
    let keys = [
        ("We\"ird täble", "\"näme\" uuid PRIMARY KEY", "gen_random_uuid()"),
        ("Numbers", "id bigint PRIMARY KEY", "n"),
        ("Texts", "\"the key\" text PRIMARY KEY", "'it''s ' || chr(34) || n || '{},\\'"),
        ("Pairs", "\"a b\" text, c int, PRIMARY KEY (c, \"a b\")", "'\"x\", ' || n, n"),
    ];
    let mut sql =
        "CREATE TYPE \"Stimmung, \"\"laut\"\"\" AS ENUM ('leise \"a\"', 'laut');".to_owned();
    for (table, key, value) in keys {
        let name = format!("\"{}\"", table.replace('"', "\"\""));
        sql.push_str(&format!(
            "CREATE TABLE {name} ({values}, {key}); INSERT INTO {name} SELECT {first}, {value} FROM generate_series(1, 3) n; \
             INSERT INTO {name} SELECT {second}, {value} FROM generate_series(4, 6) n;"
        ));
    }
    database.run(&sql);
    let before = database.fingerprint();
    let columns = ["e", "t", "v", "i", "b", "n", "p", "r", "d", "ts", "tz", "u", "k"];
    let news = [
        "\"laut\"",
        "\"ö'\\\\\"",
        "\"x\"",
        "1",
        "-3",
        "7",
        "0",
        "2",
        "ago(days(1))",
        "ago(days(2))",
        "ago(days(3))",
        "\"b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"",
        "false",
    ];
    let project = Project::new();
    let (mut writes, mut script) = (Vec::new(), String::new());
    for (table, _, _) in keys {
        let escaped = table.replace('"', "\\\"");
        for (column, new) in columns.iter().zip(news) {
            writes.push(format!("\"{escaped}.{column}\""));
            script.push_str(&format!("update(\"{escaped}\").where(col(\"{column}\").is_null()).set(\"{column}\", {new});\n"));
            script.push_str(&format!("update(\"{escaped}\").where(not(col(\"{column}\") == {new})).set(\"{column}\", ());\n"));
        }
    }
    project.script(&format!("writes = [{}]", writes.join(", ")), &script);
    run(&project, &database, "");
    let after = database.fingerprint();
    assert_ne!(after, before);
    let counts = "SELECT concat_ws(' ', count(e), count(t), count(b), count(n), count(r), count(tz), count(k)) FROM \"Pairs\"";
    assert_eq!(database.value(counts), "3 3 3 0 3 3 3", "every value was given or taken away");
    project.run(&database, "undo").exits(0).says("Put back").says_not("left");
    assert_eq!(database.fingerprint(), before);
    let undo = database.value("SELECT id FROM leora_run.run WHERE undoes IS NOT NULL");
    project.run(&database, &format!("undo {undo}")).exits(0).says_not("left");
    assert_eq!(database.fingerprint(), after);
}

#[test]
fn says_what_is_gone() {
    let (project, database) = (noting(), items());
    project.write("scripts/try/02_mood.rhai", "update(\"Item\").set(\"mood\", \"HIGH\");");
    let first = run(&project, &database, "");
    database.run("ALTER TABLE \"Item\" DROP COLUMN mood");
    let said = project.run(&database, "undo").exits(0);
    said.says("Item.mood is gone, so there is nothing to put back")
        .says("rollback")
        .says("Put back 12 values.");
    let undo = database.value("SELECT id FROM leora_run.run WHERE undoes IS NOT NULL");
    assert_eq!(
        database.value(&format!("SELECT undoes FROM leora_run.run WHERE id = '{undo}'")),
        first
    );

    database.run("ALTER TABLE \"Item\" DROP CONSTRAINT \"Item_pkey\", ADD PRIMARY KEY (size)");
    project
        .run(&database, &format!("undo {undo}"))
        .exits(3)
        .says("Item has another primary key now")
        .says("nothing can be put back");
    database.run("ALTER TABLE \"Item\" RENAME TO \"Thing\"");
    project.run(&database, &format!("undo {undo}")).exits(3).says("Item is gone");
    // Neither counts as its undo.
    database.run("ALTER TABLE \"Thing\" RENAME TO \"Item\"");
    database.run("ALTER TABLE \"Item\" DROP CONSTRAINT \"Item_pkey\", ADD PRIMARY KEY (id)");
    project.run(&database, &format!("undo {undo}")).exits(0).says("Put back 12 values.");
}

#[test]
fn says_that_a_table_is_gone() {
    let (project, database) = (noting(), items());
    run(&project, &database, "");
    database.run("DROP TABLE \"Item\"");
    project
        .run(&database, "undo")
        .exits(3)
        .says("Item is gone, so there is nothing to put back")
        .says("nothing can be put back: Item is gone");
}

#[test]
fn does_not_undo_in_another_schema() {
    let (project, database) = (noting(), items());
    database.run("CREATE SCHEMA shop; CREATE TABLE shop.\"Item\" (id int PRIMARY KEY, note text); INSERT INTO shop.\"Item\" VALUES (1, 'mine')");
    let mut command = project.command("scripts/try");
    let url = format!(
        "{}{}schema=shop",
        database.url(),
        if database.url().contains('?') { "&" } else { "?" }
    );
    project
        .output(command.args(["--database-url", &url, "--confirm", &database.name]))
        .exits(0)
        .says("1 of 1 row");
    let before = database.fingerprint();
    project
        .run(&database, "undo")
        .exits(3)
        .tells("Item is in schema shop, and this is public, so there is nothing to put back");
    assert_eq!(database.fingerprint(), before);
}

#[test]
fn an_undo_that_fails_leaves_everything() {
    let (project, database) = (noting(), items());
    project.write("scripts/try/02_mood.rhai", "update(\"Item\").set(\"mood\", \"HIGH\");");
    run(&project, &database, "");
    database.run("ALTER TABLE \"Item\" ADD CONSTRAINT short CHECK (note = 'a')");
    let before = database.fingerprint();
    project.run(&database, "undo").exits(3).says("short").says("Nothing was changed.");
    assert_eq!(database.fingerprint(), before);
    assert_eq!(
        database.value("SELECT outcome FROM leora_run.run ORDER BY number DESC LIMIT 1"),
        "failed"
    );
    assert_eq!(database.value("SELECT count(DISTINCT run) FROM leora_run.transition"), "1");
    database.run("ALTER TABLE \"Item\" DROP CONSTRAINT short");
    project.run(&database, "undo").exits(0).says("Put back 24 values.");
    assert_eq!(notes(&database), "n1 n2 n3 n4 n5 n6 n7 n8 n9 n10 n11 n12");
}

#[test]
fn keeps_the_journals_of_the_last_20_runs() {
    let (project, database) = (noting(), items());
    let first = run(&project, &database, "--set note=v0");
    let second = run(&project, &database, "--set note=v1");
    for n in 2..20 {
        run(&project, &database, &format!("--set note=v{n}"));
    }
    assert_eq!(database.value("SELECT count(DISTINCT run) FROM leora_run.transition"), "20");
    run(&project, &database, "--set note=v20");
    assert_eq!(database.value("SELECT count(DISTINCT run) FROM leora_run.transition"), "20");
    project.run(&database, &format!("undo {first}")).exits(2).tells(
        "is not kept any more: keep_runs in leora.toml says how many are, 20 unless it is there",
    );
    project
        .run(&database, "status")
        .exits(0)
        .says(&format!("Undo reaches back to run {}, of ", &second[..13]));
    project.run(&database, "undo").exits(0).says("Put back 12 values.");
    assert_eq!(notes(&database), "v19 ".repeat(12).trim());
}

#[test]
fn keeps_as_many_journals_as_the_manifest_says() {
    let (project, database) = (noting(), items());
    project.edit("scripts/try/leora.toml", "access", "keep_runs = 2\naccess");
    for n in 0..4 {
        run(&project, &database, &format!("--set note=v{n}"));
    }
    let kept = "SELECT count(DISTINCT run) FROM leora_run.transition";
    assert_eq!(database.value(kept), "2");
    // An undo has a journal too, and takes nobody else's away.
    project.run(&database, "undo").exits(0);
    assert_eq!(database.value(kept), "3");
    project.edit("scripts/try/leora.toml", "keep_runs = 2", "keep_runs = 0");
    let output = project.run(&database, "scripts/try").exits(2);
    output.says("without a journal no run can be undone").says("leora.toml:2:13");
}

#[test]
fn waits_for_nobody_longer_than_it_must() {
    let (project, database) = (noting(), items());
    run(&project, &database, "");
    let mut other = database.session();
    other.run("BEGIN; UPDATE \"Item\" SET note = 'mine' WHERE id = 1");
    let before = database.fingerprint_with_history();
    project
        .run(&database, "undo --lock-timeout 100ms --lock-retries 0")
        .exits(3)
        .says("Item")
        .says("process");
    assert_eq!(database.fingerprint_with_history(), before);
    other.run("COMMIT");
    project.run(&database, "undo").exits(0).says("Put back 11 values, left 1");
}

/// A folder whose name is the word for putting back, with an ordinary rule.
fn folder_called_undo(access: &str) -> Project {
    let project = Project::new();
    project.write(
        "undo/leora.toml",
        &format!("title = \"Notes\"\n{access}\nwrites = [\"Item.note\"]\n"),
    );
    project.write(
        "undo/10_note.rhai",
        "//! Notes\n\nlet note = setting(\"note\", \"a\");\nupdate(\"Item\").set(\"note\", note);\n",
    );
    project
}

#[test]
fn a_folder_called_undo_is_a_run_like_any_other() {
    let (project, database) = (folder_called_undo("access = \"read-write\""), items());
    let said = project.run(&database, "run undo --report page.html").exits(0);
    said.says("Done: 12 values changed, all committed.").says_not("Put back").says_not("put back");
    let page = std::fs::read_to_string(project.path("page.html")).expect("a page");
    assert!(page.contains("leora-run run · undo"), "the page names the folder");
    let document = project.run(&database, "run undo --set note=b --format json").exits(0).json();
    assert_eq!(document.get("undoes"), None);
    let newest = document["run"].as_str().expect("an id");

    let listed = project.run(&database, "status --format json").exits(0).json();
    assert_eq!(listed["runs"][0]["undoes"], serde_json::Value::Null);
    project
        .run(&database, "status")
        .exits(0)
        .says("would take back run")
        .says_not("take back the undo");
    project
        .run(&database, &format!("status {newest}"))
        .exits(0)
        .says("  result      done\n")
        .says("→ b: 12 rows");

    let undo = project.run(&database, "undo --report back.html --format json").exits(0).json();
    assert_eq!(undo["undoes"], newest);
    let page = std::fs::read_to_string(project.path("back.html")).expect("a page");
    assert!(page.contains("leora-run undo<"), "an undo has no folder to name");
    assert_eq!(notes(&database), "a a a a a a a a a a a a");
    // What the folder's last run was, is not hidden by the undo.
    let folder = project.run(&database, "status undo --format json").exits(0).json();
    assert_eq!(folder["last"]["run"], newest);
    project.run(&database, "undo").exits(0).says("Put back 12 values.");
    assert_eq!(notes(&database), "n1 n2 n3 n4 n5 n6 n7 n8 n9 n10 n11 n12");
    project.run(&database, "undo").exits(2).says("there is no run to undo");
}

#[test]
fn an_undo_is_not_the_last_run_of_a_folder_called_undo() {
    let (project, database) = (folder_called_undo("access = \"read-write\""), items());
    project.run(&database, "run undo").exits(0);
    project.run(&database, "undo").exits(0);
    project.write("asks/leora.toml", "title = \"Asks\"\naccess = \"read-only\"\n");
    project.write(
        "asks/10_ask.rhai",
        "//! Asks\n\nexpect(\"the run is undone\", last_run(\"undo\") == ());\n",
    );
    project.run(&database, "run asks").exits(0).says("1 of 1 held");
}
