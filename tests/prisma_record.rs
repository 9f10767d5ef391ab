//! Prisma's record of migrations, `_prisma_migrations`, and its folder, without Prisma.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::support::{Database, Gate, Output, Place, Project, Side, one_line};

const NAME: &str = "20251025173000_phase2_complete";
const FILE: &str = "prisma/migrations/20251025173000_phase2_complete/migration.sql";

/// The table as Prisma makes it, with a migration before ours.
const RECORD: &str = "CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, \
     finished_at timestamptz, migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz, \
     started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0); \
     INSERT INTO _prisma_migrations VALUES ('1', 'x', now(), '20250101000000_init', NULL, NULL, now(), 1)";

/// The rows of our migration: whether applied and rolled back.
const ROWS: &str = "SELECT finished_at IS NOT NULL, rolled_back_at IS NOT NULL, applied_steps_count \
     FROM _prisma_migrations WHERE migration_name = '20251025173000_phase2_complete' ORDER BY started_at, finished_at";

fn managed() -> (Project, Database) {
    let (project, database) = (Project::new(), Database::sample());
    database.run(RECORD);
    (project, database)
}

#[test]
fn it_is_written_once_however_often_a_folder_runs() {
    let (project, database) = managed();
    let plan = project.run(&database, "plan scripts/phase2").exits(0);
    plan.says("would record").says("and in _prisma_migrations, as prisma migrate deploy would");
    assert_eq!(database.rows(ROWS).len(), 0, "a plan writes nothing");
    let first = project.run(&database, "scripts/phase2 --format json").exits(0).json();
    assert_eq!(
        first["steps"][5]["migrations"],
        json!([{ "name": NAME, "new": true, "rolled_back": false, "prisma": "new" }])
    );
    for _ in 0..2 {
        let again = project.run(&database, "scripts/phase2").exits(0);
        again.says("_prisma_migrations has it already");
    }
    assert_eq!(database.rows(ROWS), [["t", "f", "1"]]);
    let bytes = fs::read(project.path("sql/prisma-migration.sql")).expect("a file");
    let checksum = "SELECT checksum FROM _prisma_migrations ORDER BY migration_name DESC LIMIT 1";
    assert_eq!(database.value(checksum), leora_folder::sha256_hex(&bytes));
}

#[test]
fn where_there_is_none_it_is_left_so() {
    let (project, database) = (Project::new(), Database::sample());
    let output = project.run(&database, "scripts/phase2").exits(0);
    output.says("no _prisma_migrations here, so nothing to record for Prisma");
    project.run(&database, "scripts/rollback-phase2").exits(0);
    assert_eq!(database.value("SELECT to_regclass('_prisma_migrations')::text"), "");
}

#[test]
fn a_rollback_marks_the_row_and_the_next_run_adds_one() {
    let (project, database) = managed();
    for _ in 0..2 {
        project.run(&database, "scripts/phase2").exits(0);
        let plan = project.run(&database, "plan scripts/rollback-phase2").exits(0);
        plan.tells("and in _prisma_migrations: prisma migrate deploy would apply it again");
        project.run(&database, "scripts/rollback-phase2").exits(0);
        let again = project.run(&database, "scripts/rollback-phase2").exits(0);
        again.says("_prisma_migrations has nothing to take back");
    }
    assert_eq!(database.rows(ROWS), [["t", "t", "1"], ["t", "t", "1"]]);
    project.run(&database, "scripts/phase2").exits(0);
    assert_eq!(database.rows(ROWS), [["t", "t", "1"], ["t", "t", "1"], ["t", "f", "1"]]);
}

#[test]
fn a_failed_run_and_an_undo_leave_it_alone() {
    let (project, database) = managed();
    let before = database.fingerprint();
    project.edit("scripts/phase2/06_record_migration.rhai", ");", ");\nexpect(\"no\", false);");
    project.run(&database, "scripts/phase2").exits(1);
    assert_eq!(database.fingerprint(), before);
    project.edit("scripts/phase2/06_record_migration.rhai", "expect(\"no\", false);", "");
    project.run(&database, "scripts/phase2").exits(0);
    let undo = project.run(&database, "undo").exits(0);
    undo.says("Only values were put back: tables, columns and indexes stay as they are.");
    assert_eq!(database.rows(ROWS), [["t", "f", "1"]], "the schema stays, and so does its record");
}

