//! Completions, the manual page, the version, and what GitHub Actions gets.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Database, Output, Project};

fn said(arguments: &str) -> Output {
    let project = Project::new();
    project.output(&mut project.command(arguments))
}

/// Whether this shell is there, to be asked.
fn shell(name: &str) -> bool {
    Command::new(name).arg("-c").arg("exit 0").status().is_ok_and(|status| status.success())
}

/// What bash offers after these words, the last of which is being written.
fn offered_by_bash(script: &str, words: &[&str]) -> Vec<String> {
    let line = words.join(" ");
    let text = format!(
        "{script}\nCOMP_WORDS=({line}{empty})\nCOMP_CWORD={at}\nCOMP_LINE='{line}'\nCOMP_POINT=${{#COMP_LINE}}\n\
         _leora__run leora-run '{last}' '{before}'\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"",
        empty = if words.last() == Some(&"") { "''" } else { "" },
        at = words.len() - 1,
        last = words.last().expect("a word"),
        before = words[words.len() - 2],
    );
    let output = Command::new("bash").args(["--norc", "-c", &text]).output().expect("bash");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_and_options() {
    assert!(shell("bash"), "bash is missing");
    let script = said("completions bash").exits(0).stdout;
    let commands = offered_by_bash(&script, &["leora-run", ""]);
    for command in ["run", "plan", "undo", "status", "doctor", "sandbox", "check", "completions"] {
        assert!(commands.iter().any(|one| one == command), "{command} is not in {commands:?}");
    }
    assert!(!commands.iter().any(|word| word.starts_with(['[', '<'])), "{commands:?}");
    assert_eq!(offered_by_bash(&script, &["leora-run", "doctor", "--gr"]), ["--grants"]);
    assert_eq!(offered_by_bash(&script, &["leora-run", "sandbox", "st"]), ["start", "stop"]);
    let formats = offered_by_bash(&script, &["leora-run", "plan", "--format", ""]);
    assert_eq!(formats, ["text", "json", "github"]);
}

#[test]
fn every_shell_has_its_script() {
    for (name, word) in [
        ("bash", "complete -F _leora__run"),
        ("zsh", "#compdef leora-run"),
        ("fish", "complete -c leora-run"),
        ("powershell", "Register-ArgumentCompleter -Native -CommandName 'leora-run'"),
    ] {
        said(&format!("completions {name}")).exits(0).says(word).says("doctor");
    }
    said("completions csh").exits(2);
}

#[test]
fn zsh_takes_a_folder_in_the_place_of_a_command_and_goes_on_behind_either() {
    let script = said("completions zsh").exits(0).stdout;
    // Tried in zsh 5.9: with the folder as a position of its own, nothing was completed behind a command.
    for line in [
        "\":: :{_leora-run_commands; _files -/}\" \\",
        "case $line[1] in\n            (run|*/*)",
        "'--grants[Print the grants that a role needs for the folder, as SQL]'",
    ] {
        assert!(script.contains(line), "{line}");
    }
    assert!(!script.contains("$line[2]"));
}

#[test]
fn fish_knows_the_words_that_a_command_takes() {
    said("completions fish")
        .exits(0)
        .says("\"__fish_leora_run_using_subcommand sandbox\" -f -a \"start stop reset url\"")
        .says(
            "\"__fish_leora_run_using_subcommand completions\" -f -a \"bash zsh fish powershell\"",
        );
}

#[test]
fn the_manual_has_a_page_for_the_program_and_each_command() {
    said("man").exits(0).says(".TH leora-run 1").says("leora\\-run\\-plan(1)").says("Exit codes");
    said("man doctor").exits(0).says(".TH leora-run-doctor 1").says("\\-\\-grants");
    said("man nothing").exits(2).says("error: there is no command nothing");
}

#[test]
fn the_version_names_commit_and_compiler() {
    let told = said("--version").exits(0).stdout;
    let version = format!("leora-run {} (", env!("CARGO_PKG_VERSION"));
    assert!(told.starts_with(&version) && told.contains("rustc 1."), "{told}");
    assert_eq!(told.lines().count(), 1);
}

/// What the build script tells of a folder that holds the sources.
fn build_of(script: &Path, folder: &Path) -> String {
    let mut command = Command::new(script);
    command.current_dir(folder).env("CARGO_MANIFEST_DIR", folder).env("RUSTC", "rustc");
    command.env_remove("GIT_DIR").env("PROFILE", "release").env("OUT_DIR", folder);
    let told = Output::of(command.output().expect("it runs")).exits(0).stdout;
    let line = told.lines().find_map(|line| line.strip_prefix("cargo::rustc-env=LEORA_BUILD="));
    line.expect("the build").to_owned()
}

#[test]
fn the_version_names_a_commit_only_where_it_is_ours() {
    let home = tempfile::tempdir().expect("a folder");
    let script = home.path().join("build");
    let mut rustc = Command::new("rustc");
    rustc.args(["--edition", "2024", "-o"]).arg(&script).arg("build.rs");
    rustc.current_dir(env!("CARGO_MANIFEST_DIR"));
    Output::of(rustc.output().expect("rustc")).exits(0);
    let git = |folder: &Path, arguments: &str| {
        let name = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        let mut git = Command::new("git");
        git.args(name).args(arguments.split(' ')).current_dir(folder).env_remove("GIT_DIR");
        Output::of(git.output().expect("git")).exits(0).stdout.trim().to_owned()
    };
    let unpacked = home.path().join("theirs/unpacked");
    for folder in ["scripts", "sql"] {
        fs::create_dir_all(unpacked.join(folder)).expect("a folder");
    }
    // Without git's knowledge, and within a checkout of somebody else.
    let without = build_of(&script, &unpacked);
    assert!(without.starts_with(" (rustc 1.") && without.ends_with(')'), "{without}");
    let theirs = home.path().join("theirs");
    git(&theirs, "init --quiet");
    git(&theirs, "commit --quiet --allow-empty --message theirs");
    assert_eq!(build_of(&script, &unpacked), without);
    git(&unpacked, "init --quiet");
    git(&unpacked, "commit --quiet --allow-empty --message ours");
    let commit = git(&unpacked, "rev-parse --short=9 HEAD");
    assert_eq!(build_of(&script, &unpacked), without.replacen(" (", &format!(" ({commit}, "), 1));
}

#[test]
fn github_is_told_what_failed_on_its_line() {
    let (project, database) = (Project::new(), Database::sample());
    project.script(
        "access = \"read-only\"",
        "expect(\"50%, at least\", false, \"49%\");\nwarn_unless(\"all is quiet\", false);\n",
    );
    let output = project.run(&database, "scripts/try --format github").exits(1);
    let annotations: Vec<&str> =
        output.stdout.lines().filter(|line| line.contains(" file=")).collect();
    assert_eq!(
        annotations,
        [
            "::error file=scripts/try/01_step.rhai,line=1,col=1,title=expectation::50%25, at least%0A49%25",
            "::warning file=scripts/try/01_step.rhai,line=2,col=1,title=expectation::all is quiet",
        ]
    );
    output.says("✗ 50%, at least");
    project.script("access = \"read-only\"", "table(\"Custmer\").count();\n");
    project
        .run(&database, "scripts/try --format github")
        .exits(2)
        .says("::error file=scripts/try/01_step.rhai,line=1,col=")
        .says("title=script::there is no table Custmer in schema public%0Adid you mean Customer?");
    project.script("access = \"read-only\"", "let x = 1\nlet y = 2;\n");
    let checked =
        project.output(&mut project.command("check scripts/try --format github")).exits(2);
    checked.says("::error file=scripts/try/01_step.rhai,line=");
    let mut nowhere = project.command("doctor --format github");
    project
        .output(&mut nowhere)
        .exits(1)
        .says("::error title=doctor%3A connection::no database was named%0A");
}
