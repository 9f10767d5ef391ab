//! `run --approved plan.json`: what was approved is what runs, or nothing.

use std::os::unix::fs::symlink;

use expect_test::expect;

use crate::support::{Database, Output, Project};

/// A plan of the migration with these options, saved as plan.json.
fn planned(options: &str) -> (Project, Database) {
    let (project, database) = (Project::new(), Database::sample());
    project.run(&database, &format!("plan scripts/phase2 --out plan.json {options}")).exits(0);
    (project, database)
}

/// Runs what was approved, which is refused with these words; nothing is changed, not even by the history.
#[track_caller]
fn refused(project: &Project, database: &Database, options: &str, words: &[&str]) {
    let before = database.whole_fingerprint();
    let mut said = approved(project, database, options)
        .exits(4)
        .tells("error: this run is not the one that was approved")
        .tells("leora-run plan scripts/phase2 --out plan.json")
        .tells("Nothing was changed");
    for word in words {
        said = said.tells(word);
    }
    assert_eq!(database.whole_fingerprint(), before);
    assert_eq!(database.value("SELECT to_regnamespace('leora_run')"), "");
}

fn approved(project: &Project, database: &Database, options: &str) -> Output {
    project.run(database, &format!("run scripts/phase2 --approved plan.json {options}"))
}

#[test]
fn takes_settings_and_date_from_the_plan() {
    let (project, database) = planned("--set active_within=3mo --as-of 2026-02-03");
    let run = approved(&project, &database, "--format json").exits(0).json();
    let plan: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(project.path("plan.json")).expect("a plan"))
            .expect("JSON");
    assert_eq!(
        (&run["as_of"], &run["settings"]["active_within"]),
        (&"2026-02-03".into(), &"3mo".into())
    );
    assert_eq!(plan["settings"], run["settings"]);
    let list = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_default();
    let effects = list(&plan["steps"]).into_iter().flat_map(|step| list(&step["effects"]));
    let rows: Vec<u64> = effects
        .flat_map(|effect| list(&effect["transitions"]))
        .filter_map(|one| one["rows"].as_u64())
        .collect();
    let done = database
        .value("SELECT string_agg(rows::text, ',' ORDER BY rule) FROM leora_run.transition");
    let (mut rows, mut done): (Vec<String>, Vec<String>) =
        (rows.iter().map(u64::to_string).collect(), done.split(',').map(str::to_owned).collect());
    rows.sort();
    done.sort();
    assert_eq!(rows, done);
    project.run(&database, "run scripts/phase2 --approved plan.json --as-of 2026-02-04").exits(2);
    project
        .run(&database, "run scripts/phase2 --approved plan.json --set reclassify=true")
        .exits(2);
}

#[test]
fn the_same_folder_may_be_written_otherwise() {
    for spelled in ["./scripts/phase2/", "scripts/../scripts/phase2", "link/phase2"] {
        let (project, database) = planned("");
        symlink(project.path("scripts"), project.path("link")).expect("a link");
        project.run(&database, &format!("run {spelled} --approved plan.json")).exits(0);
        assert_eq!(database.value("SELECT folder FROM leora_run.run"), "scripts/phase2");
    }
}

#[test]
fn refuses_another_folder_by_its_name() {
    let (project, database) = planned("");
    let run = project.run(&database, "run scripts/rollback-phase2 --approved plan.json").exits(4);
    run.tells("the plan is of scripts/phase2, and this is scripts/rollback-phase2")
        .tells("leora-run plan scripts/rollback-phase2 --out plan.json");
}

#[test]
fn refuses_other_files() {
    let (project, database) = planned("");
    let files = [
        "scripts/phase2/05_account_priorities.rhai",
        "sql/phase2-migration.sql",
        "scripts/phase2/leora.toml",
    ];
    for file in files {
        let text = std::fs::read_to_string(project.path(file)).expect("a file");
        // Even a space more is not what was approved.
        project.write(file, &format!("{text}\n"));
        refused(&project, &database, "", &[&format!("{file} has changed")]);
        project.write(file, &text);
    }
    project.write("scripts/phase2/07_more.rhai", "//! More\n");
    refused(&project, &database, "", &["scripts/phase2/07_more.rhai is new"]);
    std::fs::remove_file(project.path("scripts/phase2/07_more.rhai")).expect("removed");
    std::fs::remove_file(project.path("scripts/phase2/06_record_migration.rhai")).expect("removed");
    refused(&project, &database, "", &["scripts/phase2/06_record_migration.rhai is gone"]);
}

