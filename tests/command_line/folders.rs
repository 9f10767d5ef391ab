//! Script folders and manifests that are not right.

use crate::support::Project;

/// A folder with one good step, then changed; what the program says of it, before it looks for a database.
#[track_caller]
fn refused(change: impl Fn(&Project), block: &str) {
    let project = Project::new();
    project.script("", "note(\"here\");");
    change(&project);
    let output = project.output(&mut project.command("scripts/try")).exits(2);
    assert_eq!(output.stdout, format!("{block}\nNothing was changed.\n"));
}

#[track_caller]
fn manifest(text: &str, block: &str) {
    refused(
        |project| {
            project.write("scripts/try/leora.toml", text);
        },
        block,
    );
}

#[test]
fn manifest_keys_and_values() {
    manifest(
        "title = \"T\"\naccess = \"read-only\"\nwrits = []\n",
        r#"error: a manifest has no key writs
 --> scripts/try/leora.toml:3:1
  |
3 | writs = []
  | ^^^^^
help: did you mean writes?"#,
    );
    manifest(
        "title = \"T\"\naccess = \"writing\"\n",
        r#"error: writing means nothing here
 --> scripts/try/leora.toml:2:10
  |
2 | access = "writing"
  |          ^^^^^^^^^
help: write one of read-only, rolled-back, read-write"#,
    );
    manifest(
        "title = \"T\"\n",
        r#"error: access is missing
 --> scripts/try/leora.toml:1:1
  |
1 | title = "T"
  | ^^^^^
help: add access = "read-only", "rolled-back" or "read-write""#,
    );
    manifest(
        "title = T\naccess = \"read-only\"\n",
        r#"error: this can't be read
 --> scripts/try/leora.toml:1:9
  |
1 | title = T
  |         ^
help: a text stands in "quotes", a list in [brackets], and each key on a line of
      its own"#,
    );
    manifest(
        "title = \"T\"\naccess = \"read-write\"\n\n[locks]\nCustomer = \"hard\"\n",
        r#"error: hard means nothing here
 --> scripts/try/leora.toml:5:12
  |
5 | Customer = "hard"
  |            ^^^^^^
help: write one of no-writes, exclusive"#,
    );
}

#[test]
fn manifest_writes() {
    manifest(
        "title = \"T\"\naccess = \"read-only\"\nwrites = [\"Customer.x\"]\n",
        r#"error: a read-only folder writes nothing
 --> scripts/try/leora.toml:3:11
  |
3 | writes = ["Customer.x"]
  |           ^^^^^^^^^^^^
help: take it out, or set access = "read-write""#,
    );
    manifest(
        "title = \"T\"\naccess = \"read-write\"\nwrites = [\"Customer.x\", \"a.b.c\"]\n",
        r#"error: this names no column
 --> scripts/try/leora.toml:3:25
  |
3 | writes = ["Customer.x", "a.b.c"]
  |                         ^^^^^^^
help: write it like "Customer.accountType", or "CallPlan" to allow inserts"#,
    );
    manifest(
        "title = \"T\"\naccess = \"read-write\"\nwrites = \"Customer.x\"\n",
        r#"error: a list is needed here
 --> scripts/try/leora.toml:3:10
  |
3 | writes = "Customer.x"
  |          ^^^^^^^^^^^^
help: write it in brackets, as in ["one", "two"]"#,
    );
}

#[test]
fn manifest_sql() {
    manifest(
        "title = \"T\"\naccess = \"read-write\"\nsql = [\"../x.sql\"]\n",
        r#"error: this is no plain file name that ends in .sql
 --> scripts/try/leora.toml:3:8
  |
3 | sql = ["../x.sql"]
  |        ^^^^^^^^^^
help: SQL files live in the folder's own sql/, or in sql/ beside scripts/"#,
    );
    manifest(
        "title = \"T\"\naccess = \"read-only\"\nsql = [\"x.sql\"]\n",
        r#"error: a read-only folder can't run SQL files
 --> scripts/try/leora.toml:3:8
  |
3 | sql = ["x.sql"]
  |        ^^^^^^^
help: take it out, or set access = "read-write""#,
    );
    manifest(
        "title = \"T\"\naccess = \"read-write\"\nsql = [\"x.sql\"]\n",
        "error: the manifest names x.sql, and there is no such file in scripts/try/sql or\n       sql\n\
         help: add the file, or take its name out of sql = [...]",
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
        "error: scripts/try/2_more.rhai is no step: its name does not fit NN_name.rhai\n\
         help: name it like 20_priority.rhai, or move it to lib/ or examples/",
    );
    refused(
        file("02-more.rhai"),
        "error: scripts/try/02-more.rhai is no step: its name does not fit NN_name.rhai\n\
         help: name it like 20_priority.rhai, or move it to lib/ or examples/",
    );
    refused(
        file("notes.md"),
        "error: scripts/try/notes.md is no step: its name does not fit NN_name.rhai\n\
         help: move it out of the folder",
    );
    refused(
        file("01_again.rhai"),
        "error: scripts/try/01_step.rhai and scripts/try/01_again.rhai have the same\n       number, so their order is not known\n\
         help: give one of them another number",
    );
    refused(
        file("lib/a-b.rhai"),
        "error: scripts/try/lib/a-b.rhai is not named like a module: name.rhai, of\n       letters, digits and _\n\
         help: rename it, or move it out of the folder",
    );
    refused(
        file("old/01_step.rhai"),
        "error: scripts/try/old is not one of the folders that a script folder may have:\n       lib, examples, sql\n\
         help: rename it, or move it out of the folder",
    );
}

#[test]
fn what_is_no_script_folder() {
    let remove = |name: &'static str| {
        move |project: &Project| std::fs::remove_file(project.path(name)).unwrap()
    };
    refused(
        remove("scripts/try/leora.toml"),
        "error: scripts/try has no leora.toml, so nobody said what its scripts may do\n\
         help: add one: title = \"...\", access = \"read-only\", \"rolled-back\" or\n      \
         \"read-write\", and for that writes = [\"Table.column\"]",
    );
    refused(
        remove("scripts/try/01_step.rhai"),
        "error: scripts/try has no steps\nhelp: add a step, such as 01_first.rhai",
    );
    let project = Project::new();
    let output = project.output(&mut project.command("scripts/phase3")).exits(2);
    assert_eq!(
        output.stdout,
        "error: there is no script folder scripts/phase3\n\
         help: give the path of a folder with a leora.toml, such as scripts/phase2\n\
         Nothing was changed.\n"
    );
}

#[test]
fn files_that_can_not_be_read() {
    refused(
        |project| std::fs::write(project.path("scripts/try/01_step.rhai"), b"\xff").unwrap(),
        "error: scripts/try/01_step.rhai can't be read: it is not UTF-8 text\nhelp: save it as UTF-8",
    );
    refused(
        |project| {
            std::os::unix::fs::symlink("/etc/hostname", project.path("scripts/try/02_b.rhai"))
                .unwrap()
        },
        "error: scripts/try/02_b.rhai can't be read: it is a link or a folder, not a\n       regular file\n\
         help: put a copy of the file there",
    );
    refused(
        |project| {
            project.write("scripts/try/01_step.rhai", &" ".repeat(1_100_000));
        },
        "error: scripts/try/01_step.rhai can't be read: it has 1,100,000 bytes, and at\n       most 1,048,576 are read\n\
         help: split it",
    );
}
