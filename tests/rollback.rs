//! Taking Phase 2 back: what goes, what stays, and when it is refused.

use crate::support::{Database, Project};

const EVERYTHING: &str = "scripts/rollback-phase2 --set drop_columns=true --set clear_classification=true --set allow_data_loss=true";

const MIGRATION_ROWS: &str =
    "SELECT string_agg(name || ' ' || (rolled_back_at IS NOT NULL), ',') FROM leora_run.migration";

/// A call plan's account, or its activity, for the first customer of the first plan.
fn insert(database: &Database, table: &str) {
    let (more, values) = match table {
        "CallPlanActivity" => (", \"activityTypeId\", \"occurredAt\"", ", a.id, '2025-10-21'"),
        _ => ("", ""),
    };
    database.run(&format!(
        "INSERT INTO \"{table}\" (\"tenantId\", \"callPlanId\", \"customerId\"{more}) \
         SELECT p.\"tenantId\", p.id, c.id{values} FROM \"CallPlan\" p JOIN \"Customer\" c USING (\"tenantId\") \
         JOIN \"ActivityType\" a USING (\"tenantId\") ORDER BY p.id, c.id, a.id LIMIT 1"
    ));
    assert_eq!(database.value(&format!("SELECT count(*) FROM \"{table}\"")), "1");
}

/// Runs it, and checks that it refuses for this reason and changes nothing.
#[track_caller]
fn refuses(project: &Project, database: &Database, arguments: &str, reason: &str) {
    let before = database.fingerprint();
    let output = project.run(database, &format!("scripts/rollback-phase2 {arguments}")).exits(4);
    output
        .says(reason)
        .says("export what is needed, or undo the run that set it, then give --set\n      allow_data_loss=true")
        .says("nothing was changed");
    assert_eq!(database.fingerprint(), before, "{reason}");
}

#[test]
fn everything_taken_back_is_the_database_as_it_was() {
    let (project, database) = (Project::new(), Database::sample());
    let before = database.fingerprint();
    project.run(&database, "scripts/phase2").exits(0);
    assert_ne!(database.fingerprint(), before);
    project.run(&database, EVERYTHING).exits(0);
    assert_eq!(database.fingerprint(), before);
}

#[test]
fn by_default_the_columns_and_classes_stay_with_what_is_in_them() {
    let (project, database) = Project::after_phase2();
    let classes = database.classes();
    let output = project.run(&database, "scripts/rollback-phase2").exits(0);
    output.says("No data would be lost.").says("The columns stay").says("The classification stays");
    assert_eq!(database.classes(), classes);
    assert_eq!(database.value("SELECT to_regclass('\"CallPlanAccount\"')::text"), "");
    assert_eq!(database.value("SELECT to_regclass('\"CallPlanActivity\"')::text"), "");
    // The one that nothing uses any more goes.
    let enums = "SELECT string_agg(typname, ' ' ORDER BY typname) FROM pg_type \
         WHERE typtype = 'e' AND typnamespace = 'public'::regnamespace";
    assert_eq!(
        database.value(enums),
        "AccountPriority AccountType CallPlanStatus CustomerRiskStatus"
    );
}

#[test]
fn a_table_that_holds_rows_is_not_dropped() {
    for table in ["CallPlanAccount", "CallPlanActivity"] {
        let (project, database) = Project::after_phase2();
        insert(&database, table);
        let reason = format!("{table} holds 1 row, which would be lost");
        refuses(&project, &database, "", &reason);
        refuses(&project, &database, "--set clear_classification=true", &reason);
        let lossy = "scripts/rollback-phase2 --set allow_data_loss=true";
        project.run(&database, lossy).exits(0).says("lost, as --set allow_data_loss=true says");
        let gone = format!("SELECT to_regclass('\"{table}\"')::text");
        assert_eq!(database.value(&gone), "", "{table}");
    }
}

#[test]
fn a_column_that_holds_a_value_is_not_dropped() {
    let (project, database) = Project::after_phase2();
    let drop_columns = "--set drop_columns=true";
    let reason = "Customer.accountPriority holds 5,394 values, which would be lost";
    refuses(&project, &database, drop_columns, reason);
    database.run("UPDATE \"Customer\" SET \"accountPriority\" = NULL");
    let columns = [
        ("Customer", "accountPriority", "'LOW'"),
        ("Customer", "territory", "'South'"),
        ("CallPlan", "weekNumber", "43"),
        ("CallPlan", "year", "2025"),
        ("CallPlan", "status", "'DRAFT'"),
        ("CallPlan", "targetCount", "70"),
    ];
    for (table, column, value) in columns {
        let set = |value: &str| {
            database.run(&format!(
                "UPDATE \"{table}\" SET \"{column}\" = {value} WHERE id = (SELECT min(id::text)::uuid FROM \"{table}\")"
            ));
        };
        set(value);
        let reason = format!("{table}.{column} holds 1 value, which would be lost");
        refuses(&project, &database, drop_columns, &reason);
        set("NULL");
    }
    project.run(&database, &format!("scripts/rollback-phase2 {drop_columns}")).exits(0);
}

