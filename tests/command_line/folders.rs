//! Script folders and manifests that are not right.

use expect_test::{Expect, expect};

use crate::support::{Database, Project};

/// A folder with one good step, then changed; what the program says of it, before it looks for a database.
#[track_caller]
fn refused(change: impl Fn(&Project), told: Expect) {
    let project = Project::new();
    project.script("", "note(\"here\");");
    change(&project);
    let output = project.output(&mut project.command("scripts/try")).exits(2);
    told.assert_eq(&output.stdout);
}

#[track_caller]
fn manifest(text: &str, told: Expect) {
    refused(
        |project| {
            project.write("scripts/try/leora.toml", text);
        },
        told,
    );
}

#[test]
fn manifest_keys_and_values() {
    manifest(
        "title = \"T\"\naccess = \"read-only\"\nwrits = []\n",
        expect![[r#"
            error: a manifest has no key writs
             --> scripts/try/leora.toml:3:1
              |
            3 | writs = []
              | ^^^^^
            help: did you mean writes?
            Nothing was changed.
        "#]],
    );
    manifest(
        "title = \"T\"\naccess = \"writing\"\n",
        expect![[r#"
            error: writing means nothing here
             --> scripts/try/leora.toml:2:10
              |
            2 | access = "writing"
              |          ^^^^^^^^^
            help: write one of read-only, rolled-back, read-write
            Nothing was changed.
        "#]],
    );
    manifest(
        "title = \"T\"\n",
        expect![[r#"
            error: access is missing
             --> scripts/try/leora.toml:1:1
              |
            1 | title = "T"
              | ^^^^^
            help: add access = "read-only", "rolled-back" or "read-write"
            Nothing was changed.
        "#]],
    );
    manifest(
        "title = T\naccess = \"read-only\"\n",
        expect![[r#"
            error: this can't be read
             --> scripts/try/leora.toml:1:9
              |
            1 | title = T
              |         ^
            help: a text stands in "quotes", a list in [brackets], and each key on a line of
                  its own
            Nothing was changed.
        "#]],
    );
    manifest(
        "title = \"T\"\naccess = \"read-write\"\n\n[locks]\nCustomer = \"hard\"\n",
        expect![[r#"
            error: hard means nothing here
             --> scripts/try/leora.toml:5:12
              |
            5 | Customer = "hard"
              |            ^^^^^^
            help: write one of no-writes, exclusive
            Nothing was changed.
        "#]],
    );
}

#[test]
fn manifest_writes() {
    manifest(
        "title = \"T\"\naccess = \"read-only\"\nwrites = [\"Customer.x\"]\n",
        expect![[r#"
            error: a read-only folder writes nothing
             --> scripts/try/leora.toml:3:11
              |
            3 | writes = ["Customer.x"]
              |           ^^^^^^^^^^^^
            help: take it out, or set access = "read-write"
            Nothing was changed.
        "#]],
    );
    manifest(
        "title = \"T\"\naccess = \"read-write\"\nwrites = [\"Customer.x\", \"a.b.c\"]\n",
        expect![[r#"
            error: this names no column
             --> scripts/try/leora.toml:3:25
              |
            3 | writes = ["Customer.x", "a.b.c"]
              |                         ^^^^^^^
            help: write it like "Customer.accountType", or "CallPlan" to allow inserts
            Nothing was changed.
        "#]],
    );
    manifest(
        "title = \"T\"\naccess = \"read-write\"\nwrites = \"Customer.x\"\n",
        expect![[r#"
            error: a list is needed here, and this is a text
             --> scripts/try/leora.toml:3:10
              |
            3 | writes = "Customer.x"
              |          ^^^^^^^^^^^^
            help: write it in brackets, as in ["one", "two"]
            Nothing was changed.
        "#]],
    );
}

#[test]
fn manifest_sql() {
    manifest(
        "title = \"T\"\naccess = \"read-write\"\nsql = [\"../x.sql\"]\n",
        expect![[r#"
            error: this is no plain file name that ends in .sql
             --> scripts/try/leora.toml:3:8
              |
            3 | sql = ["../x.sql"]
              |        ^^^^^^^^^^
            help: SQL files live in the folder's own sql/, or in sql/ beside scripts/
            Nothing was changed.
        "#]],
    );
    manifest(
        "title = \"T\"\naccess = \"read-only\"\nsql = [\"x.sql\"]\n",
        expect![[r#"
            error: a read-only folder can't run SQL files
             --> scripts/try/leora.toml:3:8
              |
            3 | sql = ["x.sql"]
              |        ^^^^^^^
            help: take it out, or set access = "read-write"
            Nothing was changed.
        "#]],
    );
    manifest(
        "title = \"T\"\naccess = \"read-write\"\nsql = [\"x.sql\"]\n",
        expect![[r#"
            error: the manifest names x.sql, and there is no such file in scripts/try/sql or
                   sql
            help: add the file, or take its name out of sql = [...]
            Nothing was changed.
        "#]],
    );
}

#[test]
fn files_that_fit_no_pattern() {
    let file = |name: &'static str| {
        move |project: &Project| {
            project.write(&format!("scripts/try/{name}"), "");
        }
    };
    refused(
        file("2_more.rhai"),
        expect![[r#"
            error: scripts/try/2_more.rhai is no step: its name does not fit NN_name.rhai
            help: name it like 20_priority.rhai, or move it to lib/ or examples/
            Nothing was changed.
        "#]],
    );
    refused(
        file("02-more.rhai"),
        expect![[r#"
            error: scripts/try/02-more.rhai is no step: its name does not fit NN_name.rhai
            help: name it like 20_priority.rhai, or move it to lib/ or examples/
            Nothing was changed.
        "#]],
    );
    refused(
        file("notes.md"),
        expect![[r#"
            error: scripts/try/notes.md is no step: its name does not fit NN_name.rhai
            help: move it out of the folder
            Nothing was changed.
        "#]],
    );
    refused(
        file("01_again.rhai"),
        expect![[r#"
            error: scripts/try/01_step.rhai and scripts/try/01_again.rhai have the same
                   number, so their order is not known
            help: give one of them another number
            Nothing was changed.
        "#]],
    );
    refused(
        file("lib/a-b.rhai"),
        expect![[r#"
            error: scripts/try/lib/a-b.rhai is not named like a module: name.rhai, of
                   letters, digits and _
            help: rename it, or move it out of the folder
            Nothing was changed.
        "#]],
    );
    refused(
        file("old/01_step.rhai"),
        expect![[r#"
            error: scripts/try/old is not one of the folders that a script folder may have:
                   lib, examples, sql, data
            help: rename it, or move it out of the folder
            Nothing was changed.
        "#]],
    );
}

#[test]
fn what_is_no_script_folder() {
    let remove = |name: &'static str| {
        move |project: &Project| std::fs::remove_file(project.path(name)).unwrap()
    };
    refused(
        remove("scripts/try/leora.toml"),
        expect![[r#"
            error: scripts/try has no leora.toml, so nobody said what its scripts may do
            help: add one: title = "...", access = "read-only", "rolled-back" or
                  "read-write", and for that writes = ["Table.column"]
            Nothing was changed.
        "#]],
    );
    refused(
        remove("scripts/try/01_step.rhai"),
        expect![[r#"
            error: scripts/try has no steps
            help: add a step, such as 01_first.rhai
            Nothing was changed.
        "#]],
    );
    let project = Project::new();
    let output = project.output(&mut project.command("scripts/phase3")).exits(2);
    expect![[r#"
        error: there is no script folder scripts/phase3
        help: give the path of a folder with a leora.toml, such as scripts/phase2
        Nothing was changed.
    "#]]
    .assert_eq(&output.stdout);
}

#[test]
fn a_byte_order_mark_at_the_start_of_a_file_means_nothing() {
    let (project, database) = (Project::new(), Database::sample());
    let files = [
        "scripts/phase2/leora.toml",
        "scripts/phase2/01_classify_customers.rhai",
        "scripts/phase2/examples/classification.rhai",
        "sql/phase2-migration.sql",
    ];
    for file in files {
        let text = std::fs::read_to_string(project.path(file)).unwrap();
        project.write(file, &format!("\u{feff}{text}"));
    }
    project.output(&mut project.command("check scripts/phase2")).exits(0);
    project.run(&database, "scripts/phase2").exits(0);
}

#[test]
fn files_that_can_not_be_read() {
    refused(
        |project| std::fs::write(project.path("scripts/try/01_step.rhai"), b"\xff").unwrap(),
        expect![[r#"
            error: scripts/try/01_step.rhai can't be read: it is not UTF-8 text
            help: save it as UTF-8
            Nothing was changed.
        "#]],
    );
    refused(
        |project| {
            std::os::unix::fs::symlink("/etc/hostname", project.path("scripts/try/02_b.rhai"))
                .unwrap()
        },
        expect![[r#"
            error: scripts/try/02_b.rhai can't be read: it is a link or a folder, not a
                   regular file
            help: put a copy of the file there
            Nothing was changed.
        "#]],
    );
    refused(
        |project| {
            project.write("scripts/try/01_step.rhai", &" ".repeat(1_100_000));
        },
        expect![[r#"
            error: scripts/try/01_step.rhai can't be read: it has 1,100,000 bytes, and at
                   most 1,048,576 are read
            help: split it
            Nothing was changed.
        "#]],
    );
}

#[test]
fn a_folder_that_holds_script_folders_names_them() {
    let project = Project::new();
    let said = |arguments: &str| project.output(&mut project.command(arguments)).exits(2).stdout;
    let plan = said("plan scripts");
    expect![[r#"
        error: scripts is no script folder; it holds 7 script folders
        help: give one of them: scripts/carla-smoke, scripts/overrides, scripts/phase2,
              scripts/rollback-phase2, scripts/segments, scripts/segments-schema,
              scripts/verify
        Nothing was changed.
    "#]]
    .assert_eq(&plan);
    assert_eq!(
        said("."),
        plan.replace("error: scripts is", "error: . is"),
        "the root of the project"
    );
    for arguments in ["check scripts", "scripts --sandbox", "fmt scripts"] {
        assert!(
            said(arguments).contains("help: give one of them: scripts/carla-smoke, "),
            "{arguments}"
        );
    }
    for number in 10..30 {
        project.write(&format!("scripts/many{number}/leora.toml"), "");
    }
    let many = project.output(&mut project.command("plan scripts")).exits(2);
    many.says("it holds 27 script folders").says("scripts/many18, ...").says_not("many19");
}

#[test]
fn a_script_names_its_folder() {
    let project = Project::new();
    for file in ["01_classify_customers.rhai", "examples/priorities.rhai", "leora.toml"] {
        let plan = format!("plan scripts/phase2/{file}");
        let output = project.output(&mut project.command(&plan)).exits(2);
        output.says(&format!("{file} is a file")).says("help: give its folder: scripts/phase2\n");
    }
    project
        .output(&mut project.command("plan sql/phase2-migration.sql"))
        .exits(2)
        .says("is a file");
}
