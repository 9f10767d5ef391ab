//! The verification: before the migration, after it, and with one thing missing or bent at a time.

use serde_json::Value;

use crate::schema::{
    self, Bent, COLUMNS, ENUMS, FOREIGN_KEYS, INDEXES, MIGRATION, TABLES, bent, further, migrated,
    missing,
};
use crate::support::{Database, Output, Project};

/// Everything that a verification found, sorted.
fn findings(output: &Output) -> Vec<String> {
    let json = output.json();
    let steps = json["steps"].as_array().unwrap_or_else(|| panic!("{}", output.stdout));
    assert_eq!(steps.len(), 7, "it looks at everything, also after a finding");
    let expectations =
        steps.iter().flat_map(|step| step["expectations"].as_array().expect("a list"));
    let found = expectations.flat_map(|one| one["findings"].as_array().expect("findings"));
    let mut found: Vec<String> = found.filter_map(Value::as_str).map(str::to_owned).collect();
    found.sort();
    found
}

fn verify(project: &Project, database: &Database) -> Output {
    project.run(database, "scripts/verify --format json")
}

/// Breaks, looks for exactly these findings, and repairs.
#[track_caller]
fn finds(project: &Project, database: &Database, sql: &str, wanted: &[String], undo: &str) {
    database.run(sql);
    let output = verify(project, database);
    // An index's definition ends its finding; that there is one is enough.
    let found: Vec<String> = findings(&output)
        .iter()
        .map(|one| {
            one.split_once(": CREATE ")
                .map_or(one.clone(), |(before, _)| format!("{before}: CREATE"))
        })
        .collect();
    let mut wanted = wanted.to_vec();
    wanted.sort();
    assert_eq!(found, wanted, "after {sql}");
    assert_eq!(output.code, 1, "after {sql}");
    database.run(undo);
    database.run(MIGRATION);
}

#[test]
fn before_the_migration_it_names_everything_and_exits_1() {
    let (project, database) = (Project::new(), Database::sample());
    let output = project.run(&database, "scripts/verify").exits(1);
    let output = output.says("7 expectations did not hold").says("5,394 customers without a class");
    for (name, _) in &ENUMS[1..] {
        assert!(output.stdout.contains(&format!("enum {name} is missing")), "{name}");
    }
    for table in TABLES {
        assert!(output.stdout.contains(&format!("table {table} is missing")), "{table}");
        assert!(output.stdout.contains(&format!("primary key of {table} is missing")), "{table}");
    }
    for column in COLUMNS.iter().filter(|column| !TABLES.contains(&column.table)) {
        assert!(output.stdout.contains(&format!("column {} is missing", column.place())));
    }
    for index in INDEXES {
        assert!(output.stdout.contains(&format!("index {} is missing", index.name)));
    }
    for key in FOREIGN_KEYS {
        let finding = format!("foreign key of {}.{} is missing", key.table, key.column);
        assert!(output.stdout.contains(&finding), "{finding}");
    }
}

#[test]
fn after_the_migration_7_of_7_hold_and_nothing_is_written() {
    let (project, database) = (Project::new(), Database::sample());
    project.run(&database, "scripts/phase2").exits(0);
    let before = database.fingerprint();
    project.run(&database, "scripts/verify").exits(0).says("7/7 Data counts").says("7 of 7 held.");
    assert_eq!(database.fingerprint(), before);
}

#[test]
fn it_leaves_no_trace_on_a_database_that_no_run_has_seen() {
    let (project, database) = (Project::new(), Database::sample());
    let before = database.fingerprint();
    project.run(&database, "scripts/verify").exits(1);
    assert_eq!(database.fingerprint(), before);
    assert_eq!(database.value("SELECT to_regnamespace('leora_run')::text"), "");
}

#[test]
fn a_role_that_may_only_read_can_verify() {
    let (project, database) = (Project::new(), migrated());
    let role = format!("reader_{}", database.name);
    database.run(&format!(
        "CREATE ROLE {role} LOGIN PASSWORD 'pw'; ALTER ROLE {role} SET default_transaction_read_only = on; \
         GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
    ));
    let mut command = project.command("scripts/verify");
    command.arg("--database-url").arg(database.url_as(&role, "pw"));
    let output = project.output(&mut command);
    database.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
    output.exits(0).says("7 of 7 held.");
}

#[test]
fn each_missing_object_is_found() {
    let (project, database) = (Project::new(), migrated());
    for gone in missing() {
        finds(&project, &database, &gone.sql, &gone.findings, "");
    }
    assert_eq!(findings(&verify(&project, &database).exits(0)), [""; 0]);
}

/// Bends one thing after the other; in the end all is as it was.
fn each_is_found(shapes: Vec<Bent>) {
    assert!(!shapes.is_empty());
    let (project, database) = (Project::new(), migrated());
    for shape in shapes {
        finds(&project, &database, &shape.sql, &shape.findings, &shape.undo);
    }
    assert_eq!(findings(&verify(&project, &database).exits(0)), [""; 0]);
}

fn bent_where(sort: impl Fn(&str) -> bool) -> Vec<Bent> {
    bent().into_iter().filter(|shape| sort(&shape.findings[0])).collect()
}

#[test]
fn each_bent_enum_or_key_is_found() {
    each_is_found(bent_where(|finding| {
        !finding.starts_with("column ") && !finding.starts_with("index ")
    }));
}

