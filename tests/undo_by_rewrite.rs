//! The undo of a rewritten table rewrites it too, where that is exact.

use crate::support::{Database, LOG_STATEMENTS, OwnServer, Project, logged, statements};

const ITEMS: &str = "\
CREATE TABLE \"Item\" (id int PRIMARY KEY, size int, mood text, note text); \
INSERT INTO \"Item\" SELECT i, i, CASE WHEN i <= 10 THEN 'kept' END, CASE WHEN i % 2 = 0 THEN 'even' END FROM generate_series(1, 300) i; \
CREATE INDEX moods ON \"Item\" (mood)";

/// Each mood goes back to none. The notes go back to two values, but a note of one mood to one of them.
const RULES: &str = "update(\"Item\").where(col(\"mood\").is_null()).set(\"mood\", [[col(\"size\") > 100, \"big\"], [otherwise, \"small\"]]);
update(\"Item\").set(\"note\", [[col(\"note\") == \"even\", \"2\"], [otherwise, \"1\"]]);\n";

const MANIFEST: &str = "writes = [\"Item.mood\", \"Item.note\"]\nstrategy = \"rewrite\"";

struct Undone {
    project: Project,
    database: Database,
    before: String,
}

/// A run of these rules.
fn run(server: &OwnServer, rules: &str) -> Undone {
    let (project, database) = (Project::new(), server.empty());
    database.run(ITEMS);
    project.script(MANIFEST, rules);
    let before = database.fingerprint();
    project.run(&database, "scripts/try").exits(0);
    Undone { project, database, before }
}

/// How the last undo wrote the table.
fn writes(server: &OwnServer, database: &Database) -> Vec<&'static str> {
    let entries = logged(server, database);
    let all: Vec<&str> = statements(&entries).collect();
    let began = all
        .iter()
        .rposition(|text| text.contains("'Undo of"))
        .or_else(|| all.iter().rposition(|text| text.contains("record_start")));
    let kind = |text: &&str| {
        let of_table = text.contains("\"public\".\"Item\"");
        match of_table && text.contains("ALTER COLUMN") {
            true => Some("rewrite"),
            false => (of_table && text.starts_with("UPDATE")).then_some("update"),
        }
    };
    all[began.unwrap_or(0)..].iter().filter_map(kind).collect()
}

#[test]
fn a_rewritten_table_is_put_back_by_one_rewrite() {
    let server = OwnServer::start(&LOG_STATEMENTS);
    let Undone { project, database, before } = run(&server, RULES);
    let after = database.fingerprint();
    let undone = project.run(&database, "undo --format json").exits(0).json();
    assert_eq!(writes(&server, &database), ["rewrite"]);
    assert_eq!(database.fingerprint(), before);
    let analyzed =
        "SELECT count(*) FROM pg_stats WHERE tablename = 'Item' AND attname IN ('mood', 'note')";
    assert_eq!(database.value(analyzed), "2");
    // An undo has no manifest that asks for a rewrite.
    let again = format!("undo {}", undone["run"].as_str().expect("an id"));
    project.run(&database, &again).exits(0).says("Put back 590 values");
    assert_eq!(writes(&server, &database), ["update"]);
    assert_eq!(database.fingerprint(), after);
}

#[test]
fn it_is_rewritten_only_where_that_puts_back_what_an_update_would() {
    let server = OwnServer::start(&LOG_STATEMENTS);
    let two_olds = "update(\"Item\").set(\"note\", \"x\");";
    let cases = [
        ("a value of several old ones", two_olds, "SELECT 1", "update"),
        (
            "somebody edited a row",
            RULES,
            "UPDATE \"Item\" SET mood = 'mine' WHERE id = 200",
            "rewrite",
        ),
        (
            "somebody edited a row to what another got",
            RULES,
            "UPDATE \"Item\" SET mood = 'small' WHERE id = 200",
            "update",
        ),
        (
            "a row has come with such a value",
            RULES,
            "INSERT INTO \"Item\" VALUES (301, 1, 'big', '1')",
            "update",
        ),
        ("a row is gone", RULES, "DELETE FROM \"Item\" WHERE id = 200", "rewrite"),
        (
            "a row had the value before",
            RULES,
            "UPDATE \"Item\" SET mood = 'big' WHERE id = 3",
            "update",
        ),
        ("a view reads it", RULES, "CREATE VIEW v AS SELECT mood, note FROM \"Item\"", "update"),
    ];
    for (what, rules, since, kind) in cases {
        let Undone { project, database, .. } = run(&server, rules);
        let wanted =
            "SELECT string_agg(format('%s %s %s', id, mood, note), ',' ORDER BY id) FROM \"Item\"";
        database.run(since);
        // What a row by row undo leaves there.
        database.run(
            "CREATE TABLE wanted AS SELECT t.id, \
               CASE WHEN m.new_value IS NOT DISTINCT FROM t.mood AND m.key IS NOT NULL THEN m.old_value ELSE t.mood END AS mood, \
               CASE WHEN n.new_value IS NOT DISTINCT FROM t.note AND n.key IS NOT NULL THEN n.old_value ELSE t.note END AS note \
             FROM \"Item\" t \
             LEFT JOIN (SELECT unnest(keys_bigint) AS key, old_value, new_value FROM leora_run.transition WHERE column_name = 'mood') m ON m.key = t.id \
             LEFT JOIN (SELECT unnest(keys_bigint) AS key, old_value, new_value FROM leora_run.transition WHERE column_name = 'note') n ON n.key = t.id",
        );
        project.run(&database, "undo").exits(0);
        assert_eq!(writes(&server, &database), [kind], "{what}");
        assert_eq!(
            database.value(wanted),
            database.value(&wanted.replace("\"Item\"", "wanted")),
            "{what}"
        );
    }
}

/// Without the manifest that the run read, nobody has asked for a rewrite; and a dry run keeps no readers waiting.
#[test]
fn a_rewrite_is_undone_so_only_where_its_manifest_asks_for_it() {
    let server = OwnServer::start(&LOG_STATEMENTS);
    let Undone { project, database, before } = run(&server, RULES);
    project.run(&database, "undo --dry-run").exits(0);
    assert_eq!(writes(&server, &database), ["update"]);
    project.edit("scripts/try/leora.toml", "rewrite", "update");
    project.run(&database, "undo").exits(0);
    assert_eq!(writes(&server, &database), ["update"]);
    assert_eq!(database.fingerprint(), before);
}
