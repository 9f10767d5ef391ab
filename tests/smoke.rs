//! Trying call planning, which takes all of it back.

use crate::support::{Database, Output, Project};

/// Runs it, and checks that it leaves no trace.
#[track_caller]
fn smoke(project: &Project, database: &Database, code: i32) -> Output {
    let before = database.fingerprint();
    let runs = "SELECT count(*) FROM leora_run.run";
    let known = |database: &Database| match database
        .value("SELECT to_regclass('leora_run.run')::text")
        .is_empty()
    {
        true => "no history".to_owned(),
        false => database.value(runs),
    };
    let history = known(database);
    let output = project.run(database, "scripts/carla-smoke").exits(code);
    assert_eq!(database.fingerprint(), before);
    assert_eq!(known(database), history);
    output
}

/// Breaks something, and looks for the expectations that then do not hold.
#[track_caller]
fn fails(sql: &str, unmet: &[&str]) {
    let (project, database) = Project::after_phase2();
    database.run(sql);
    let output = smoke(&project, &database, 1);
    let said: Vec<&str> =
        output.stdout.lines().filter_map(|line| line.strip_prefix("  ✗ ")).collect();
    assert_eq!(said, unmet, "after {sql}");
}

#[test]
fn ten_of_ten_hold_and_nothing_is_left() {
    let (project, database) = Project::after_phase2();
    smoke(&project, &database, 0)
        .says("10/10")
        .says("10 of 10 held; everything was rolled back.")
        .says("✓ the call plan \"Week 43 - 2025\" is a DRAFT")
        .says("✓ the customer is in it, to introduce the new Chardonnay");
}

#[test]
fn it_needs_no_confirmation() {
    let (project, database) = Project::after_phase2();
    let mut command = project.command("scripts/carla-smoke");
    project.output(command.arg("--database-url").arg(database.url())).exits(0);
}

#[test]
fn before_the_migration_it_says_what_to_run_first() {
    let (project, database) = (Project::new(), Database::sample());
    smoke(&project, &database, 4)
        .says("this database is not at Phase 2")
        .says("leora-run scripts/phase2");
}

#[test]
fn half_of_the_migration_is_not_enough() {
    let (project, database) = Project::after_phase2();
    database.run("DROP TABLE \"CallPlanActivity\"");
    smoke(&project, &database, 4).says("this database is not at Phase 2");
}

#[test]
fn without_the_unique_index_a_customer_can_be_in_a_plan_twice() {
    fails(
        "DROP INDEX \"CallPlanAccount_callPlanId_customerId_key\"",
        &["a customer is in a plan only once"],
    );
}

#[test]
fn without_a_foreign_key_strangers_get_in() {
    fails(
        "ALTER TABLE \"CallPlanAccount\" DROP CONSTRAINT \"CallPlanAccount_customerId_fkey\"",
        &["an unknown customer is refused"],
    );
    fails(
        "ALTER TABLE \"CallPlanActivity\" DROP CONSTRAINT \"CallPlanActivity_activityTypeId_fkey\"",
        &["an unknown activity type is refused"],
    );
    fails(
        "ALTER TABLE \"CallPlanAccount\" DROP CONSTRAINT \"CallPlanAccount_callPlanId_fkey\"",
        &["an unknown call plan is refused", "deleting the plan deletes what is in it"],
    );
}

#[test]
fn another_default_is_noticed() {
    fails(
        "ALTER TABLE \"CallPlanAccount\" ALTER COLUMN \"contactOutcome\" SET DEFAULT 'VISITED'",
        &["nobody has tried to reach it yet"],
    );
}

#[test]
fn a_cascade_that_is_missing_stops_the_deletion() {
    let (project, database) = Project::after_phase2();
    database.run(
        "ALTER TABLE \"CallPlanAccount\" DROP CONSTRAINT \"CallPlanAccount_callPlanId_fkey\", \
         ADD CONSTRAINT \"CallPlanAccount_callPlanId_fkey\" FOREIGN KEY (\"callPlanId\") REFERENCES \"CallPlan\" (id)",
    );
    smoke(&project, &database, 3)
        .says("violates foreign key constraint\n       \"CallPlanAccount_callPlanId_fkey\"");
}

#[test]
fn without_anything_to_try_it_with_it_refuses() {
    let (project, database) = Project::after_phase2();
    database.run("DELETE FROM \"Customer\"");
    smoke(&project, &database, 4).says("no customer or no activity type");
    database.run("DELETE FROM \"User\"");
    smoke(&project, &database, 4).says("there is no User to try it with");
}