#[test]
fn refuses_a_script_that_lost_a_setting_of_the_plan() {
    let (project, database) = planned("--set share_tolerance=50");
    project.write("scripts/phase2/02_verify_classification.rhai", "//! Nothing\n");
    refused(&project, &database, "", &["02_verify_classification.rhai has changed"]);
}

#[test]
fn refuses_another_database() {
    let (project, database) = planned("");
    let other = Database::sample();
    let words = format!("the plan is for {} at ", database.name);
    refused(&project, &other, "", &[&words, &format!("and this is {}", other.name)]);
}

#[test]
fn refuses_a_new_kind_of_transition() {
    let (project, database) = planned("");
    database.run("UPDATE \"Customer\" SET \"accountType\" = 'TARGET' WHERE id = (SELECT id FROM \"Customer\" WHERE \"lastOrderDate\" IS NULL LIMIT 1)");
    // That row is no PROSPECT now: one less of a kind that was approved is within what may move.
    approved(&project, &database, "--format json").exits(0);

    let (project, database) = planned("--set reclassify=true");
    database.run("UPDATE \"Customer\" SET \"accountType\" = 'TARGET' WHERE id = (SELECT id FROM \"Customer\" WHERE \"lastOrderDate\" IS NULL LIMIT 1)");
    let told =
        "01_classify_customers Customer.accountType TARGET -> PROSPECT: planned nothing, now 1 row";
    refused(&project, &database, "", &[told]);
    refused(&project, &database, "--tolerance 100%", &[told]);
}

/// Makes this many PROSPECTs of today TARGETs.
fn move_rows(database: &Database, rows: u32) {
    database.run(&format!(
        "UPDATE \"Customer\" SET \"lastOrderDate\" = now() - interval '8 months' WHERE id IN \
         (SELECT id FROM \"Customer\" WHERE \"lastOrderDate\" IS NULL ORDER BY id LIMIT {rows})"
    ));
}

#[test]
fn lets_a_count_move_a_little() {
    let (project, database) = planned("");
    // 1,089 TARGETs and 793 PROSPECTs: 10 rows are 1.3% of the latter, and still few.
    move_rows(&database, 10);
    approved(&project, &database, "").exits(0);

    let (project, database) = planned("");
    move_rows(&database, 11);
    let told = "Customer.accountType (none) -> TARGET: planned 1,089 rows, now 1,100 rows";
    refused(&project, &database, "", &[told, "(none) -> PROSPECT: planned 793 rows, now 782 rows"]);
    refused(
        &project,
        &database,
        "--tolerance 1.2%",
        &["(none) -> PROSPECT: planned 793 rows, now 782 rows"],
    );
    approved(&project, &database, "--tolerance 2%").exits(0);
}

