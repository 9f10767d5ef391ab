//! docs/ci.md: its workflow and its hooks, read as GitHub, pre-commit and git read them, and run.

use yaml_rust2::{Yaml, YamlLoader};

use super::docs::{blocks, in_shell, shell};
use crate::support::{GuardedServer, Output, Project, Tls, own_text};

/// The YAML blocks of the page, by the file's name in their first line.
fn yaml(name: &str) -> Yaml {
    let page = own_text("docs/ci.md");
    let blocks = blocks(&page);
    let named = |text: &str| text.lines().next().is_some_and(|line| line.ends_with(name));
    let found = blocks.iter().find(|(language, text)| *language == "yaml" && named(text));
    let (_, text) = found.unwrap_or_else(|| panic!("docs/ci.md has no {name}"));
    only_document(name, text)
}

fn only_document(name: &str, text: &str) -> Yaml {
    let mut documents =
        YamlLoader::load_from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(documents.len(), 1, "{name}");
    documents.remove(0)
}

fn list(of: &Yaml) -> &Vec<Yaml> {
    of.as_vec().expect("a list")
}

#[test]
fn each_step_of_the_workflow_does_what_it_says() {
    let workflow = yaml("workflows/migration.yml");
    assert_eq!(list(&workflow["on"])[0].as_str(), Some("pull_request"));
    let job = &workflow["jobs"]["migration"];
    assert_eq!(job["runs-on"].as_str(), Some("ubuntu-latest"));
    let database = &job["services"]["postgres"];
    assert_eq!(database["env"]["POSTGRES_DB"].as_str(), Some("crm"));
    assert_eq!(list(&database["ports"])[0].as_str(), Some("5432:5432"));
    let url = job["env"]["DATABASE_URL"].as_str().expect("an address");
    assert_eq!(url, "postgresql://postgres:postgres@localhost:5432/crm");

    let (project, server) = (Project::new(), GuardedServer::start(Tls::Off));
    let ours = format!("postgresql://app:secret@127.0.0.1:{}/crm", server.port);
    let mut commands = 0;
    for step in list(&job["steps"]) {
        assert!(step["uses"].as_str().is_some() != step["run"].as_str().is_some(), "{step:?}");
        let Some(run) = step["run"].as_str() else { continue };
        // As GitHub does: a script, which the first failure ends.
        let script = format!("set -e\n{run}");
        let output = Output::of(
            in_shell(&project, &script).env("DATABASE_URL", &ours).output().expect("a shell"),
        );
        assert_eq!(output.code, 0, "{run}\n{}\n{}", output.stdout, output.stderr);
        commands += run.lines().count();
    }
    assert_eq!(commands, 6, "steps that run");
}

#[test]
fn our_own_workflow_runs_what_must_pass_and_looks_for_advisories() {
    let place = ".github/workflows/ci.yml";
    let workflow = only_document(place, &own_text(place));
    for (job, command) in [("ci", "bash .ci/run"), ("advisories", "bash .ci/deny advisories")] {
        let steps = list(&workflow["jobs"][job]["steps"]);
        let runs: Vec<&str> = steps.iter().filter_map(|step| step["run"].as_str()).collect();
        assert_eq!(runs, [command]);
        let script = command.split_whitespace().nth(1).expect("a script");
        assert!(own_text(script).starts_with("#!/usr/bin/env bash\n"), "{script}");
    }
}

#[test]
fn the_hooks_let_good_scripts_pass_and_stop_a_mistake() {
    let hook = yaml(".pre-commit-config.yaml");
    let hook = &list(&list(&hook["repos"])[0]["hooks"])[0];
    for key in ["id", "name", "entry", "language", "files"] {
        assert!(hook[key].as_str().is_some(), "a hook without {key}: {hook:?}");
    }
    let page = own_text("docs/ci.md");
    let blocks = blocks(&page);
    let plain = blocks.iter().find(|(_, text)| text.contains("# .git/hooks/pre-commit"));
    let (_, plain) = plain.expect("a hook for git");
    let project = Project::new();
    for line in [hook["entry"].as_str().expect("a command"), plain] {
        shell(&project, line).exits(0);
        project.edit("scripts/verify/01_enums.rhai", "\n", "\nlet x = ;\n");
        let stopped = shell(&project, line).exits(2);
        stopped.says("scripts/verify/01_enums.rhai");
        project.edit("scripts/verify/01_enums.rhai", "let x = ;\n", "");
    }
}

#[test]
fn completions_and_pages_of_the_manual_are_printed_by_the_commands_there() {
    let (project, text) = (Project::new(), own_text("docs/ci.md"));
    let mut commands = 0;
    for line in blocks(&text).iter().flat_map(|(_, text)| text.lines()) {
        let Some((command, _)) = line.split_once('>').filter(|_| line.starts_with("leora-run "))
        else {
            continue;
        };
        let output = shell(&project, command).exits(0);
        assert!(output.stdout.len() > 500, "{command}");
        commands += 1;
    }
    assert_eq!(commands, 5);
}

/// The exit codes in the rows of a page.
fn codes(file: &str) -> Vec<String> {
    let page = own_text(file);
    let rows = page.split("| exit code | meaning |\n").nth(1).expect("a table");
    let rows = rows.lines().take_while(|line| line.starts_with('|')).skip(1);
    rows.map(|row| row.split('|').nth(1).unwrap_or_default().trim().to_owned()).collect()
}

#[test]
fn the_exit_codes_are_those_of_the_help() {
    let help = shell(&Project::new(), "leora-run --help").exits(0).stdout;
    let told = help.split("Exit codes:").nth(1).expect("exit codes");
    let told: Vec<&str> =
        told.split(|c: char| !c.is_ascii_digit()).filter(|word| !word.is_empty()).collect();
    assert_eq!(codes("docs/command-line.md"), told);
}
