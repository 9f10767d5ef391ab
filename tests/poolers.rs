//! Through a real PgBouncer: refused in transaction mode, unless that is allowed; then nothing is left behind in it.

use std::process::Command;
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::{Database, Output, PgBouncer, Project, Session, one_line, promptly};

/// The program on a database behind the pooler, confirmed.
fn through(
    project: &Project,
    bouncer: &PgBouncer,
    database: &Database,
    arguments: &str,
) -> Command {
    let mut command = project.command(arguments);
    command.args(["--database-url", &bouncer.url(database), "--confirm", &database.name]);
    command
}

/// Checks that no server process keeps a lock, a prepared statement or a setting of the run.
#[track_caller]
fn nothing_is_stranded(bouncer: &PgBouncer, database: &Database) {
    let held = "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) \
         WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND l.locktype IN ('advisory', 'relation')";
    assert_eq!(database.value(held), "0", "locks");
    let left = "SELECT (SELECT count(*) FROM pg_prepared_statements) || ' ' || (SELECT count(*) FROM pg_settings \
         WHERE source = 'session' AND name IN ('search_path', 'row_security', 'lock_timeout', 'statement_timeout', \
           'idle_in_transaction_session_timeout', 'client_connection_check_interval', 'transaction_timeout', 'extra_float_digits'))";
    // In transactions at once, the clients have all the server processes between them.
    let mut clients: Vec<Session> = (0..3).map(|_| Session::of(&bouncer.url(database))).collect();
    for client in &mut clients {
        client.run("BEGIN");
        assert_eq!(client.one(left), "0 0", "prepared statements and settings");
    }
}

#[test]
fn a_transaction_pooler_is_found_and_refused() {
    let (project, database) = (Project::new(), Database::sample());
    project.run(&database, "scripts/phase2").exits(0);
    let bouncer = PgBouncer::start("transaction", &database);
    let before = database.fingerprint();
    for arguments in
        ["scripts/phase2", "plan scripts/phase2", "undo", "undo --dry-run", "scripts/verify"]
    {
        project
            .output(&mut through(&project, &bouncer, &database, arguments))
            .exits(4)
            .says("--database-url leads to a transaction pooler")
            .says("DIRECT_URL")
            .says("--allow-pooler");
    }
    assert_eq!(database.fingerprint(), before);
    assert_eq!(database.value("SELECT count(*) FROM leora_run.run"), "1");
}

#[test]
fn an_address_that_tells_of_a_pooler_is_refused_before_it_is_called() {
    let project = Project::new();
    let addresses = [
        ("postgresql://app@127.0.0.1:6543/crm", "port is 6543"),
        ("postgresql://app@127.0.0.1:1/crm?pgbouncer=true", "pgbouncer=true"),
    ];
    for (address, sign) in addresses {
        let mut command = project.command("scripts/phase2 --confirm crm");
        command.env("DATABASE_URL", address);
        let output = project.output(&mut command).exits(4);
        output.says("DATABASE_URL leads to a transaction pooler").says(sign).says("DIRECT_URL");
    }
    // With the direct address beside it, that one wins.
    let database = Database::sample();
    let mut command = project.command("plan scripts/phase2");
    command.env("DATABASE_URL", addresses[0].0).env("DIRECT_URL", database.url());
    project.output(&mut command).exits(0);
}

#[test]
fn with_allow_pooler_everything_works_and_nothing_is_stranded() {
    let (project, direct) = (Project::new(), Database::sample());
    project.run(&direct, "scripts/phase2").exits(0);
    let database = Database::sample();
    let bouncer = PgBouncer::start("transaction", &database);
    let before = database.classes();
    let expected = [
        ("plan scripts/phase2", "3,512"),
        ("scripts/phase2", "all committed"),
        ("status", "phase2"),
        ("scripts/verify", "held"),
        ("undo --dry-run", "Would put back"),
    ];
    for (arguments, said) in expected {
        let arguments = format!("{arguments} --allow-pooler");
        project.output(&mut through(&project, &bouncer, &database, &arguments)).exits(0).says(said);
        nothing_is_stranded(&bouncer, &database);
    }
    assert_eq!(database.fingerprint(), direct.fingerprint());
    assert_ne!(database.classes(), before);
    project
        .output(&mut through(&project, &bouncer, &database, "undo --allow-pooler"))
        .exits(0)
        .says("Put back");
    nothing_is_stranded(&bouncer, &database);
    project.run(&direct, "undo").exits(0);
    assert_eq!(database.fingerprint(), direct.fingerprint());
}

