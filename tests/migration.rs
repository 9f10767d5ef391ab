//! The whole migration on the sample, to the letter.

use expect_test::expect_file;
use serde_json::json;

use crate::support::{Database, Project};

#[test]
fn shows_every_step_in_80_columns() {
    let (project, database) = (Project::new(), Database::sample());
    let first = project.run(&database, "scripts/phase2").exits(0);
    assert_eq!(first.stderr, "");
    assert!(first.stdout.lines().all(|line| line.chars().count() <= 80), "{}", first.stdout);
    assert!(!first.stdout.contains('\u{1b}'), "a pipe gets no colour");
    expect_file!["expected/phase2_first_run.txt"].assert_eq(&first.lasting(&database));
    assert_eq!(database.classes(), ["ACTIVE/HIGH 3512", "PROSPECT/LOW 793", "TARGET/MEDIUM 1089"]);

    let fingerprint = database.fingerprint();
    let second = project.run(&database, "scripts/phase2").exits(0);
    expect_file!["expected/phase2_second_run.txt"].assert_eq(&second.lasting(&database));
    assert_eq!(database.fingerprint(), fingerprint, "a second run changes nothing");
}

#[test]
fn tells_the_same_as_json() {
    let (project, database) = (Project::new(), Database::sample());
    let output = project.run(&database, "scripts/phase2 --format json --as-of 2026-01-31").exits(0);
    let report = output.json();
    assert_eq!(report["outcome"], "done");
    assert_eq!(report["folder"], "scripts/phase2");
    assert_eq!(report["as_of"], "2026-01-31");
    assert_eq!(report["target"]["database"], database.name.as_str());
    assert_eq!(report["target"]["from"], "--database-url");
    assert_eq!(report["error"], json!(null));
    assert_eq!(
        report["settings"],
        json!({ "active_within": "6mo", "target_within": "1y", "reclassify": "false", "share_tolerance": "10" })
    );
    let names: Vec<&str> = report["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .map(|step| step["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(
        names,
        [
            "01_classify_customers",
            "02_verify_classification",
            "03_apply_schema",
            "04_verify_schema",
            "05_account_priorities",
            "06_record_migration"
        ]
    );
    let id = report["run"].as_str().expect("an id");
    let kept = std::fs::read_to_string(project.path(&format!(".leora/runs/{id}.json")))
        .expect("a local copy");
    assert_eq!(kept, output.stdout);
}

#[test]
fn reports_each_transition_as_json() {
    let (project, database) = (Project::new(), Database::sample());
    let report = project.run(&database, "scripts/phase2 --format json").exits(0).json();
    assert_eq!(
        report["steps"][0]["changes"],
        json!([{
            "table": "Customer", "column": "accountType", "strategy": "rewrite", "rows": 5394, "changed": 5394,
            "left_out": 0, "unmatched": 0, "same": 0,
            "transitions": [
                { "old": null, "new": "ACTIVE", "rows": 3512 },
                { "old": null, "new": "TARGET", "rows": 1089 },
                { "old": null, "new": "PROSPECT", "rows": 793 },
            ],
        }])
    );
    let again = project.run(&database, "scripts/phase2 --format json").exits(0).json();
    let change = &again["steps"][0]["changes"][0];
    assert_eq!((&change["changed"], &change["left_out"]), (&json!(0), &json!(5394)));
    assert_eq!(change["transitions"], json!([]), "transitions list only real changes");
    assert_eq!(again["steps"][4]["changes"][0]["same"], 5394);
}

#[test]
fn keeps_a_history_and_a_journal() {
    let (project, database) = (Project::new(), Database::sample());
    project.run(&database, "scripts/phase2 --set active_within=180d").exits(0);
    let run = database.rows(
        "SELECT outcome, folder, settings->>'active_within', finished_at IS NOT NULL, \
                checksums ? 'scripts/phase2/01_classify_customers.rhai' FROM leora_run.run",
    );
    assert_eq!(run, [["done", "scripts/phase2", "180d", "t", "t"]]);
    assert_eq!(database.value("SELECT count(*) FROM leora_run.step"), "6");
    assert_eq!(database.value("SELECT sum(changed) FROM leora_run.step"), "10788");
    let lost = database.value(
        "SELECT count(*) FROM \"Customer\" c WHERE NOT EXISTS (SELECT FROM leora_run.transition t \
         WHERE t.column_name = 'accountType' AND t.old_value IS NULL AND t.new_value = c.\"accountType\"::text \
         AND c.id = ANY (t.keys_uuid))",
    );
    assert_eq!(lost, "0", "every changed row is in the journal, under the transition it made");
    let names = "SELECT name FROM leora_run.migration WHERE rolled_back_at IS NULL";
    assert_eq!(database.value(names), "20251025173000_phase2_complete");
}
