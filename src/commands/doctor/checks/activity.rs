//! What others do on the database now.

use leora_report::DoctorCheck;

use crate::commands::doctor::examined::{ExaminedFolder, ExaminedServer};

const OTHER_RUNS: &str = "other runs";
const TRANSACTIONS: &str = "transactions";
const LOCKS: &str = "locks";

/// Other runs, and Prisma Migrate.
pub(crate) fn other_runs(server: &ExaminedServer) -> Vec<DoctorCheck> {
    let run = |run| {
        let remedy = "wait until it is done, or let the run wait with --wait-lock 10min";
        DoctorCheck::warn(OTHER_RUNS, format!("another run is at work: {run}"), remedy)
    };
    let mut checks: Vec<DoctorCheck> = server.activity.runs.iter().map(run).collect();
    if server.activity.prisma_sessions > 0 {
        let remedy = "wait until it is done";
        checks.push(DoctorCheck::warn(OTHER_RUNS, "prisma migrate is at work", remedy));
    }
    checks
}

/// Long and prepared transactions, and whether this role sees all of them.
pub(crate) fn transactions(server: &ExaminedServer) -> Vec<DoctorCheck> {
    let activity = &server.activity;
    let mut checks = Vec::new();
    for long in &activity.long_transactions {
        let holder = &long.holder;
        let idle = if long.idle { " (idle)" } else { "" };
        let remedy =
            format!("wait for it, or end it: SELECT pg_terminate_backend({});", holder.pid);
        checks.push(DoctorCheck::warn(TRANSACTIONS, format!("{holder}{idle}"), remedy));
    }
    for name in &activity.prepared {
        let quoted = name.replace('\'', "''");
        let remedy = format!("COMMIT PREPARED '{quoted}'; or ROLLBACK PREPARED '{quoted}';");
        let message = format!("the prepared transaction {name} keeps its locks until it is ended");
        checks.push(DoctorCheck::warn(TRANSACTIONS, message, remedy));
    }
    if activity.hidden_sessions > 0 {
        let message = format!(
            "none seen, but this role may not see what {} sessions do",
            activity.hidden_sessions
        );
        let remedy = "GRANT pg_read_all_stats to the role, to see them too";
        checks.push(DoctorCheck::warn(TRANSACTIONS, message, remedy));
    }
    if checks.is_empty() {
        checks.push(DoctorCheck::ok(TRANSACTIONS, "none open for more than a minute"));
    }
    checks
}

/// Who holds a lock that a run would wait for.
pub(crate) fn locks(folder: &ExaminedFolder) -> Vec<DoctorCheck> {
    if folder.lock_holders.is_empty() {
        let tables: Vec<&str> = folder.locks.iter().map(|lock| lock.table.as_str()).collect();
        let message = match tables.as_slice() {
            [] => "it takes none".to_owned(),
            tables => format!("free: {}", tables.join(", ")),
        };
        return vec![DoctorCheck::ok(LOCKS, message)];
    }
    let held = folder.lock_holders.iter().map(|(table, holder)| {
        let remedy = format!(
            "a run waits for it: see --lock-timeout and --lock-retries, or SELECT pg_terminate_backend({});",
            holder.pid
        );
        DoctorCheck::warn(LOCKS, format!("{table} is locked by {holder}"), remedy)
    });
    held.collect()
}
