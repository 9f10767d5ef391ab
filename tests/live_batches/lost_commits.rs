//! A connection that is cut at a COMMIT of a run in batches: what is said of it is so.

use std::time::Duration;

use super::{DONE, JOURNALLED, slow};
use crate::support::{Breakpoint, Database, Gate, Output, Project, Proxy};

const CUTS: [Breakpoint; 3] = [Breakpoint::Before, Breakpoint::After, Breakpoint::Late];

/// Runs it with this COMMIT cut, counted from 0.
fn cut_at(
    project: &Project,
    database: &Database,
    cut: Breakpoint,
    nth: usize,
    arguments: &str,
) -> Output {
    let proxy = Proxy::start_at(database, cut, Duration::ZERO, nth);
    let mut command = project.command(arguments);
    command.args(["--database-url", &database.url_by(proxy.port()), "--confirm", &database.name]);
    let output = project.output(&mut command);
    assert!(proxy.was_cut(), "no COMMIT was seen: {output:?}");
    database.wait_for_silence();
    output
}

fn thousands(count: &str) -> String {
    match count.len() {
        4.. => format!("{},{}", &count[..count.len() - 3], &count[count.len() - 3..]),
        _ => count.to_owned(),
    }
}

/// The data, the journal and the report agree; the run can be continued.
#[track_caller]
fn agrees(project: &Project, database: &Database, output: &Output, told: &str) {
    let done = database.value(DONE);
    assert_eq!(database.value(JOURNALLED), done, "{told}");
    for untrue in ["nothing was changed", "Nothing was changed", "has rolled back", "Changed 0"] {
        let said = output.stdout.contains(untrue);
        assert!(
            done == "0" || !said,
            "{told}: {done} stay, and it says {untrue}:\n{}",
            output.stdout
        );
    }
    let stays = format!("{} committed values stay", thousands(&done));
    assert_eq!(output.stdout.contains(&stays), done != "0", "{told}: {stays}\n{}", output.stdout);
    project.run(database, "scripts/try").exits(0);
    assert_eq!(database.value(DONE), "9000", "{told}");
    assert_eq!(database.value(JOURNALLED), "9000", "{told}");
}

#[test]
fn at_the_first_commit_nothing_stays_or_the_run_goes_on() {
    for cut in CUTS {
        let (project, database) = slow(0.0);
        let output = cut_at(&project, &database, cut, 0, "scripts/try");
        match cut {
            Breakpoint::Before => {
                let output = output.exits(3).tells("nothing was changed").says_not("stay");
                agrees(&project, &database, &output, "the first, before");
            }
            Breakpoint::After | Breakpoint::Late => {
                output.exits(0);
                assert_eq!(database.value(DONE), "9000", "{cut:?}");
            }
        }
    }
}

#[test]
fn at_the_commit_of_a_batch_what_stays_is_counted() {
    for cut in CUTS {
        for nth in [1, 4] {
            let (project, database) = slow(0.05);
            let output = cut_at(&project, &database, cut, nth, "scripts/try").exits(3);
            agrees(&project, &database, &output, &format!("{nth}, {cut:?}"));
        }
    }
}

#[test]
fn at_the_last_commit_the_batches_stay_or_the_run_is_done() {
    let (project, database) = slow(0.0);
    let gate = Gate::open(&database, None);
    let mut command = project.command("scripts/try");
    command.args(["--database-url", &database.url_by(gate.port()), "--confirm", &database.name]);
    project.output(&mut command).exits(0);
    let last = gate.count("COMMIT\0") - 1;
    for cut in CUTS {
        let (project, database) = slow(0.0);
        let output = cut_at(&project, &database, cut, last, "scripts/try");
        match cut {
            Breakpoint::Before => agrees(&project, &database, &output.exits(3), "the last, before"),
            Breakpoint::After | Breakpoint::Late => {
                output.exits(0).says("all committed");
            }
        }
    }
}
