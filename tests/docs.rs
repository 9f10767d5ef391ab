//! The guides, followed as they stand: every shell command and every SQL block, in order, on one sandbox.

use std::path::Path;
use std::process::Command;

use crate::support::{Output, Project, execute, own_text};

/// The blocks of a page: their language and text.
pub(super) fn blocks(page: &str) -> Vec<(&str, String)> {
    let fenced = page.split("```").skip(1).step_by(2);
    fenced
        .map(|block| block.split_once('\n').expect("a fence stands alone"))
        .map(|(language, text)| (language, text.to_owned()))
        .collect()
}

/// Runs a line as a user's shell would.
pub(super) fn shell(project: &Project, line: &str) -> Output {
    Output::of(in_shell(project, line).output().expect("a shell"))
}

/// A user's shell with a line to run.
pub(super) fn in_shell(project: &Project, line: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_leora-run"));
    let path = std::env::var("PATH").expect("a PATH");
    let path = format!("{}:{path}", program.parent().expect("a folder").display());
    let mut command = Command::new("sh");
    command.args(["-c", line]).current_dir(project.path("")).env("PATH", path);
    command.env_remove("DATABASE_URL").env_remove("DIRECT_URL");
    command
}

/// The steps of a folder, one after the other.
fn scripts_of(project: &Project, folder: &str) -> String {
    let entries = std::fs::read_dir(project.path(&format!("scripts/{folder}"))).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let steps = paths.filter(|path| path.extension().is_some_and(|end| end == "rhai"));
    steps.map(|path| std::fs::read_to_string(path).expect("a script")).collect()
}

/// Follows a page; returns how many commands and SQL blocks it has.
fn follow(file: &str) -> (usize, usize) {
    let project = Project::new();
    let (mut commands, mut queries) = (0, 0);
    for (language, text) in blocks(&own_text(file)) {
        match language {
            "sh" => {
                for line in text.lines() {
                    let output = shell(&project, line);
                    assert_eq!(output.code, 0, "{line}\n{}\n{}", output.stdout, output.stderr);
                    commands += 1;
                }
            }
            "sql" => {
                execute(shell(&project, "leora-run sandbox url").stdout.trim(), &text);
                queries += 1;
            }
            "json" => {
                let scripts: serde_json::Value = serde_json::from_str(&text).expect("JSON");
                for (_, line) in scripts["scripts"].as_object().expect("scripts") {
                    let folder = line.as_str().expect("a line").trim_start_matches("leora-run ");
                    assert!(project.path(folder).is_dir(), "{folder}");
                }
            }
            "rhai" => {
                let folder = file.trim_start_matches("docs/").trim_end_matches(".md");
                let scripts = scripts_of(&project, folder);
                for line in text.lines() {
                    assert!(
                        scripts.lines().any(|own| own.contains(line)),
                        "{folder} has no {line}"
                    );
                }
            }
            // A script of its own: tests/npm.rs runs it in each of its cases.
            "bash" => assert!(text.starts_with("#!/bin/bash\n"), "{text}"),
            other => panic!("{file}: nothing runs a block of {other}"),
        }
    }
    (commands, queries)
}

#[test]
fn the_quick_reference_can_be_followed() {
    assert_eq!(follow("docs/quick-reference.md"), (10, 0));
}

#[test]
fn the_migration_guide_can_be_followed() {
    assert_eq!(follow("docs/migration-guide.md"), (8, 2));
}

#[test]
fn the_page_of_the_segments_can_be_followed() {
    assert_eq!(follow("docs/segments.md"), (14, 1));
}
