//! Others at the same time: a run that is killed, two runs, locks on the workers, their settings, and what doctor says.

use std::thread;
use std::time::{Duration, Instant};

use crate::citus::cluster::{Cluster, Layout};

const MANIFEST: &str = "writes = [\"Customer.type\"]";
const RULE: &str = "update(\"Customer\").set(\"type\", [[otherwise, \"x\"]]);";

/// A row that a session has locked on its shard, as an edit would: no lock of the table here is in the way.
fn hold_a_row(cluster: &Cluster) -> crate::support::Session {
    let mut holder = cluster.session();
    let id = holder.rows("SELECT id FROM \"Customer\" ORDER BY id LIMIT 1").remove(0).remove(0);
    holder.run(&format!("BEGIN; SELECT 1 FROM \"Customer\" WHERE id = '{id}' FOR UPDATE"));
    holder
}

/// Waits until the program's UPDATE is at work.
fn wait_for_the_update(cluster: &Cluster) {
    let at_work = "EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'leora-run' AND state = 'active' AND query LIKE 'UPDATE%')";
    cluster.session().wait_until(at_work);
}

#[cfg_attr(citus, test)]
fn a_run_that_is_killed_leaves_nothing_behind() {
    let cluster = Cluster::new(Layout::ById);
    cluster.project.script(MANIFEST, RULE);
    let before = cluster.customers();
    let mut holder = hold_a_row(&cluster);
    let mut run = cluster.project.start(&mut cluster.command("scripts/try --lock-timeout 60s"));
    wait_for_the_update(&cluster);
    run.kill().expect("it runs");
    run.wait().expect("it ends");
    holder.run("ROLLBACK");
    cluster.session().wait_until(
        "NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'leora-run')",
    );
    assert_eq!(cluster.customers(), before);
    cluster.run("scripts/try").exits(0).says("5,394");
    cluster.run("undo").exits(0);
    assert_eq!(cluster.customers(), before);
}

#[cfg_attr(citus, test)]
fn a_lock_on_a_worker_is_waited_for_no_longer_than_asked() {
    let cluster = Cluster::new(Layout::ById);
    cluster.project.script(MANIFEST, RULE);
    let before = cluster.customers();
    let _holder = hold_a_row(&cluster);
    let started = Instant::now();
    let said = cluster.run("scripts/try --lock-timeout 500ms --lock-retries 0");
    assert_eq!(said.code, 3, "{}", said.stderr);
    assert!(started.elapsed() < Duration::from_secs(15), "{}", said.stderr);
    assert_eq!(cluster.customers(), before);
}

#[cfg_attr(citus, test)]
fn two_runs_at_once_are_kept_apart() {
    let cluster = Cluster::new(Layout::ById);
    cluster.project.script(MANIFEST, RULE);
    let mut holder = hold_a_row(&cluster);
    let first = cluster.project.start(&mut cluster.command("scripts/try --lock-timeout 60s"));
    wait_for_the_update(&cluster);
    cluster.run("scripts/try").exits(5);
    holder.run("ROLLBACK");
    let first = crate::support::Output::of(first.wait_with_output().expect("it ends"));
    first.exits(0).says("5,394");
    assert_eq!(cluster.value("SELECT count(*) FROM \"Customer\" WHERE \"type\" = 'x'"), "5394");
}

#[cfg_attr(citus, test)]
fn workers_compute_in_the_time_zone_of_the_run() {
    let cluster = Cluster::new(Layout::ById);
    let mut session = cluster.session();
    session.run("ALTER TABLE \"Customer\" ADD COLUMN seen timestamptz");
    session.run("UPDATE \"Customer\" SET seen = '2025-10-25 03:00:00+00'");
    let set = |zone: &str| {
        format!(
            "SELECT run_command_on_workers(format('ALTER DATABASE %I {zone}', current_database()))"
        )
    };
    session.run(&set("SET timezone TO ''America/New_York''"));
    // Connections that are open still have the other zone.
    thread::sleep(Duration::from_millis(200));
    let rule = "update(\"Customer\").set(\"type\", [[col(\"seen\") >= \"2025-10-25\", \"late\"], [otherwise, \"early\"]]);";
    cluster.project.script(MANIFEST, rule);
    let planned = cluster.run("plan scripts/try --format json").exits(0).json();
    cluster.run("scripts/try").exits(0);
    let found =
        cluster.value("SELECT \"type\" || ' ' || count(*) FROM \"Customer\" GROUP BY \"type\"");
    cluster.session().run(&set("RESET timezone"));
    assert_eq!(found, "late 5394");
    let transitions = planned["steps"][0]["changes"][0]["transitions"].as_array();
    assert!(transitions.expect("some").iter().all(|one| one["new"] == "late"), "{planned}");
}

#[cfg_attr(citus, test)]
fn doctor_names_the_cluster_and_how_it_keeps_the_tables() {
    for (layout, text) in [
        (Layout::ByTenant, "Customer is distributed by tenantId"),
        (Layout::InMetadata, "Customer is a local table in Citus's metadata"),
        (Layout::Reference, "Customer is a reference table"),
        (Layout::Schema, "Customer is in one shard, as its schema is distributed"),
    ] {
        let cluster = Cluster::new(layout);
        cluster.project.script(MANIFEST, RULE);
        cluster
            .run("doctor scripts/try")
            .exits(0)
            .tells("the coordinator of 2 workers")
            .tells(text);
    }
}
