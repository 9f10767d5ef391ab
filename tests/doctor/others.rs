//! What others do to a database, seen by the doctor: long transactions, standbys, Prisma, other clocks, other networks.

use super::checks::{Checks, examined};
use super::grants::TestRole;
use crate::support::{
    Clock, Database, GuardedServer, OwnServer, Project, Session, Standby, Tls, execute,
};

#[test]
fn a_transaction_that_is_open_for_long_is_named_and_not_told_to_everybody() {
    let server = OwnServer::with_clock();
    let (project, database) = (Project::new(), server.sample());
    let mut long = database.session();
    long.run("SET application_name = 'nightly report'; BEGIN");
    server.set_clock(40);
    let within_a_minute = examined(&project, &database, "scripts/phase2", 0);
    within_a_minute.has("transactions", "ok", "none open for more than a minute");
    server.set_clock(61);
    let pid = long.one("SELECT pg_backend_pid()");
    let remedy = format!("wait for it, or end it: SELECT pg_terminate_backend({pid});");
    let checks = examined(&project, &database, "scripts/phase2", 0);
    checks.has("transactions", "warn", "nightly report").has("transactions", "warn", "(idle)");
    checks.has("transactions", "warn", &remedy);
    // A role without pg_read_all_stats sees that there is somebody, and no more.
    let weak = TestRole::new(&database, "weak");
    let hidden = |code| Checks::of(&weak.runs(&project, "doctor --format json").exits(code));
    hidden(0).has(
        "transactions",
        "warn",
        "none seen, but this role may not see what 1 sessions do",
    );
    hidden(0).has("transactions", "warn", "GRANT pg_read_all_stats to the role");
    database.run(&format!("GRANT pg_read_all_stats TO {}", weak.name));
    hidden(0).has("transactions", "warn", "nightly report");
    long.run("COMMIT");
    hidden(0).has("transactions", "ok", "none open for more than a minute");
}

#[test]
fn a_standby_is_counted_its_lag_is_told_and_it_takes_no_writes() {
    let primary = OwnServer::start(&[("fsync", "off"), ("autovacuum", "off")]);
    {
        // Dropped last: what waits for it would have no end.
        let standby = Standby::of(&primary);
        let (project, database) = (Project::new(), primary.sample());
        let own = standby.url(&database.name);
        database.wait_until(
            "EXISTS (SELECT FROM pg_stat_replication WHERE replay_lsn = pg_current_wal_lsn())",
        );
        let told = |database: &Database| examined(&project, database, "scripts/phase2", 0);
        told(&database).has("replication", "ok", "1 standby is connected (walreceiver)");
        let on_standby = |folder: &str, code| {
            let mut command =
                project.command(&format!("doctor {folder} --format json --database-url"));
            Checks::of(&project.output(command.arg(&own)).exits(code))
        };
        on_standby("scripts/phase2", 1).has("server", "fail", "a standby: it takes no writes").has(
            "server",
            "fail",
            "give the address of the primary",
        );
        on_standby("scripts/carla-smoke", 1).has("server", "fail", "a standby");
        on_standby("scripts/verify", 0).has("server", "ok", "PostgreSQL");
        execute(&own, "SELECT pg_wal_replay_pause()");
        database.run("CREATE TABLE filler AS SELECT repeat(md5(i::text), 20) AS t FROM generate_series(1, 110000) AS i");
        told(&database).has("replication", "warn", "walreceiver is ").has(
            "replication",
            "warn",
            "wait until it has caught up",
        );
        execute(&own, "SELECT pg_wal_replay_resume()");
        database.wait_until(
            "EXISTS (SELECT FROM pg_stat_replication WHERE replay_lsn = pg_current_wal_lsn())",
        );
        told(&database).has("replication", "ok", "1 standby is connected (walreceiver)");
        database.run("ALTER SYSTEM SET synchronous_standby_names = 'walreceiver'");
        database.run("SELECT pg_reload_conf()");
        database.wait_until("current_setting('synchronous_standby_names') = 'walreceiver'");
        told(&database).has("replication", "ok", "and COMMIT waits for one");
    }
}

#[test]
fn a_clock_that_differs_is_told_with_the_direction() {
    let (project, database, clock) = (Project::new(), Database::sample(), Clock::new());
    let off = |seconds| {
        clock.set(seconds);
        let mut command = project.on(&database, "doctor --as-of 2025-10-25 --format json");
        Checks::of(&project.output(clock.given(&mut command)).exits(0))
    };
    off(0).has("clock", "ok", "the server's clock agrees");
    off(50).has("clock", "ok", "the server's clock agrees");
    off(-300).has("clock", "warn", "s ahead of this machine").has(
        "clock",
        "warn",
        "set both by NTP",
    );
    off(300).has("clock", "warn", "s behind this machine").has("clock", "warn", "--as-of");
}

#[test]
fn prisma_at_work_and_sessions_in_the_way_are_told() {
    let (project, database) = (Project::new(), Database::sample());
    let mut deploy = database.session();
    deploy.run("SELECT pg_advisory_lock(72707369)");
    let checks = examined(&project, &database, "scripts/phase2", 0);
    checks.has("other runs", "warn", "prisma migrate is at work").has("other runs", "warn", "wait");
    deploy.run("SELECT pg_advisory_unlock(72707369)");
    let checks = examined(&project, &database, "scripts/phase2", 0);
    assert!(!checks.names().contains(&"other runs"), "{:?}", checks.names());
    let mut editor = Session::of(&database.url());
    editor.run("BEGIN; UPDATE \"Customer\" SET name = name WHERE false; LOCK TABLE \"Customer\" IN ROW EXCLUSIVE MODE");
    let pid = editor.one("SELECT pg_backend_pid()");
    examined(&project, &database, "scripts/phase2", 0)
        .has("locks", "warn", "Customer is locked by process")
        .has("locks", "warn", &format!("pg_terminate_backend({pid})"));
    editor.run("ROLLBACK");
    examined(&project, &database, "scripts/phase2", 0).has("locks", "ok", "free: ");
}

#[test]
fn a_way_over_the_network_without_tls_is_told() {
    let (project, server) = (Project::new(), GuardedServer::start(Tls::On));
    // This machine, by an address that is not known to be it.
    let ask = |parameters: &str| {
        let url = format!("postgresql://app:secret@0.0.0.0:{}/crm?{parameters}", server.port);
        let mut command = project.command("doctor --format json --database-url");
        Checks::of(&project.output(command.arg(url)).exits(0))
    };
    ask("sslmode=disable")
        .has("tls", "warn", "none: whoever is on the way to 0.0.0.0 can read along")
        .has("tls", "warn", "add sslmode=require to the address");
    ask("sslmode=require").has("tls", "ok", "TLSv1.");
    ask("sslmode=require&speed=fast").has("connection", "warn", "speed");
    ask("sslmode=require&connection_limit=1").has(
        "connection",
        "ok",
        "ignored, since they are Prisma's own",
    );
}