#[test]
fn runs_through_a_pooler_keep_apart_and_lock_timeouts_name_the_holder() {
    let (project, database) = (Project::new(), Database::sample());
    let bouncer = PgBouncer::start("transaction", &database);
    let mut other = database.session();
    other.run("BEGIN; LOCK TABLE \"Customer\"");
    let arguments = "scripts/phase2 --allow-pooler --lock-timeout 200ms --lock-retries 1";
    project
        .output(&mut through(&project, &bouncer, &database, arguments))
        .exits(3)
        .says("Customer is locked by somebody else")
        .says("LOCK TABLE");
    other.run("ROLLBACK; BEGIN; SELECT pg_advisory_xact_lock(7810771665791316597)");
    project
        .output(&mut through(&project, &bouncer, &database, "scripts/phase2 --allow-pooler"))
        .exits(5);
    other.run("ROLLBACK");
    nothing_is_stranded(&bouncer, &database);
    project
        .output(&mut through(&project, &bouncer, &database, "scripts/phase2 --allow-pooler"))
        .exits(0);
}

#[test]
fn interrupted_through_a_pooler_cancels_the_statement() {
    let (project, database) = (Project::new(), Database::sample());
    let bouncer = PgBouncer::start("transaction", &database);
    database.slow_down("Customer");
    let before = database.fingerprint();
    let run =
        project.start(&mut through(&project, &bouncer, &database, "scripts/phase2 --allow-pooler"));
    database.wait_for_sleep();
    promptly(Duration::from_secs(2), "to end", || {
        kill(Pid::from_raw(run.id().cast_signed()), Signal::SIGINT).expect("it runs");
        Output::of(run.wait_with_output().expect("it ends")).exits(130);
    });
    thread::sleep(Duration::from_millis(100));
    nothing_is_stranded(&bouncer, &database);
    assert_eq!(database.fingerprint(), before);
}

#[test]
fn a_session_pooler_is_not_taken_for_one() {
    let (project, database) = (Project::new(), Database::sample());
    let bouncer = PgBouncer::start("session", &database);
    for arguments in ["plan scripts/phase2", "scripts/phase2", "scripts/verify", "undo"] {
        project.output(&mut through(&project, &bouncer, &database, arguments)).exits(0);
    }
    nothing_is_stranded(&bouncer, &database);
}

#[test]
fn a_role_that_may_connect_once_runs_all_but_batches() {
    let (project, database) = (Project::new(), Database::sample());
    let role = format!("{}_one", database.name);
    database.run(&format!(
        "CREATE ROLE {role} LOGIN PASSWORD 'secret' CONNECTION LIMIT 1; \
         GRANT SELECT, UPDATE ON \"Customer\" TO {role}; GRANT USAGE ON SCHEMA public TO {role}; \
         GRANT CREATE ON DATABASE {} TO {role}",
        database.name
    ));
    let rule = "update(\"Customer\").where(col(\"country\") == \"US\").set(\"city\", \"Napa\");";
    let writes = "writes = [\"Customer.city\"]";
    let run = |arguments: &str| {
        let mut command = project.command(arguments);
        command.args(["--confirm", &database.name, "--database-url"]);
        project.output(command.arg(database.url_as(&role, "secret")))
    };
    let reason = "too many connections for role";
    project.script(&format!("{writes}\nstrategy = \"batches\""), rule);
    let refused = run("scripts/try").exits(4);
    refused.tells("batches need a second connection").tells(reason);
    project.script(writes, rule);
    let done = run("scripts/try").exits(0);
    let note = one_line(&done.stderr);
    assert!(note.contains("the server gives only one connection"), "{note}");
    assert!(note.contains(reason), "{note}");
    run("undo").exits(0);
    database.run(&format!("DROP OWNED BY {role} CASCADE; DROP ROLE {role}"));
}
