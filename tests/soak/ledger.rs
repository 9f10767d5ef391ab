//! The account of every value: what each row began with, what others made of it, what the journal says, and what it holds.

use serde_json::Value;

use super::table::{Form, LOW};
use crate::support::{Database, Project};

const JOURNAL: &str = "SELECT run, unnest(coalesce(keys_uuid::text[], keys_bigint::text[], keys_text)) AS key, old_value, new_value \
    FROM leora_run.transition";

const HAS_HISTORY: &str = "SELECT (to_regclass('leora_run.run') IS NOT NULL)::text";

/// Each value of a row was set as often as it was replaced, except for the one that the row holds.
#[track_caller]
pub(super) fn check_values(database: &Database, form: &Form, told: &str) {
    let journal = match database.value(HAS_HISTORY).as_str() {
        "true" => JOURNAL.to_owned(),
        _ => "SELECT NULL, NULL, NULL, NULL WHERE false".to_owned(),
    };
    let unexplained = database.rows(&format!(
        "WITH journal (run, key, was, becomes) AS ({journal}), account AS ( \
           SELECT key, value, 1 AS times FROM beginning \
           UNION ALL SELECT key, becomes, 1 FROM edit WHERE NOT gone UNION ALL SELECT key, becomes, 1 FROM journal \
           UNION ALL SELECT key, was, -1 FROM edit UNION ALL SELECT key, was, -1 FROM journal \
           UNION ALL SELECT {key}, mood, -1 FROM \"Item\") \
         SELECT key, value, sum(times) FROM account GROUP BY key, value HAVING sum(times) <> 0 ORDER BY key LIMIT 10",
        key = form.key
    ));
    assert!(unexplained.is_empty(), "{told}: values that nothing explains: {unexplained:?}");
}

/// A run that is done has left no row that was there before it and that nobody has touched since.
#[track_caller]
pub(super) fn check_done(database: &Database, form: &Form, run: &str, number: u64, told: &str) {
    let missed = database.value(&format!(
        "WITH of_run AS (SELECT key FROM ({JOURNAL}) journal WHERE run = '{run}'), \
              began AS (SELECT started_at AS at FROM leora_run.run WHERE id = '{run}') \
         SELECT count(*) FROM (SELECT {key} AS key, mood, n FROM \"Item\") item \
          WHERE mood IS DISTINCT FROM CASE WHEN n < {LOW} THEN 'low {number}' ELSE 'high {number}' END \
            AND key NOT IN (SELECT key FROM of_run) \
            AND key NOT IN (SELECT key FROM edit, began WHERE edit.at > began.at) \
            AND key NOT IN (SELECT key FROM beginning, began WHERE beginning.at > began.at)",
        key = form.key
    ));
    assert_eq!(missed, "0", "{told}: rows that the run has missed");
}

/// Undoes the last run while nobody else works, and compares each value; whether there was one to undo.
#[track_caller]
pub(super) fn check_undo(project: &Project, database: &Database, form: &Form, told: &str) -> bool {
    let key = form.key;
    database.run(&format!(
        "DROP TABLE IF EXISTS held; CREATE TABLE held AS SELECT {key} AS key, mood FROM \"Item\""
    ));
    let output = project.run(database, "undo --format json");
    if output.code == 2 {
        output.tells("there is no run to undo");
        return false;
    }
    let report = output.exits(0).json();
    let (undo, undone) = (text(&report, "run"), text(&report, "undoes"));
    let inexact = database.value(&format!(
        "WITH past AS (SELECT key, old_value, new_value FROM ({JOURNAL}) journal WHERE run = '{undone}') \
         SELECT count(*) FROM (SELECT {key} AS key, mood FROM \"Item\") item JOIN held USING (key) LEFT JOIN past USING (key) \
          WHERE item.mood IS DISTINCT FROM \
            CASE WHEN past.key IS NOT NULL AND held.mood IS NOT DISTINCT FROM past.new_value THEN past.old_value ELSE held.mood END"
    ));
    assert_eq!(inexact, "0", "{told}: values that the undo {undo} of {undone} has not put back");
    true
}

fn text(report: &Value, name: &str) -> String {
    report[name].as_str().unwrap_or_else(|| panic!("{name}: {report}")).to_owned()
}

/// What `status` says is what the history and the journal have, and nothing runs any more.
#[track_caller]
pub(super) fn check_status(project: &Project, database: &Database, told: &str) {
    let status = project.run(database, "status --format json").exits(0).json();
    let runs = status["runs"].as_array().expect("a list");
    for run in runs {
        let outcome = text(run, "outcome");
        assert_ne!(outcome, "running", "{told}: {run}");
        let stays = ["done", "partial"].contains(&outcome.as_str());
        let changed = run["changed"].as_u64().expect("a number");
        let undoable = run["can_be_undone"] == true;
        let expected = stays && changed > 0 && run["undone"] == false;
        assert_eq!(undoable, expected, "{told}: {run}");
        if !stays {
            assert_eq!(run["journal_bytes"], 0, "{told}: {run}");
        }
    }
    let said: u64 = runs.iter().map(|run| run["changed"].as_u64().unwrap_or(0)).sum();
    if database.value(HAS_HISTORY) == "true" {
        let journalled = database.value("SELECT coalesce(sum(rows), 0) FROM leora_run.transition");
        assert_eq!(said.to_string(), journalled, "{told}: what status says was changed");
    }
}
