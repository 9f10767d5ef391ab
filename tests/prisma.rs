//! Prisma Migrate and Prisma Client, the real packages, on databases that were migrated here.

use std::fs;

use crate::support::{Database, Output, PrismaProject, own_text};

const NAME: &str = "20251025173000_phase2_complete";

/// The tenant, the person and the customers that tests/prisma/example.ts works with.
const PEOPLE: &str = "\
    INSERT INTO \"Tenant\" (id, slug, name, \"updatedAt\") \
        VALUES ('7d6b1c38-3b62-4a3e-9a51-0c8f0e9c5a01', 'hill-and-valley', 'Hill & Valley', now()); \
    INSERT INTO \"User\" (id, \"tenantId\", email, \"fullName\", \"hashedPassword\", \"updatedAt\") \
        SELECT gen_random_uuid(), id, 'ada@example.com', 'Ada', 'x', now() FROM \"Tenant\"; \
    INSERT INTO \"Customer\" (id, \"tenantId\", name, \"lastOrderDate\", \"updatedAt\") \
        SELECT gen_random_uuid(), t.id, c.name, now() - c.ago::interval, now() FROM \"Tenant\" t, \
        (VALUES ('Wine Bar', '7 days'), ('Red Barn', '300 days'), ('Old Mill', NULL)) AS c (name, ago)";

/// A database that Prisma made with the schema before Phase 2, and its project.
fn before_phase2() -> (PrismaProject, Database) {
    let (prisma, database) = (PrismaProject::new("before.prisma"), Database::empty());
    let diff = prisma
        .prisma(&database, "migrate diff --from-empty --to-schema prisma/schema.prisma --script");
    prisma
        .project
        .write("prisma/migrations/20250101000000_init/migration.sql", &diff.exits(0).stdout);
    prisma.prisma(&database, "migrate deploy").exits(0).says("successfully applied");
    database.run(PEOPLE);
    (prisma, database)
}

/// The same after Phase 2, with the schema that docs/prisma-phase2.prisma makes of it.
fn after_phase2() -> (PrismaProject, Database) {
    let (prisma, database) = before_phase2();
    let run = "scripts/phase2 --prisma-dir prisma --color never";
    let output = prisma.project.run(&database, run).exits(0);
    output.says(&format!("Wrote prisma/migrations/{NAME}/migration.sql"));
    prisma.use_schema("after.prisma");
    (prisma, database)
}

fn difference(prisma: &PrismaProject, database: &Database) -> Output {
    let ask = "migrate diff --from-config-datasource --to-schema prisma/schema.prisma --exit-code";
    prisma.prisma(database, ask)
}

fn would_go_on(prisma: &PrismaProject, database: &Database) -> String {
    prisma.node(database, "would-reset.mjs").exits(0).stdout
}

#[test]
fn after_the_run_prisma_sees_no_drift_and_would_go_on() {
    let (prisma, database) = after_phase2();
    difference(&prisma, &database).exits(0).says("No difference detected");
    prisma.prisma(&database, "migrate status").exits(0).says("Database schema is up to date!");
    assert_eq!(would_go_on(&prisma, &database), "{\"action\":{\"tag\":\"createMigration\"}}\n");
    let again = prisma.prisma(&database, "migrate deploy").exits(0);
    again.says("No pending migrations to apply");

    // The checks can fail: a column that Prisma does not know is drift, and so is an edited file.
    database.run("ALTER TABLE \"Customer\" ADD COLUMN unknown text");
    difference(&prisma, &database).exits(2).says("unknown");
    assert!(would_go_on(&prisma, &database).contains("reset"));
    database.run("ALTER TABLE \"Customer\" DROP COLUMN unknown");
    let file = format!("prisma/migrations/{NAME}/migration.sql");
    prisma.project.edit(&file, "\"targetCount\" INTEGER", "\"targetCount\"  INTEGER");
    assert!(would_go_on(&prisma, &database).contains("reset"));
}

