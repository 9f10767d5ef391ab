//! Databases where an earlier run stopped half-way, or did something else.

use std::collections::HashSet;

use crate::schema::{
    Bent, ENUMS, MIGRATION, bent, create, every_object, migrated, missing, other_kinds, unmigrated,
};
use crate::support::{Database, Output, Project};

/// What a run created, as sort and name, sorted.
#[track_caller]
fn created(output: &Output) -> Vec<String> {
    let json = output.json();
    let steps = json["steps"].as_array().expect("steps");
    let objects = steps.iter().flat_map(|step| step["objects"].as_array().expect("objects"));
    let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
    let mut created: Vec<String> = objects
        .map(|object| {
            assert_eq!(object["change"], "created", "{object}");
            format!("{} {}", text(&object["kind"]), text(&object["name"]))
        })
        .collect();
    created.sort();
    created
}

/// Runs the migration, which must create exactly these objects, and verifies.
#[track_caller]
fn completes(project: &Project, database: &Database, missing: &[String], why: &str) {
    let output = project.run(database, "scripts/phase2 --format json").exits(0);
    let mut missing = missing.to_vec();
    missing.sort();
    assert_eq!(created(&output), missing, "{why}");
    project.run(database, "scripts/verify").exits(0).says("7 of 7 held.");
}

#[test]
fn what_is_missing_is_made_and_nothing_else() {
    let (project, database) = (Project::new(), migrated());
    for gone in missing() {
        database.run(&gone.sql);
        completes(&project, &database, &gone.objects, &gone.sql);
    }
    completes(&project, &database, &[], "nothing is missing");
}

/// Takes the schema of Phase 2 back.
fn take_back(database: &Database) {
    database.run(include_str!("../sql/phase2-rollback.sql"));
    database.run(include_str!("../sql/phase2-rollback-columns.sql"));
}

#[test]
fn an_enum_table_or_column_that_is_there_already_stays() {
    let (project, database) = (Project::new(), unmigrated());
    let before = database.fingerprint();
    let statements = create();
    let (enums, others): (Vec<_>, Vec<_>) =
        statements.iter().partition(|(sql, _)| sql.starts_with("CREATE TYPE"));
    let alone = |sql: &str| !sql.contains("INDEX") && !sql.contains("FOREIGN KEY");
    for (sql, objects) in enums.iter().chain(&others).filter(|(sql, _)| alone(sql)) {
        // A column comes with its enum.
        let there: Vec<_> = enums
            .iter()
            .filter(|(_, names)| names == objects || sql.contains(&names[0].replace("enum ", "")))
            .collect();
        there.iter().for_each(|(sql, _)| database.run(sql));
        if !sql.starts_with("CREATE TYPE") {
            database.run(sql);
        }
        let there: HashSet<&String> =
            there.iter().flat_map(|(_, names)| names).chain(objects).collect();
        let missing: Vec<String> =
            every_object().into_iter().filter(|object| !there.contains(object)).collect();
        completes(&project, &database, &missing, sql);
        take_back(&database);
        assert_eq!(database.fingerprint(), before, "{sql}");
    }
}

#[test]
fn stopped_after_any_statement_the_migration_goes_on_from_there() {
    let database = migrated();
    let wanted = database.session().catalog();
    let database = unmigrated();
    let mut session = database.session();
    let statements = create();
    for done in 0..=statements.len() {
        session.run("BEGIN");
        statements[..done].iter().for_each(|(sql, _)| session.run(sql));
        session.run(MIGRATION);
        assert_eq!(session.catalog(), wanted, "after {done} statements");
        session.run("ROLLBACK");
    }
}

/// The text that the migration refuses with, in a transaction that is taken back.
fn refusal(session: &mut crate::support::Session, sql: &str) -> String {
    session.run("BEGIN");
    session.run(sql);
    let said = session.try_run(MIGRATION).expect_err(sql);
    session.run("ROLLBACK");
    said
}

#[test]
fn every_other_shape_is_named_with_what_it_should_be() {
    let database = migrated();
    let mut session = database.session();
    for shape in bent().into_iter().chain(crate::schema::further()) {
        let said = refusal(&mut session, &shape.sql);
        assert!(said.starts_with("42710 "), "after {}: {said}", shape.sql);
        for part in &shape.refusal {
            assert!(said.contains(part), "after {}:\n{said}\nhas no {part}", shape.sql);
        }
    }
}