#[test]
fn data_loss_is_allowed_for_one_run_only() {
    let (project, database) = Project::after_phase2();
    let both = "--set drop_columns=true --set allow_data_loss=true";
    project.run(&database, &format!("scripts/rollback-phase2 {both}")).exits(0);
    assert_eq!(database.classes(), ["ACTIVE/- 3512", "PROSPECT/- 793", "TARGET/- 1089"]);
    project.run(&database, "scripts/phase2").exits(0);
    refuses(&project, &database, "--set drop_columns=true", "holds 5,394 values");
}

#[test]
fn the_cleared_classes_are_in_the_journal() {
    let (project, database) = Project::after_phase2();
    let clear = "scripts/rollback-phase2 --set clear_classification=true";
    let run = project.run(&database, &format!("{clear} --format json")).exits(0).json();
    let journal = format!(
        "SELECT table_name, column_name, old_value, new_value, sum(rows), sum(cardinality(keys_uuid)) \
         FROM leora_run.transition WHERE run = '{}' GROUP BY 1, 2, 3, 4 ORDER BY old_value",
        run["run"].as_str().expect("a run")
    );
    assert_eq!(
        database.rows(&journal),
        [
            ["Customer", "accountType", "ACTIVE", "", "3512", "3512"],
            ["Customer", "accountType", "PROSPECT", "", "793", "793"],
            ["Customer", "accountType", "TARGET", "", "1089", "1089"],
        ]
    );
    assert_eq!(database.classes(), ["-/HIGH 3512", "-/LOW 793", "-/MEDIUM 1089"]);
}

#[test]
fn a_class_that_people_set_stays() {
    let (project, database) = (Project::new(), Database::sample());
    database.run("ALTER TYPE \"AccountType\" ADD VALUE 'HOLD'");
    database
        .run("UPDATE \"Customer\" SET \"accountType\" = 'HOLD' WHERE \"lastOrderDate\" IS NULL");
    let before = database.fingerprint();
    project.run(&database, "scripts/phase2").exits(0);
    project.run(&database, EVERYTHING).exits(0);
    assert_eq!(database.fingerprint(), before);
}

#[test]
fn the_second_time_there_is_nothing_to_take_back() {
    let (project, database) = Project::after_phase2();
    project.run(&database, EVERYTHING).exits(0);
    let before = database.fingerprint();
    let output = project.run(&database, &format!("{EVERYTHING} --format json")).exits(0);
    for step in output.json()["steps"].as_array().expect("steps") {
        assert_eq!(step["objects"], serde_json::json!([]), "{step}");
    }
    assert_eq!(database.fingerprint(), before);
}

#[test]
fn what_never_was_can_be_taken_back() {
    let (project, database) = (Project::new(), Database::sample());
    let before = database.fingerprint();
    project.run(&database, "scripts/rollback-phase2 --set drop_columns=true").exits(0);
    assert_eq!(database.fingerprint(), before);
    assert_eq!(database.value("SELECT count(*) FROM leora_run.migration"), "0");
}

#[test]
fn back_and_forth_ends_where_it_was_and_the_history_follows() {
    let (project, database) = (Project::new(), Database::sample());
    let name = "20251025173000_phase2_complete";
    let mut after = vec![];
    for _ in 0..2 {
        project.run(&database, "scripts/phase2").exits(0);
        project.run(&database, "scripts/verify").exits(0).says("7 of 7 held.");
        assert_eq!(database.value(MIGRATION_ROWS), format!("{name} false"));
        after.push(database.fingerprint());
        project.run(&database, EVERYTHING).exits(0);
        project.run(&database, "scripts/verify").exits(1);
        assert_eq!(database.value(MIGRATION_ROWS), format!("{name} true"));
    }
    assert_eq!(after[0], after[1]);
}

#[test]
fn after_a_rollback_that_kept_the_columns_the_migration_makes_only_the_rest() {
    let (project, database) = Project::after_phase2();
    let before = database.fingerprint();
    project.run(&database, "scripts/rollback-phase2").exits(0);
    let output = project.run(&database, "scripts/phase2").exits(0);
    output.says("created table CallPlanAccount, CallPlanActivity").says_not("created column");
    assert_eq!(database.fingerprint(), before);
}

#[test]
fn what_others_built_on_it_is_named_and_not_dropped() {
    let (project, database) = Project::after_phase2();
    database.run("CREATE VIEW outcomes AS SELECT \"contactOutcome\" FROM \"CallPlanAccount\"");
    let before = database.fingerprint();
    let output = project.run(&database, "scripts/rollback-phase2").exits(3);
    output.says("view outcomes depends on").says("Drop or change these objects first");
    assert_eq!(database.fingerprint(), before);
}

#[test]
fn without_confirmation_nothing_is_taken_back() {
    let (project, database) = Project::after_phase2();
    let before = database.fingerprint();
    let mut command = project.command(EVERYTHING);
    project.output(command.arg("--database-url").arg(database.url())).exits(4);
    assert_eq!(database.fingerprint(), before);
}