#[test]
fn says_what_was_planned_and_what_is_now() {
    let (project, database) = planned("");
    move_rows(&database, 11);
    let output = approved(&project, &database, "").exits(4);
    let error = output.stdout.find("error: ").map_or("", |at| &output.stdout[at..]);
    expect![[r#"
        error: this run is not the one that was approved
            01_classify_customers Customer.accountType (none) -> TARGET: planned 1,089
            rows, now 1,100 rows
            01_classify_customers Customer.accountType (none) -> PROSPECT: planned 793
            rows, now 782 rows
            05_account_priorities Customer.accountPriority (none) -> LOW: planned 793
            rows, now 782 rows
            05_account_priorities Customer.accountPriority (none) -> MEDIUM: planned
            1,089 rows, now 1,100 rows
        help: make the plan anew, and approve that: leora-run plan scripts/phase2 --out
              plan.json; or let counts move further than 1 %: --tolerance PERCENT
        Nothing was changed.
    "#]]
    .assert_eq(error);
}

#[test]
fn a_count_that_fell_to_nothing_has_moved() {
    let (project, database) = planned("");
    database
        .run("UPDATE \"Customer\" SET \"accountType\" = 'ACTIVE' WHERE \"accountType\" IS NULL");
    refused(&project, &database, "", &["(none) -> ACTIVE: planned 3,512 rows, now nothing"]);
}

#[test]
fn expectations_are_judged_all_the_same() {
    let (project, database) = planned("--set active_within=1mo");
    approved(&project, &database, "--strict")
        .exits(1)
        .says("    the shares are within 10 points of 65/20/15\n")
        .says("    all customers: ACTIVE is ")
        .says("--strict counts");
    assert_eq!(database.classes(), ["-/- 5394"]);
}

#[test]
fn a_file_that_is_no_plan_is_refused() {
    let (project, database) = planned("");
    let plan = std::fs::read_to_string(project.path("plan.json")).expect("a plan");
    for (text, words) in [
        ("", "can't be read"),
        ("{}", "missing field"),
        (
            &plan.replace("\"leora_plan\": 2", "\"leora_plan\": 3"),
            "its format has version 3, of a newer leora-run, and this program reads version 2",
        ),
        (
            "{\"leora_plan\": 1, \"folder\": \"scripts/phase2\", \"transitions\": []}",
            "its format has version 1, of an older leora-run, and this program reads version 2",
        ),
        (&plan.replacen('{', "{ \"more\": 1,", 1), "unknown field"),
    ] {
        project.write("plan.json", text);
        approved(&project, &database, "").exits(2).tells(words).tells("plan");
    }
    project
        .run(&database, "run scripts/phase2 --approved nowhere.json")
        .exits(2)
        .tells("the plan nowhere.json can't be read");
    project
        .run(&database, "plan scripts/phase2 --out nowhere/plan.json")
        .exits(2)
        .tells("nowhere/plan.json");
    assert_eq!(database.value("SELECT to_regnamespace('leora_run')"), "");
}

#[test]
fn saving_a_plan_touches_no_other_file() {
    let (project, database) = (Project::new(), Database::sample());
    let others = ["plan.tmp", "plan.json.tmp", ".plan.json"];
    for name in others {
        project.write(name, "somebody's own");
    }
    let names = || {
        let entries = std::fs::read_dir(project.path("")).expect("a folder");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        names.collect::<std::collections::BTreeSet<_>>()
    };
    let before = names();
    project.run(&database, "plan scripts/phase2 --out plan.json").exits(0);
    for name in others {
        let text = std::fs::read_to_string(project.path(name)).expect("the file");
        assert_eq!(text, "somebody's own", "{name}");
    }
    let new: Vec<_> = names().difference(&before).cloned().collect();
    assert_eq!(new, ["plan.json"]);
}

/// Since the plan, somebody has written the same values otherwise.
#[test]
fn equal_values_with_another_text_are_what_was_approved() {
    let cases = [
        ("numeric", "10.0", "10.00"),
        ("interval", "1 day", "24:00:00"),
        ("double precision", "0", "-0"),
        ("jsonb", "{\"a\": 1}", "{\"a\": 1.0}"),
        ("text COLLATE any_case", "a", "A"),
        ("own.citext", "a", "A"),
        ("timestamptz", "2025-01-01 00:00+00", "2025-01-01 01:00+01"),
        ("uuid", "6ba7b810-9dad-41d1-80b4-00c04fd430c8", "{6BA7B810-9DAD-41D1-80B4-00C04FD430C8}"),
        ("point", "(1,2)", "(1.0,2.0)"),
    ];
    for strategy in ["update", "rewrite", "batches"] {
        let database = Database::empty();
        database.run(
            "CREATE SCHEMA own; CREATE EXTENSION citext SCHEMA own; \
             CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
        );
        for (name, own, other) in cases {
            let project = Project::new();
            database.run(&format!(
                "DROP TABLE IF EXISTS \"T\"; CREATE TABLE \"T\" (id int PRIMARY KEY, c {name}); \
                 INSERT INTO \"T\" SELECT n, '{own}' FROM generate_series(1, 30) n"
            ));
            project.script(
                &format!("writes = [\"T.c\"]\nstrategy = \"{strategy}\""),
                "update(\"T\").set(\"c\", ());",
            );
            let planned = |rows: u64| {
                project.run(&database, "plan scripts/try --out plan.json").exits(0);
                let at_most = format!("UPDATE \"T\" SET c = '{other}' WHERE id <= {rows}");
                database.run(&at_most);
            };
            planned(30);
            project.run(&database, "run scripts/try --approved plan.json").exits(0).says("30");
            assert_eq!(database.value("SELECT count(c) FROM \"T\""), "0", "{strategy} {name}");
            project.run(&database, "undo").exits(0).says("Put back 30 values.");
            let back =
                format!("SELECT count(*) FROM \"T\" WHERE c::text = '{other}'::{name}::text");
            let back = back.replace(" COLLATE any_case::", "::");
            assert_eq!(database.value(&back.replace("text COLLATE any_case", "text")), "30");
        }
    }
}