#[test]
fn the_row_is_the_one_that_a_deploy_writes() {
    let row = format!(
        "SELECT checksum, migration_name, coalesce(logs, '-'), rolled_back_at IS NULL, applied_steps_count, \
         finished_at IS NOT NULL, id ~ '^[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$', started_at <= finished_at \
         FROM _prisma_migrations WHERE migration_name = '{NAME}'"
    );
    let (_, ours) = after_phase2();
    let (prisma, theirs) = before_phase2();
    let sql = fs::read_to_string(prisma.project.path("sql/prisma-migration.sql")).expect("a file");
    prisma.project.write(&format!("prisma/migrations/{NAME}/migration.sql"), &sql);
    prisma.prisma(&theirs, "migrate deploy").exits(0).says(NAME);
    let deployed = theirs.rows(&row);
    assert_eq!(deployed.len(), 1);
    assert_eq!(ours.rows(&row), deployed);
    // What it deployed is also what the run makes, without the columns' places in Prisma's own order.
    assert_eq!(ours.session().catalog(), theirs.session().catalog());
}

#[test]
fn after_a_rollback_a_deploy_applies_the_migration_again() {
    let (prisma, database) = after_phase2();
    let back = "scripts/rollback-phase2 --set drop_columns=true --set allow_data_loss=true";
    prisma
        .project
        .run(&database, back)
        .exits(0)
        .tells("prisma migrate deploy would apply it again");
    prisma.prisma(&database, "migrate status").exits(1).says(NAME);
    prisma.prisma(&database, "migrate deploy").exits(0).says(NAME);
    difference(&prisma, &database).exits(0);
    // A run then finds the schema made and the migration recorded.
    let output = prisma.project.run(&database, "scripts/phase2 --prisma-dir prisma").exits(0);
    output.says("_prisma_migrations has it already").says_not("created table");
    difference(&prisma, &database).exits(0);
}

#[test]
fn a_failed_deploy_stops_a_run_as_it_stops_a_deploy() {
    let (prisma, database) = before_phase2();
    database.run(&format!(
        "INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES (gen_random_uuid(), 'x', '{NAME}')"
    ));
    let before = database.fingerprint();
    let refused = prisma.project.run(&database, "scripts/phase2").exits(4);
    refused.tells(&format!("npx prisma migrate resolve --rolled-back {NAME}"));
    assert_eq!(database.fingerprint(), before);
    // The remedy, as it was printed.
    prisma.project.write(&format!("prisma/migrations/{NAME}/migration.sql"), "SELECT 1;\n");
    prisma.prisma(&database, "migrate deploy").exits(1);
    prisma.prisma(&database, &format!("migrate resolve --rolled-back {NAME}")).exits(0);
    fs::remove_dir_all(prisma.project.path(&format!("prisma/migrations/{NAME}"))).expect("removed");
    prisma.project.run(&database, "scripts/phase2 --prisma-dir prisma").exits(0);
    prisma.use_schema("after.prisma");
    prisma.prisma(&database, "migrate status").exits(0).says("up to date");
}

#[test]
fn a_deploy_waits_while_a_run_works() {
    let (prisma, database) = after_phase2();
    let mut run = database.session();
    // As a run holds it, in its transaction.
    run.run("BEGIN; SELECT pg_advisory_xact_lock(72707369)");
    let arguments = "node_modules/prisma/build/index.js migrate deploy";
    let mut deploy = prisma.command(&database, arguments).spawn().expect("it starts");
    database
        .wait_until("EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)");
    run.run("COMMIT");
    assert!(deploy.wait().expect("it ends").success());
}

#[test]
fn prisma_client_works_with_the_migrated_database() {
    let (prisma, database) = after_phase2();
    prisma.prisma(&database, "generate").exits(0).says("Generated Prisma Client");
    let output = prisma.tsx(&database, "example.ts").exits(0);
    output.says("a call plan with 2 accounts and a visit was made, read back and deleted");
}

/// The blocks `model X { ... }` and `enum X { ... }` of a schema, in order, with their lines.
fn blocks(schema: &str) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    let mut inside = false;
    for line in schema.lines().map(str::trim) {
        if let Some(head) = line.strip_suffix(" {") {
            found.push((head.to_owned(), vec![]));
            inside = true;
        } else if line == "}" {
            inside = false;
        } else if let (true, Some((_, lines)), false) = (inside, found.last_mut(), line.is_empty())
        {
            lines.push(line.to_owned());
        }
    }
    found
}

#[test]
fn the_fragment_of_the_docs_makes_the_schema_after_of_the_one_before() {
    let mut made = blocks(&own_text("tests/prisma/before.prisma"));
    for (head, lines) in blocks(&own_text("docs/prisma-phase2.prisma")) {
        match made.iter_mut().find(|(known, _)| *known == head) {
            Some((_, there)) => there.extend(lines),
            None => made.push((head, lines)),
        }
    }
    assert_eq!(made, blocks(&own_text("tests/prisma/after.prisma")));
}
