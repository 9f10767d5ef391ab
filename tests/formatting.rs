//! `fmt`: what it writes, names and leaves alone.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use expect_test::expect;
use leora_folder::normalized_checksum;

use crate::support::Project;

const RAGGED: &str = "\
//! Ragged
update(\"Customer\")
  .where(col(\"city\").is_null())
  .set(\"accountType\", [
    [col(\"lastOrderDate\").within(months(6)),\"ACTIVE\"],   // newer
      [otherwise, \"PROSPECT\"]
  ]);  \n\n";

#[test]
fn a_ragged_script_is_formatted_and_means_the_same() {
    let project = Project::new();
    project.script("writes = [\"Customer.accountType\"]", RAGGED);
    let path = project.path("scripts/try/01_step.rhai");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("permissions");
    let output = project.output(&mut project.command("fmt scripts/try --check")).exits(1);
    expect![[r#"
        would change scripts/try/01_step.rhai
        1 of 1 script would change: leora-run fmt formats them.
    "#]]
    .assert_eq(&output.stdout);
    assert_eq!(fs::read_to_string(&path).expect("the script"), RAGGED, "--check writes nothing");
    let output = project.output(&mut project.command("fmt scripts/try")).exits(0);
    expect![[r#"
        formatted scripts/try/01_step.rhai
        1 of 1 script formatted.
    "#]]
    .assert_eq(&output.stdout);
    let formatted = fs::read_to_string(&path).expect("the script");
    expect![[r#"
        //! Ragged
        update("Customer")
            .where(col("city").is_null())
            .set("accountType", [
                [ col("lastOrderDate").within(months(6)), "ACTIVE"   ],   // newer
                [ otherwise,                              "PROSPECT" ]
            ]);
    "#]]
    .assert_eq(&formatted);
    let checksum = |text| normalized_checksum("01_step.rhai", text);
    assert_eq!(checksum(&formatted), checksum(RAGGED));
    assert_eq!(fs::metadata(&path).expect("the script").permissions().mode() & 0o777, 0o640);
    let output = project.output(&mut project.command("fmt scripts/try")).exits(0);
    expect![[r#"
        1 script formatted already.
    "#]]
    .assert_eq(&output.stdout);
    let names = fs::read_dir(project.path("scripts/try")).expect("the folder").count();
    assert_eq!(names, 2, "nothing unfinished stays");
}

#[test]
fn every_shipped_folder_is_formatted() {
    let project = Project::new();
    project.output(&mut project.command("new loyalty")).exits(0);
    project.output(&mut project.command("fmt --check")).exits(0).says("scripts formatted already");
}

#[test]
fn a_script_that_does_not_compile_is_left_alone() {
    let project = Project::new();
    project.script("", "note(\"a\");   \n");
    let broken = "let a = [1, 2;   \nnote(a);\n";
    project.write("scripts/try/02_broken.rhai", broken);
    let output = project.output(&mut project.command("fmt scripts/try")).exits(2);
    expect![[r#"
        error: this `[` is not closed
         --> scripts/try/02_broken.rhai:1:9
          |
        1 | let a = [1, 2;
          |         ^
        help: write `]` before the `;` in line 1, column 14

        formatted scripts/try/01_step.rhai
        1 of 1 script formatted; 1 is left as it is: it does not compile.
    "#]]
    .assert_eq(&output.stdout);
    let read = |name: &str| fs::read_to_string(project.path(name)).expect("the script");
    assert_eq!(read("scripts/try/02_broken.rhai"), broken);
    assert_eq!(read("scripts/try/01_step.rhai"), "note(\"a\");\n");
}

#[test]
fn files_are_named_alone_and_folders_with_their_modules_and_examples() {
    let project = Project::new();
    project.script("", "note(\"a\");\n");
    for name in ["lib/one.rhai", "examples/two.rhai"] {
        project.write(&format!("scripts/try/{name}"), "let a = 1; \n");
    }
    let output =
        project.output(&mut project.command("fmt --check scripts/try/lib/one.rhai")).exits(1);
    expect![[r#"
        would change scripts/try/lib/one.rhai
        1 of 1 script would change: leora-run fmt formats them.
    "#]]
    .assert_eq(&output.stdout);
    let output = project.output(&mut project.command("fmt scripts/try")).exits(0);
    expect![[r#"
        formatted scripts/try/lib/one.rhai
        formatted scripts/try/examples/two.rhai
        2 of 3 scripts formatted.
    "#]]
    .assert_eq(&output.stdout);
    for (path, says) in
        [("scripts/none", "there is no"), ("scripts/try/leora.toml", "is no script")]
    {
        project.output(project.command("fmt").arg(path)).exits(2).says(says).says("\nhelp: ");
    }
}

#[test]
fn a_link_is_not_followed() {
    let project = Project::new();
    project.script("", "note(\"a\");\n").write("target.rhai", "note(\"b\");  \n");
    let link = project.path("scripts/try/02_link.rhai");
    std::os::unix::fs::symlink(project.path("target.rhai"), link).expect("a link");
    project
        .output(&mut project.command("fmt scripts/try"))
        .exits(2)
        .says("02_link.rhai can't be read");
    let target = fs::read_to_string(project.path("target.rhai")).expect("the target");
    assert_eq!(target, "note(\"b\");  \n");
}
