//! Ctrl-C and SIGTERM, wherever the run is: it ends within two seconds, and so does its statement at the server.

use std::net::TcpListener;
use std::process::Child;
use std::time::Duration;

use nix::sys::signal::Signal;

use super::send;
use crate::support::{Database, Output, Project, promptly};

const AT_ONCE: Duration = Duration::from_secs(2);

const SIGNALS: [Signal; 2] = [Signal::SIGINT, Signal::SIGTERM];

/// Interrupts it, and checks that it ends as interrupted within two seconds.
#[track_caller]
fn interrupt(run: Child, signal: Signal) -> Output {
    promptly(AT_ONCE, "to end", || {
        send(&run, signal);
        Output::of(run.wait_with_output().expect("it ends"))
    })
    .exits(130)
    .says("interrupted")
}

/// Checks that two seconds later nothing of the run is at work at the server.
#[track_caller]
fn is_silent(database: &Database) {
    promptly(AT_ONCE, "its statement", || database.wait_for_silence());
}

#[test]
fn while_connecting() {
    let project = Project::new();
    for signal in SIGNALS {
        // One for each: a run has two connections, and the second of the first must not be taken for the next run's.
        let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = silent.local_addr().expect("an address").port();
        let mut command = project.command("scripts/phase2 --confirm crm --database-url");
        command.arg(format!("postgresql://app@127.0.0.1:{port}/crm"));
        let run = project.start(&mut command);
        // It has connected, and waits for a first answer.
        let _open = silent.accept().expect("it connects");
        interrupt(run, signal);
    }
}

#[test]
fn while_waiting_for_a_lock_or_for_another_run() {
    let (project, database) = (Project::new(), Database::sample());
    let before = database.fingerprint();
    let mut other = database.session();
    let waits = [
        ("LOCK TABLE \"Customer\"", "wait_event_type = 'Lock'"),
        ("SELECT pg_advisory_xact_lock(7810771665791316597)", "query LIKE '%pg_try_advisory%'"),
    ];
    for (hold, waiting) in waits {
        for signal in SIGNALS {
            other.run(&format!("BEGIN; {hold}"));
            let arguments = "scripts/phase2 --lock-timeout 60s --wait-lock 60s";
            let run = project.start(&mut project.on(&database, arguments));
            database.wait_until(&format!(
                "EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'leora-run' \
                 AND datname = current_database() AND {waiting})"
            ));
            interrupt(run, signal).says("Nothing was changed");
            is_silent(&database);
            other.run("ROLLBACK");
            assert_eq!(database.fingerprint(), before);
        }
    }
}

#[test]
fn in_a_rule_an_sql_file_and_a_loop_of_the_script() {
    let (project, database) = (Project::new(), Database::sample());
    database.slow_down("Customer");
    let before = database.fingerprint();
    project.write("scripts/try/sql/slow.sql", "SELECT pg_sleep(30);\n");
    let steps = [
        ("update(\"Customer\").set(\"accountType\", \"ACTIVE\");", true),
        ("run_sql(\"slow.sql\");", true),
        ("let text = \"\"; while true { text = \"\"; text.pad(500000, \"x\"); }", false),
    ];
    for (step, sleeps) in steps {
        project.script("writes = [\"Customer.accountType\"]\nsql = [\"slow.sql\"]", step);
        for signal in SIGNALS {
            let run = project.start(&mut project.on(&database, "scripts/try"));
            match sleeps {
                true => database.wait_for_sleep(),
                false => database.wait_until(
                    "EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'leora-run' AND datname = current_database() \
                      AND state = 'idle in transaction' AND clock_timestamp() - state_change > interval '500 ms')",
                ),
            }
            interrupt(run, signal).says("Everything was rolled back");
            is_silent(&database);
            assert_eq!(database.fingerprint(), before, "{step}");
            let last = "SELECT outcome FROM leora_run.run ORDER BY number DESC LIMIT 1";
            assert_eq!(database.value(last), "interrupted", "{step}");
        }
    }
    database.run("DROP TRIGGER slow ON \"Customer\"");
    project.run(&database, "scripts/phase2").exits(0);
}
