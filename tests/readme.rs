//! The commands of the documentation, run as they stand, in order, on one sandbox.

use std::fs;
use std::path::Path;

use crate::support::Project;

/// The lines of the shell blocks of a page that start with `leora-run`, without their comments.
fn commands(page: &str) -> Vec<String> {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).expect("a page");
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            inside = line == "```sh";
        } else if inside && line.starts_with("leora-run ") {
            found.push(line.split(" #").next().unwrap_or(line).trim().to_owned());
        }
    }
    found
}

#[test]
fn the_readmes_commands_work_in_order() {
    let project = Project::new();
    let found = commands("README.md");
    assert!(found.len() >= 10, "{found:?}");
    for command in found {
        let arguments = command.strip_prefix("leora-run ").expect("it starts with it");
        project.output(&mut project.command(arguments)).exits(0);
    }
}

#[test]
fn the_readme_starts_with_the_two_commands() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"))
        .expect("the README");
    let shell: Vec<&str> =
        text.split("```sh\n").skip(1).map(|block| block.lines().next().unwrap_or("")).collect();
    assert_eq!(shell[0], "bash .ci/setup && cargo run -- scripts/phase2 --sandbox");
    assert_eq!(shell[1], "bash .ci/setup && cargo test");
    let ci = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/run")).expect("CI");
    assert!(
        ci.contains("bash .ci/setup\n") && ci.contains("\ncargo test"),
        "CI runs the README's test command"
    );
}
