//! What others do on the database now.

use leora_postgres::{Activity, Inspection, Session};
use leora_report::{DatabaseError, DoctorCheck, Lock};

/// Other runs, long transactions, and what this role does not see of them.
pub(crate) fn check(activity: &Activity) -> Vec<DoctorCheck> {
    let mut checks = Vec::new();
    for run in &activity.runs {
        let remedy = "wait until it is done, or let the run wait with --wait-lock 10min";
        checks.push(DoctorCheck::warn(
            "other runs",
            format!("another run is at work: {run}"),
            remedy,
        ));
    }
    if activity.prisma_sessions > 0 {
        let remedy = "wait until it is done";
        checks.push(DoctorCheck::warn("other runs", "prisma migrate is at work", remedy));
    }
    for long in &activity.long_transactions {
        let holder = &long.holder;
        let what = if long.idle { " (idle)" } else { "" };
        let remedy =
            format!("wait for it, or end it: SELECT pg_terminate_backend({});", holder.pid);
        checks.push(DoctorCheck::warn("transactions", format!("{holder}{what}"), remedy));
    }
    for name in &activity.prepared {
        let quoted = name.replace('\'', "''");
        let remedy = format!("COMMIT PREPARED '{quoted}'; or ROLLBACK PREPARED '{quoted}';");
        let message = format!("the prepared transaction {name} keeps its locks until it is ended");
        checks.push(DoctorCheck::warn("transactions", message, remedy));
    }
    if activity.hidden_sessions > 0 {
        let message =
            format!("none seen; of {} sessions this role is not told", activity.hidden_sessions);
        let remedy = "GRANT pg_read_all_stats to the role, to see them too";
        checks.push(DoctorCheck::warn("transactions", message, remedy));
    }
    if !checks.iter().any(|check| check.name == "transactions") {
        checks.push(DoctorCheck::ok("transactions", "none open for more than a minute"));
    }
    checks
}

/// Who holds what a run would wait for.
pub(crate) fn locks(
    session: &mut Session,
    wanted: &[Lock],
) -> Result<Vec<DoctorCheck>, DatabaseError> {
    let held = Inspection::new(session).lock_holders(wanted)?;
    if held.is_empty() {
        let tables: Vec<&str> = wanted.iter().map(|lock| lock.table.as_str()).collect();
        let message = match tables.as_slice() {
            [] => "it takes none".to_owned(),
            some => format!("free: {}", some.join(", ")),
        };
        return Ok(vec![DoctorCheck::ok("locks", message)]);
    }
    let told = held.into_iter().map(|(table, holder)| {
        let remedy = format!(
            "a run waits for it: see --lock-timeout and --lock-retries, or SELECT pg_terminate_backend({});",
            holder.pid
        );
        DoctorCheck::warn("locks", format!("{table} is locked by {holder}"), remedy)
    });
    Ok(told.collect())
}
