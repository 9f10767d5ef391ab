//! The file of a list: whole or not there, and what it may be called.

use std::fs;

use super::{cells, lines};
use crate::support::{Database, Project, one_line};

const RULE: &str =
    "update(\"Customer\").where(col(\"city\") == \"Napa\").set(\"city\", \"Sonoma\");";

fn project() -> (Project, Database) {
    let (project, database) = (Project::new(), Database::sample());
    project.script("writes = [\"Customer.city\"]", RULE);
    (project, database)
}

#[test]
fn a_list_is_there_when_the_command_has_ended_well() {
    let (project, database) = project();
    fs::write(project.path("rows.csv"), "before").expect("a file");
    project.script("writes = [\"Customer.city\"]", &format!("{RULE}\nexpect(\"none\", false);"));
    for command in ["plan scripts/try --rows rows.csv", "scripts/try --rows rows.csv"] {
        project.run(&database, command).exits(1).says_not("changed rows");
        assert_eq!(fs::read_to_string(project.path("rows.csv")).expect("a file"), "before");
    }
    project.script("writes = [\"Customer.city\"]", RULE);
    let changed = database.value("SELECT count(*) FROM \"Customer\" WHERE city = 'Napa'");
    let said = format!("rows.csv lists {changed} changed rows.");
    project.run(&database, "plan scripts/try --rows rows.csv").exits(0).says(&said);
    assert_eq!(lines(&project, "rows.csv").len().to_string(), changed);
    let names = fs::read_dir(project.path("")).expect("a folder").flatten();
    let left = names.filter(|entry| entry.file_name().to_string_lossy().starts_with(".leora-run-"));
    assert_eq!(left.count(), 0);
}

#[test]
fn only_the_owner_may_read_a_list() {
    use std::os::unix::fs::PermissionsExt;
    let (project, database) = project();
    project.run(&database, "plan scripts/try --rows rows.json").exits(0);
    let mode = fs::metadata(project.path("rows.json")).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_list_on_standard_output_stands_there_alone() {
    let (project, database) = project();
    let output = project.run(&database, "plan scripts/try --rows -").exits(0);
    assert!(output.stderr.contains("Planned: "), "{}", output.stderr);
    let first = output.stdout.lines().next().expect("a header");
    assert_eq!(first, "step,table,key,accountNumber,name,externalId,column,old,new,line");
    let mut reader = csv::Reader::from_reader(output.stdout.as_bytes());
    assert!(reader.records().all(|line| line.expect("a line").get(7) == Some("Napa")));
    project
        .run(&database, "plan scripts/try --rows - --format json")
        .exits(2)
        .says("--rows - and --format both want standard output");
}

#[test]
fn what_can_not_be_a_list_is_refused_before_anything_is_done() {
    let (project, database) = project();
    let before = database.fingerprint();
    for (file, said) in [
        ("rows.txt", "rows.txt ends neither in .csv nor in .json"),
        ("rows", "rows ends neither in .csv nor in .json"),
        ("none/rows.csv", "the list of rows can't be written to none/rows.csv"),
    ] {
        project.run(&database, &format!("scripts/try --rows {file}")).exits(2).tells(said);
    }
    project.run(&database, "status --rows rows.csv").exits(2).says("name the run");
    project.run(&database, "status scripts/try --rows rows.csv").exits(2).says("name the run");
    let alone = project.run(&database, "plan scripts/try --where-change A->B").exits(2);
    assert!(alone.stderr.contains("--rows <FILE>"), "{}", alone.stderr);
    assert_eq!(database.fingerprint(), before);
}

#[test]
fn a_list_is_limited_to_changes() {
    let (project, database) = (Project::new(), Database::sample());
    let run = |filters: &str| {
        let command = format!("plan scripts/phase2 --rows rows.csv {filters}");
        let mut command = project.on(&database, &command);
        project.output(&mut command).exits(0);
        let mut all = cells(&project, "rows.csv", &["old", "new"]);
        all.dedup();
        all
    };
    let changes = |all: &[[&str; 2]]| {
        all.iter().map(|change| change.map(str::to_owned).to_vec()).collect::<Vec<_>>()
    };
    assert_eq!(run("--where-change=(none)->TARGET"), changes(&[["", "TARGET"]]));
    let both = run("--where-change=*->TARGET --where-change=*->LOW");
    assert_eq!(both, changes(&[["", "LOW"], ["", "TARGET"]]));
    assert_eq!(run("--where-change=TARGET->*"), changes(&[]));
    let wrong = project.run(&database, "plan scripts/phase2 --rows rows.csv --where-change TARGET");
    assert!(one_line(&wrong.stderr).contains("write it like \"ACTIVE -> PROSPECT\""), "{wrong:?}");
}

#[test]
fn a_list_of_json_has_a_document_for_each_row() {
    let (project, database) = project();
    project.run(&database, "plan scripts/try --rows rows.json").exits(0);
    let text = fs::read_to_string(project.path("rows.json")).expect("a list");
    let documents: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let first = &documents[0];
    assert_eq!(first["column"], "city");
    assert_eq!((&first["old"], &first["new"]), (&"Napa".into(), &"Sonoma".into()));
    assert_eq!(first["line"], "scripts/try/01_step.rhai:1");
    assert!(first["key"]["id"].is_string() && first["labels"]["accountNumber"].is_string());
}

#[test]
fn other_settings_have_a_list_of_their_own() {
    let (project, database) = (Project::new(), Database::sample());
    project
        .run(&database, "what-if scripts/phase2 --vary active_within=30d,60d --rows rows.csv")
        .exits(2)
        .says("--rows lists one combination of settings, and these are 2");
    project
        .run(&database, "what-if scripts/phase2 --vary active_within=30d --rows what-if.csv")
        .exits(0)
        .says("what-if.csv lists");
    project.run(&database, "plan scripts/phase2 --set active_within=30d --rows plan.csv").exits(0);
    let columns = ["step", "key", "column", "old", "new", "line", "name", "lastOrderDate"];
    let classes = |file: &str| {
        let mut all = cells(&project, file, &columns);
        // The other column is one that an SQL file adds, which is not run here.
        all.retain(|line| line[2] == "accountType");
        all
    };
    assert_eq!(classes("what-if.csv"), classes("plan.csv"));
    assert!(!classes("plan.csv").is_empty());
}