#[test]
fn a_row_of_another_file_is_left_and_told() {
    let (project, database) = managed();
    database.run(&format!(
        "INSERT INTO _prisma_migrations VALUES ('2', 'other', now(), '{NAME}', NULL, NULL, now(), 1)"
    ));
    let output = project.run(&database, "scripts/phase2").exits(0);
    output.tells("applied from another migration.sql: left as it is");
    assert_eq!(database.value("SELECT checksum FROM _prisma_migrations WHERE id = '2'"), "other");
    assert_eq!(database.rows(ROWS), [["t", "f", "1"]]);
}

#[test]
fn without_a_file_for_it_nothing_is_recorded() {
    let (project, database) = managed();
    project.script("records = [\"other\"]", "record_migration(\"other\");");
    let output = project.run(&database, "scripts/try").exits(0);
    output
        .tells("left _prisma_migrations alone: [prisma] in leora.toml has no migration.sql for it");
    assert_eq!(database.value("SELECT count(*) FROM _prisma_migrations"), "1");
}

#[test]
fn it_is_found_in_the_schema_of_the_address() {
    let (project, database) = (Project::new(), Database::empty());
    database.run("CREATE SCHEMA crm");
    let load = fs::read_to_string(project.path("sql/sample-crm.sql")).expect("the sample");
    database.run(&format!("SET search_path = crm; {load}; {RECORD}"));
    let mut command = project.command("scripts/phase2 --confirm");
    let url = url::Url::parse_with_params(&database.url(), [("schema", "crm")]).expect("a URL");
    command.arg(&database.name).arg("--database-url").arg(url.as_str());
    project.output(&mut command).exits(0).says("and in _prisma_migrations");
    assert_eq!(database.value("SELECT count(*) FROM crm._prisma_migrations"), "2");
}

#[test]
fn prisma_migrate_and_a_run_keep_apart() {
    let (project, database) = managed();
    let mut deploy = database.session();
    deploy.run("SET application_name = 'prisma'; SELECT pg_advisory_lock(72707369)");
    let before = database.fingerprint();
    let busy = project.run(&database, "scripts/phase2").exits(5);
    busy.says("Prisma Migrate is at work on this database")
        .says("(prisma)")
        .tells("--wait-lock 10min");
    assert_eq!(database.fingerprint(), before);
    let json = project.run(&database, "scripts/phase2 --format json").exits(5).json();
    assert_eq!(json["error"]["kind"], "busy");
    let waiting = project.start(&mut project.on(&database, "scripts/phase2 --wait-lock 30s"));
    thread::sleep(Duration::from_millis(500));
    deploy.run("SELECT pg_advisory_unlock(72707369)");
    let output = waiting.wait_with_output().expect("it ends");
    assert!(output.status.success());
}

#[test]
fn a_run_holds_prismas_lock_to_its_end() {
    let (project, database) = managed();
    database.slow_down("Customer");
    let mut run = project.start(&mut project.on(&database, "scripts/phase2"));
    database.wait_for_sleep();
    let free = database.value("SELECT pg_try_advisory_lock(72707369)");
    run.kill().expect("it runs");
    run.wait().expect("it ends");
    assert_eq!(free, "f");
}

