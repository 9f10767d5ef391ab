//! Arguments that are missing, misspelt or malformed.

use crate::support::{Output, Project};

fn told(arguments: &str) -> Output {
    let project = Project::new();
    project.output(&mut project.command(arguments))
}

/// The first paragraph of standard error, which is the message.
#[track_caller]
fn refused(arguments: &str, message: &str) {
    let output = told(arguments).exits(2);
    assert_eq!(output.stdout, "");
    assert_eq!(output.stderr.split("\n\nFor more").next(), Some(message));
}

const USAGE: &str = "\n\nUsage: leora-run [OPTIONS] [FOLDER] [COMMAND]";

#[test]
fn help_says_what_there_is() {
    let help = told("--help").exits(0);
    assert_eq!(help.stderr, "");
    for word in
        ["run ", "sandbox ", "--database-url <URL>", "--confirm <NAME>", "Exit codes: 0 done"]
    {
        assert!(help.stdout.contains(word), "{word}\n{}", help.stdout);
    }
    assert!(help.stdout.lines().all(|line| line.chars().count() <= 100), "{}", help.stdout);
}

#[test]
fn what_is_missing_or_misspelt() {
    refused(
        "",
        &format!(
            "error: say which script folder to run, such as scripts/phase2, or a command{USAGE}"
        ),
    );
    refused(
        "sandbx stop",
        &format!("error: there is no command sandbx; did you mean sandbox?{USAGE}"),
    );
    refused(
        "rn scripts/phase2",
        &format!("error: there is no command rn; did you mean run?{USAGE}"),
    );
    refused(
        "--strict rn scripts/phase2",
        &format!("error: there is no command rn; did you mean run?{USAGE}"),
    );
    refused(
        "scripts/phase2 scripts/verify",
        &format!("error: scripts/verify is one argument too many{USAGE}"),
    );
    refused("sandbox start now", &format!("error: now is one argument too many{USAGE}"));
}

#[test]
fn several_settings_and_blanks_among_values_say_what_to_write() {
    let several =
        "error: --set takes one setting, and can be given again; write --set a=1 --set b=2";
    refused("plan scripts/phase2 --sandbox --set a=1 b=2", &format!("{several}{USAGE}"));
    refused("check scripts/phase2 --set a=1 b=2", &format!("{several}{USAGE}"));
    let blanks = "error: the values of --vary have no blanks between them; write --vary x=3mo,6mo";
    refused("what-if scripts/phase2 --vary x=3mo, 6mo", &format!("{blanks}{USAGE}"));
    refused("what-if scripts/phase2 --vary x=3mo 6mo --sandbox", &format!("{blanks}{USAGE}"));
}

#[test]
fn values_that_can_not_be_read() {
    refused(
        "scripts/phase2 --set x",
        "error: invalid value 'x' for '--set <NAME=VALUE>': write it like --set active_within=6mo",
    );
    refused(
        "scripts/phase2 --as-of 2025-13-01",
        "error: invalid value '2025-13-01' for '--as-of <DATE>': there is no such day; write it like 2025-10-25",
    );
    refused(
        "scripts/phase2 --lock-timeout soon",
        "error: invalid value 'soon' for '--lock-timeout <TIME>': write it like 500ms, 2s or 15min",
    );
}

#[test]
fn options_before_and_behind_the_command_both_count() {
    let both = "--set active_within=3mo check scripts/phase2 --settings --set target_within=9mo";
    told(both).exits(0).says("3mo, by --set").says("9mo, by --set");
    let misspelt = "--set active_wihin=3mo check scripts/phase2 --set target_within=9mo";
    told(misspelt).exits(2).says("active_wihin");
    refused(
        "--as-of 2025-01-01 check scripts/phase2 --as-of 2025-01-02",
        "error: the argument '--as-of <DATE>' cannot be used multiple times\n\nUsage: leora-run check [OPTIONS] [FOLDERS]...",
    );
    let twice = format!("error: --set active_within is given twice; give it once{USAGE}");
    refused("--set active_within=3mo check scripts/phase2 --set active_within=4mo", &twice);
    refused("check scripts/phase2 --set active_within=3mo --set active_within=3mo", &twice);
}

#[test]
fn programs_get_a_document_also_for_wrong_arguments() {
    let document = told("sandbx stop --format json").exits(2).json();
    assert_eq!(document["error"]["kind"], "usage");
    assert_eq!(document["error"]["message"], "there is no command sandbx; did you mean sandbox?");
    assert_eq!(document["outcome"], "failed");
}