#[test]
fn something_else_of_a_wanted_name_is_named() {
    let database = migrated();
    let mut session = database.session();
    for (sql, wanted) in other_kinds() {
        let said = refusal(&mut session, &sql);
        assert!(said.contains(&wanted), "after {sql}:\n{said}\nhas no {wanted}");
    }
}

/// The first of the shapes that each object can have. With another AccountType the first script fails already.
fn one_shape_each() -> Vec<Bent> {
    let mut seen = HashSet::from(["enum AccountType".to_owned()]);
    let object = |shape: &Bent| {
        let words: Vec<&str> = shape.findings[0].split_whitespace().collect();
        words[..if words[1] == "key" { 4 } else { 2 }].join(" ")
    };
    bent().into_iter().filter(|shape| seen.insert(object(shape))).collect()
}

#[test]
fn a_run_refuses_another_shape_and_changes_nothing() {
    let (project, database) = (Project::new(), migrated());
    let shapes = one_shape_each();
    assert_eq!(shapes.len(), 3 + 23 + 2 + 15 + 7);
    for shape in shapes {
        database.run(&shape.sql);
        let before = database.fingerprint();
        let output = project.run(&database, "scripts/phase2 --format json").exits(3);
        let error = &output.json()["error"];
        for part in &shape.refusal {
            let message = error["message"].as_str().expect("a message");
            assert!(message.contains(part), "after {}:\n{error}\nhas no {part}", shape.sql);
        }
        assert_eq!(error["sqlstate"], "42710");
        assert_eq!(database.fingerprint(), before, "after {}", shape.sql);
        database.run(&shape.undo);
        database.run(MIGRATION);
    }
    completes(&project, &database, &[], "everything is repaired");
}

#[test]
fn a_refused_run_takes_its_classification_back_and_shows_every_difference_with_a_remedy() {
    let (project, database) = (Project::new(), Database::sample());
    database.run(
        "ALTER TABLE \"Customer\" ADD COLUMN territory integer; \
         CREATE TYPE \"CallPlanStatus\" AS ENUM ('DRAFT', 'ARCHIVED')",
    );
    let before = database.fingerprint();
    let output = project.run(&database, "scripts/phase2").exits(3);
    output
        .says("enum CallPlanStatus is (DRAFT, ARCHIVED)")
        .says("column Customer.territory is integer null; it should be text null")
        .says("Nothing was changed.")
        .says("ALTER TYPE public.\"CallPlanStatus\" ADD VALUE 'ACTIVE' AFTER 'DRAFT';")
        .says("ALTER COLUMN territory TYPE text");
    assert_eq!(database.fingerprint(), before);
    database.run(
        "ALTER TABLE \"Customer\" ALTER COLUMN territory TYPE text; \
         ALTER TYPE \"CallPlanStatus\" ADD VALUE 'ACTIVE' AFTER 'DRAFT'",
    );
    database.run("ALTER TYPE \"CallPlanStatus\" ADD VALUE 'COMPLETED' AFTER 'ACTIVE'");
    project.run(&database, "scripts/phase2").exits(0);
    project.run(&database, "scripts/verify").exits(0);
}

#[test]
fn further_labels_columns_and_rows_are_no_obstacle() {
    let (project, database) = (Project::new(), Database::sample());
    project.run(&database, "scripts/phase2").exits(0);
    for (name, _) in ENUMS {
        database.run(&format!("ALTER TYPE \"{name}\" ADD VALUE 'HOLD'"));
    }
    database.run(
        "INSERT INTO \"CallPlanAccount\" (\"tenantId\", \"callPlanId\", \"customerId\") \
         SELECT p.\"tenantId\", p.id, c.id FROM \"CallPlan\" p JOIN \"Customer\" c USING (\"tenantId\") LIMIT 9; \
         ALTER TABLE \"CallPlanAccount\" ADD COLUMN more integer",
    );
    completes(&project, &database, &[], "only more than is wanted");
}