#[test]
fn the_file_comes_with_the_commit_and_has_the_bytes_of_the_checksum() {
    let (project, database) = managed();
    project.write("prisma/schema.prisma", "");
    let plan = project.run(&database, "plan scripts/phase2 --prisma-dir prisma").exits(0);
    plan.says(&format!("Would write {FILE}"));
    assert!(!project.path("prisma/migrations").exists(), "a plan writes no file");

    project.edit("scripts/phase2/06_record_migration.rhai", ");", ");\nexpect(\"no\", false);");
    project.run(&database, "scripts/phase2 --prisma-dir prisma").exits(1);
    assert!(!project.path(FILE).exists(), "a failed run leaves no file");
    assert_eq!(in_folder(&project, "prisma"), ["migrations", "schema.prisma"]);

    project.edit("scripts/phase2/06_record_migration.rhai", "expect(\"no\", false);", "");
    let json = project.run(&database, "scripts/phase2 --prisma-dir prisma --format json").exits(0);
    assert_eq!(
        json.json()["files"],
        json!([{ "path": FILE, "change": "written", "reason": null }])
    );
    let read = |file: &str| fs::read(project.path(file)).expect("a file");
    assert_eq!(read(FILE), read("sql/prisma-migration.sql"));
    assert_eq!(in_folder(&project, "prisma"), ["migrations", "schema.prisma"]);
    let again = project.run(&database, "scripts/phase2 --prisma-dir prisma").exits(0);
    again.says(&format!("{FILE} is there already"));
}

fn in_folder(project: &Project, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(project.path(folder)).expect("a folder");
    let name = |entry: std::io::Result<fs::DirEntry>| {
        entry.expect("an entry").file_name().to_string_lossy().into_owned()
    };
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}

#[test]
fn another_file_is_an_error_before_anything_is_written() {
    let (project, database) = managed();
    let before = database.fingerprint();
    project.write(FILE, "SELECT 1;\n");
    let refused = project.run(&database, "scripts/phase2 --prisma-dir prisma").exits(2);
    refused.tells(&format!("{FILE} is another file than sql/prisma-migration.sql"));
    project.run(&database, "plan scripts/phase2 --prisma-dir prisma").exits(2);
    assert_eq!(database.fingerprint(), before);
    assert_eq!(fs::read_to_string(project.path(FILE)).expect("a file"), "SELECT 1;\n");
    project.run(&database, "scripts/phase2 --prisma-dir none").exits(0);
    // The same file with the line endings of Windows is the same file, to Prisma too.
    let text = fs::read_to_string(project.path("sql/prisma-migration.sql")).expect("a file");
    project.write(FILE, &text.replace('\n', "\r\n"));
    project.run(&database, "scripts/phase2 --prisma-dir prisma").exits(0).says("is there already");
}

/// A run that is held when all is done but the COMMIT; `meanwhile` happens before it goes on.
fn held_at_commit(project: &Project, database: &Database, meanwhile: impl FnOnce()) -> Output {
    let place = Place { text: "COMMIT\0", nth: 0, side: Side::Before };
    let gate = Gate::open(database, Some(place));
    let mut command = project.command("scripts/phase2 --prisma-dir prisma --confirm");
    command.args([&database.name, "--database-url", &database.url_by(gate.port())]);
    let run = project.start(&mut command);
    gate.wait();
    meanwhile();
    gate.let_go();
    Output::of(run.wait_with_output().expect("it ends"))
}

#[test]
fn a_file_that_can_not_be_placed_after_the_commit_is_told_and_nothing_is_lost() {
    let (project, database) = managed();
    project.write("prisma/schema.prisma", "");
    let output = held_at_commit(&project, &database, || {
        fs::remove_dir_all(project.path("prisma/migrations")).expect("removed");
        project.write("prisma/migrations", "no folder any more");
    });
    let output = output.exits(1);
    output
        .says("values and 35 objects changed, all committed")
        .says(&format!("! {FILE} could not be written: "))
        .says("copy sql/prisma-migration.sql there");
    assert_eq!(database.classes().len(), 3, "the run is committed");
    assert_eq!(
        in_folder(&project, "prisma"),
        ["migrations", "schema.prisma"],
        "nothing is left over"
    );
    fs::remove_file(project.path("prisma/migrations")).expect("removed");
    // It is made up for by the next run.
    project
        .run(&database, "scripts/phase2 --prisma-dir prisma")
        .exits(0)
        .says(&format!("Wrote {FILE}"));
}