#[test]
fn each_bent_column_is_found() {
    each_is_found(bent_where(|finding| finding.starts_with("column ")));
}

#[test]
fn each_bent_index_is_found() {
    each_is_found(bent_where(|finding| finding.starts_with("index ")));
}

#[test]
fn other_precisions_and_column_orders_are_found() {
    each_is_found(further());
}

#[test]
fn an_enum_of_another_name_leaves_its_columns_bent() {
    let (project, database) = (Project::new(), migrated());
    database.run("ALTER TYPE \"CallPlanStatus\" RENAME TO \"Status\"");
    let found = findings(&verify(&project, &database).exits(1));
    assert_eq!(
        found,
        [
            "column CallPlan.status is of type \"Status\", not \"CallPlanStatus\"",
            "enum CallPlanStatus is missing",
            "priorities can't be counted before the enums and the columns of Customer are right",
        ]
    );
}

#[test]
fn further_labels_and_columns_are_fine() {
    let (project, database) = (Project::new(), migrated());
    for (name, _) in ENUMS {
        database.run(&format!("ALTER TYPE \"{name}\" ADD VALUE 'HOLD'"));
    }
    for table in ["Customer", "CallPlan", "CallPlanAccount", "CallPlanActivity"] {
        database.run(&format!("ALTER TABLE \"{table}\" ADD COLUMN more integer"));
        database.run(&format!("CREATE INDEX ON \"{table}\" (more)"));
    }
    project.run(&database, "scripts/verify").exits(0).says("7 of 7 held.");
}

#[test]
fn names_and_fill_of_keys_and_indexes_are_the_administrators_choice() {
    let (project, database) = (Project::new(), migrated());
    database.run(
        "ALTER TABLE \"CallPlanAccount\" RENAME CONSTRAINT \"CallPlanAccount_pkey\" TO another; \
         ALTER TABLE \"CallPlanAccount\" RENAME CONSTRAINT \"CallPlanAccount_tenantId_fkey\" TO other; \
         ALTER INDEX \"CallPlan_status_idx\" SET (fillfactor = 70)",
    );
    database.run(schema::MIGRATION);
    project.run(&database, "scripts/verify").exits(0).says("7 of 7 held.");
}

#[test]
fn a_customer_without_a_class_or_with_another_priority_is_found() {
    let (project, database) = (Project::new(), Database::sample());
    project.run(&database, "scripts/phase2").exits(0);
    let one = "WHERE id = (SELECT min(id::text)::uuid FROM \"Customer\" WHERE \"accountType\" = 'ACTIVE')";
    database.run(&format!("UPDATE \"Customer\" SET \"accountPriority\" = 'LOW' {one}"));
    let found = findings(&verify(&project, &database).exits(1));
    assert_eq!(found, ["1 ACTIVE customer without the priority HIGH"]);
    database.run(&format!("UPDATE \"Customer\" SET \"accountPriority\" = NULL {one}"));
    let found = findings(&verify(&project, &database).exits(1));
    assert_eq!(found, ["1 ACTIVE customer without the priority HIGH"]);
    database.run(&format!("UPDATE \"Customer\" SET \"accountType\" = NULL {one}"));
    let found = findings(&verify(&project, &database).exits(1));
    assert_eq!(found, ["1 customer without a class"]);
}

#[test]
fn a_customer_who_came_since_the_last_run_is_only_warned_of() {
    let (project, database) = (Project::new(), Database::sample());
    project.run(&database, "scripts/phase2").exits(0);
    let came = |when: &str| {
        database.run(&format!(
            "INSERT INTO \"Customer\" (id, \"tenantId\", name, \"createdAt\", \"updatedAt\") \
             SELECT gen_random_uuid(), id, 'New', {when}, now() FROM \"Tenant\" LIMIT 1"
        ));
    };
    came("now() AT TIME ZONE 'UTC'");
    let output = project.run(&database, "scripts/verify").exits(0);
    output
        .says("! customers who came since the last run have a class")
        .says("1 customer without one yet: run leora-run scripts/phase2 again")
        .says("7 of 8 held, 1 warning.");
    project.run(&database, "scripts/verify --strict").exits(1);

    came("'2020-01-01'");
    let found = findings(&verify(&project, &database).exits(1));
    assert_eq!(
        found,
        [
            "1 customer without a class",
            "1 customer without one yet: run leora-run scripts/phase2 again"
        ]
    );

    // Undone, the run has left nobody a class, and nobody came since.
    project.run(&database, "undo").exits(0);
    let found = findings(&verify(&project, &database).exits(1));
    assert!(found.contains(&"5,396 customers without a class".to_owned()), "{found:?}");
}

#[test]
fn it_counts_classes_priorities_and_the_new_tables_for_each_tenant() {
    let (project, database) = (Project::new(), Database::sample());
    project.run(&database, "scripts/phase2").exits(0);
    let output = project.run(&database, "scripts/verify").exits(0);
    for line in [
        "│ who           customers   ACTIVE   TARGET   PROSPECT   (none) │",
        "│ all               5,394    3,512    1,089        793        0 │",
        "│ harborlight       3,236    2,130      640        466        0 │",
        "│ who           customers    HIGH   MEDIUM   LOW   (none) │",
        "│ redwood           2,158   1,382      449   327        0 │",
        "│ who           CallPlanAccount   CallPlanActivity │",
        "│ all                         0                  0 │",
    ] {
        assert!(output.stdout.contains(line), "{line}\n{}", output.stdout);
    }
}
