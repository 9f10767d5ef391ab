//! A connection that is cut during COMMIT: the outcome is looked up, and told when nobody knows.

use std::time::Duration;

use crate::support::{Breakpoint, Database, Output, Project, Proxy};

const NOT_AWAY: Duration = Duration::ZERO;

fn by(project: &Project, database: &Database, proxy: &Proxy, arguments: &str) -> Output {
    let mut command = project.command(arguments);
    command.args(["--database-url", &database.url_by(proxy.port()), "--confirm", &database.name]);
    let output = project.output(&mut command);
    assert!(proxy.was_cut(), "no COMMIT was seen: {output:?}");
    output
}

/// How the last run is recorded.
fn recorded(database: &Database) -> String {
    database.value("SELECT outcome FROM leora_run.run ORDER BY number DESC LIMIT 1")
}

#[test]
fn cut_before_the_commit_arrives_nothing_was_changed() {
    let (project, database) = (Project::new(), Database::sample());
    let before = database.fingerprint();
    let proxy = Proxy::start(&database, Breakpoint::Before, NOT_AWAY);
    let output = by(&project, &database, &proxy, "scripts/phase2").exits(3);
    output.says("lost during COMMIT").says("nothing was changed");
    assert_eq!(database.fingerprint(), before);
    assert_eq!(recorded(&database), "failed");
    project.run(&database, "scripts/phase2").exits(0);
}

#[test]
fn cut_after_the_commit_arrived_the_run_is_done() {
    let project = Project::new();
    for (cut, away) in [(Breakpoint::After, 0), (Breakpoint::Late, 0), (Breakpoint::After, 1_500)] {
        let database = Database::sample();
        let proxy = Proxy::start(&database, cut, Duration::from_millis(away));
        let output = by(&project, &database, &proxy, "scripts/phase2").exits(0);
        output.says("all committed");
        assert_eq!(recorded(&database), "done", "{cut:?}");
        assert_eq!(database.value("SELECT count(*) FROM leora_run.run"), "1");
    }
}

#[test]
fn while_the_server_stays_away_the_outcome_is_unknown() {
    let (project, database) = (Project::new(), Database::sample());
    let proxy = Proxy::start(&database, Breakpoint::After, Duration::from_secs(60));
    let arguments = "scripts/phase2 --commit-wait 500ms --format json";
    let document = by(&project, &database, &proxy, arguments).exits(6).json();
    assert_eq!(document["outcome"], "unknown");
    let command = format!("leora-run status {}", document["run"].as_str().expect("an id"));
    let help = document["error"]["help"].as_str().expect("a help");
    assert!(help.contains(&command), "{help}");
    // The one command that settles it.
    project.run(&database, command.trim_start_matches("leora-run ")).exits(0).says("done");
}

#[test]
fn an_unknown_outcome_that_was_none_is_told_by_status() {
    let (project, database) = (Project::new(), Database::sample());
    let before = database.fingerprint();
    let proxy = Proxy::start(&database, Breakpoint::Before, Duration::from_secs(60));
    let arguments = "scripts/phase2 --commit-wait 500ms --format json";
    let document = by(&project, &database, &proxy, arguments).exits(6).json();
    let run = document["run"].as_str().expect("an id");
    let output = project.run(&database, &format!("status {run}")).exits(2);
    assert!(output.stdout.contains("no run has an id"), "{output:?}");
    assert_eq!(database.fingerprint(), before);
}

#[test]
fn an_undo_looks_its_commit_up_too() {
    let (project, database) = (Project::new(), Database::sample());
    project.run(&database, "scripts/phase2").exits(0);
    let before = database.fingerprint();
    let proxy = Proxy::start(&database, Breakpoint::Before, NOT_AWAY);
    by(&project, &database, &proxy, "undo").exits(3).says("nothing was changed");
    assert_eq!(database.fingerprint(), before);
    let proxy = Proxy::start(&database, Breakpoint::After, NOT_AWAY);
    by(&project, &database, &proxy, "undo").exits(0).says("Put back");
    assert_eq!(recorded(&database), "done");
    assert_ne!(database.fingerprint(), before);
}