#[test]
fn a_file_that_comes_there_during_the_run_is_left() {
    let (project, database) = managed();
    project.write("prisma/schema.prisma", "");
    let output = held_at_commit(&project, &database, || {
        project.write(FILE, "SELECT 'somebody else';\n");
    });
    let output = output.exits(1);
    output
        .says(&format!("{FILE} is another file than sql/prisma-migration.sql"))
        .says("it came there during the run and was left");
    let kept = fs::read_to_string(project.path(FILE)).expect("a file");
    assert_eq!(kept, "SELECT 'somebody else';\n");
    assert_eq!(
        in_folder(&project, "prisma"),
        ["migrations", "schema.prisma"],
        "nothing is left over"
    );
    let (project, database) = managed();
    project.write("prisma/schema.prisma", "");
    let text = fs::read_to_string(project.path("sql/prisma-migration.sql")).expect("a file");
    let output = held_at_commit(&project, &database, || {
        project.write(FILE, &text);
    });
    output.exits(0).says(&format!("{FILE} is there already"));
}

#[test]
fn a_folder_that_can_not_be_written_is_told_before_anything_is() {
    let (project, database) = managed();
    let before = database.fingerprint();
    project.write("prisma/schema.prisma", "");
    let open = |path: &str, mode| {
        fs::set_permissions(project.path(path), fs::Permissions::from_mode(mode)).expect("a mode");
    };
    open("", 0o755);
    open("prisma", 0o555);
    let mut command = project.on(&database, "scripts/phase2 --prisma-dir prisma");
    if nix::unistd::geteuid().is_root() {
        // Root may write everywhere.
        command.uid(65_534).gid(65_534);
    }
    let refused = project.output(&mut command).exits(2);
    open("prisma", 0o755);
    refused.tells(&format!("{FILE} can't be written: ")).tells("--prisma-dir none");
    assert_eq!(database.fingerprint(), before);
    assert_eq!(in_folder(&project, "prisma"), ["schema.prisma"]);
}

#[test]
fn prismas_folder_is_found_by_its_schema_or_beside_the_env_file() {
    let (project, database) = managed();
    let run = project.run(&database, "scripts/phase2").exits(0);
    let told = one_line(&run.stderr);
    assert!(told.contains("no prisma folder is here for 20251025173000_phase2_complete"), "{told}");
    run.says_not("Wrote");
    // A folder of that name may be anybody's.
    project.write("prisma/notes.txt", "");
    project.run(&database, "scripts/phase2").exits(0).says_not("Wrote");
    project.write(".env", "");
    project.run(&database, "scripts/phase2").exits(0).says(&format!("Wrote {FILE}"));
    fs::remove_dir_all(project.path("prisma")).expect("removed");
    fs::remove_file(project.path(".env")).expect("removed");
    project.write("prisma/schema.prisma", "");
    let run = project.run(&database, "scripts/phase2").exits(0);
    assert!(!run.stderr.contains("no prisma folder"), "{}", run.stderr);
    run.says(&format!("Wrote {FILE}"));
    // Without Prisma's record only a folder that was named gets it.
    let plain = Database::sample();
    fs::remove_dir_all(project.path("prisma/migrations")).expect("removed");
    project.run(&plain, "scripts/phase2").exits(0).says_not("Wrote");
    project.run(&plain, "scripts/phase2 --prisma-dir prisma").exits(0).says("Wrote");
    let missing = project.run(&plain, "scripts/phase2 --prisma-dir elsewhere").exits(2);
    missing.tells("elsewhere is no folder");
}

#[test]
fn prismas_file_makes_exactly_what_the_migration_makes() {
    let (project, ours, theirs) = (Project::new(), Database::sample(), Database::sample());
    let read = |file: &str| fs::read_to_string(project.path(file)).expect("a file");
    ours.run(&read("sql/phase2-migration.sql"));
    let prisma = read("sql/prisma-migration.sql");
    theirs.run(&prisma);
    assert_eq!(ours.fingerprint(), theirs.fingerprint());
    // In the same places too.
    let places = "SELECT c.relname, a.attname, a.attnum FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY 1, 3";
    assert_eq!(ours.rows(places), theirs.rows(places));
    // A driver adapter cuts the file at every semicolon.
    let third = Database::sample();
    for statement in prisma.split(';').filter(|part| !part.trim().is_empty()) {
        third.run(statement);
    }
    assert_eq!(third.fingerprint(), ours.fingerprint());
    assert!(!prisma.contains("DO $"));
}
