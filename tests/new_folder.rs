//! `new`: the folder that it makes checks clean, can be planned and run, and takes nobody's place.

use std::fs;
use std::path::Path;

use expect_test::expect;

use crate::support::{Database, Project, own_text};

/// All files below a folder, with their texts.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => {
                let text = fs::read_to_string(&path).expect("a text");
                found.push((path.display().to_string(), text));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn the_new_folder_checks_clean_and_says_what_to_do() {
    let project = Project::new();
    let made = project.output(&mut project.command("new loyalty")).exits(0);
    expect![[r#"
        made scripts/loyalty
          leora.toml             what the folder may do
          01_mark_quiet.rhai     a rule
          02_verify_quiet.rhai   what must hold after it
          examples/quiet.rhai    what the rule makes of a customer

        Try it, then make the rule your own:
          leora-run check scripts/loyalty
          leora-run plan scripts/loyalty --sandbox
    "#]]
    .assert_eq(&made.stdout);
    let checked = project.output(&mut project.command("check scripts/loyalty")).exits(0);
    expect![[r#"
        scripts/loyalty: Loyalty
          ✓ 2 scripts, nothing to find fault with
          ✓ ordered a week ago    HEALTHY, as it was: no arm matches
                                  (01_mark_quiet.rhai:11)
          ✓ exactly 6 months ago  HEALTHY, as it was: no arm matches
                                  (01_mark_quiet.rhai:11)
          ✓ 7 months ago          DORMANT, by arm 2 (01_mark_quiet.rhai:15)
          ✓ has never ordered     DORMANT, by arm 1 (01_mark_quiet.rhai:14)
          ✓ has ordered again     HEALTHY, by arm 3 (01_mark_quiet.rhai:16)
          ✓ is closed             CLOSED, as it was: `where` leaves it out
                                  (01_mark_quiet.rhai:11)

        Nothing found in 1 folder; 6 examples hold.
        No database was asked whether the columns and values exist: --sandbox or
        --database-url does.
    "#]]
    .assert_eq(&checked.stdout);
    let mut names: Vec<_> = fs::read_dir(project.path("scripts")).expect("scripts").collect();
    names.retain(|entry| {
        entry.as_ref().is_ok_and(|one| one.file_name().to_string_lossy().starts_with('.'))
    });
    assert!(names.is_empty(), "nothing unfinished stays: {names:?}");
}

#[test]
fn the_new_folder_can_be_planned_and_run_on_the_sample() {
    let (project, database) = (Project::new(), Database::sample());
    project.output(&mut project.command("new scripts/loyalty")).exits(0);
    project.run(&database, "check scripts/loyalty").exits(0);
    let before = database.fingerprint();
    project.run(&database, "plan scripts/loyalty --strict").exits(0).says("Customer.riskStatus");
    assert_eq!(database.fingerprint(), before);
    project
        .run(&database, "scripts/loyalty --strict")
        .exits(0)
        .says("nobody who has never ordered is healthy");
    let quiet = "SELECT count(*)::text FROM \"Customer\" WHERE \"riskStatus\" = 'HEALTHY' AND \"lastOrderDate\" IS NULL";
    assert_eq!(database.value(quiet), "0");
    project.run(&database, "scripts/loyalty").exits(0).says("nothing to change");
}

#[test]
fn what_is_there_is_left_as_it_is() {
    let project = Project::new();
    let before = files(&project.path("scripts"));
    for name in ["phase2", "scripts/phase2", "scripts/phase2/leora.toml", "scripts/phase2/lib"] {
        project.write("scripts/phase2/lib/shape.rhai", "");
        project.output(project.command("new").arg(name)).exits(2).says("error: ").says("\nhelp: ");
    }
    fs::remove_dir_all(project.path("scripts/phase2/lib")).expect("the folder");
    assert_eq!(files(&project.path("scripts")), before);
    let refused = project.output(&mut project.command("new scripts/phase2")).exits(2);
    expect![[r#"
        error: scripts/phase2 is already there, and is left as it is
        help: give another name, or remove it first
        Nothing was changed.
    "#]]
    .assert_eq(&refused.stdout);
}

#[test]
fn a_name_that_is_none_is_refused() {
    let project = Project::new();
    for name in ["..", "scripts/a b", "x\"y", ""] {
        project.output(project.command("new").arg(name)).exits(2);
    }
    fs::write(project.path("file"), "").expect("a file");
    project.output(&mut project.command("new file/loyalty")).exits(2).says("can't be made");
}

#[test]
fn the_bundled_folders_are_used_on_the_sandbox_alone_and_written_on_demand() {
    let (project, database) = (Project::new(), Database::sample());
    for folder in ["scripts", "sql"] {
        fs::remove_dir_all(project.path(folder)).expect("the folder");
    }
    let before = database.fingerprint();
    let refused = project.run(&database, "scripts/phase2").exits(2);
    expect![[r#"
        error: there is no script folder scripts/phase2
        help: leora-run brings one of this name, which --sandbox tries; for another
              database, leora-run new --bundled writes it here, to be read and changed
        Nothing was changed.
    "#]]
    .assert_eq(&refused.stdout);
    assert_eq!(database.fingerprint(), before);
    project.output(&mut project.command("scripts/none --sandbox")).exits(2).says_not("brings");

    let plan = project.output(&mut project.command("plan ./scripts/phase2 --sandbox")).exits(0);
    expect![[r#"
        note: there is no scripts/phase2 here, so the one that leora-run brings is used; leora-run new --bundled writes it here
    "#]]
    .assert_eq(&plan.stderr);
    // A file that somebody added there is no step of it.
    project.write(".leora/bundled/scripts/phase2/07_further.rhai", "expect(\"no\", false);");
    let run = project.output(&mut project.command("scripts/phase2 --sandbox")).exits(0);
    run.says("all committed");
    let status = project.output(&mut project.command("status scripts/phase2 --sandbox")).exits(0);
    status.says(".leora/bundled/scripts/phase2 last ran on").says("No file has changed since");

    let made = project.output(&mut project.command("new --bundled")).exits(0);
    made.says("made\n").says("\n  scripts/phase2\n").says("\n  sql/phase2-migration.sql\n");
    for folder in ["scripts", "sql"] {
        for (path, text) in files(&project.path(folder)) {
            let name =
                path.strip_prefix(project.path("").to_str().expect("a path")).expect("inside");
            assert_eq!(text, own_text(name), "{name}");
        }
    }
    project.output(&mut project.command("check")).exits(0).says("Nothing found in ");
    let refused = project.output(&mut project.command("new --bundled")).exits(2);
    expect![[r#"
        error: scripts/carla-smoke is already there, so nothing was written
        help: write them in another directory, and copy from there what you want
        Nothing was changed.
    "#]]
    .assert_eq(&refused.stdout);
}
