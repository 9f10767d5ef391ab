//! Locks: those that keep other runs away, those of tables, and the sessions that hold one that is not free.

use std::fmt::Display;
use std::time::{Duration, Instant};

use leora_report::{DatabaseError, Lock, LockHolder};
use leora_rule::quote_qualified;

use crate::connection::{Cells, Connection};

/// The key of the lock that keeps two runs apart: the ASCII bytes of "leora-ru" as a
/// 64-bit number.
pub(crate) const RUN_LOCK: i64 = 0x6c65_6f72_612d_7275;

/// The key of the lock that each transaction of a run holds. Those of one run in batches share it. Another run takes it alone,
/// so that it meets no batch that is still at work when the lock above is lost.
pub(crate) const TRANSACTION_LOCK: i64 = RUN_LOCK + 1;

/// The key of the lock that Prisma Migrate holds while it works.
const PRISMA_LOCK: i64 = 72_707_369;

/// What keeps others away from a run.
pub(crate) const BETWEEN_RUNS: [i64; 2] = [RUN_LOCK, PRISMA_LOCK];

const POLL: Duration = Duration::from_millis(100);

/// Takes these advisory locks, each only with those before it, until the end of the transaction.
pub(crate) fn take_locks(
    connection: &mut Connection,
    keys: &[i64],
    wait: Duration,
) -> Result<(), DatabaseError> {
    let deadline = Instant::now() + wait;
    loop {
        match first_taken_by_another(connection, keys)? {
            None => return Ok(()),
            Some(_) if Instant::now() < deadline => connection.pause(POLL)?,
            Some(PRISMA_LOCK) => {
                return Err(DatabaseError::PrismaBusy {
                    holders: advisory_holders(connection, PRISMA_LOCK)?,
                });
            }
            Some(key) => {
                return Err(DatabaseError::Busy { holders: advisory_holders(connection, key)? });
            }
        }
    }
}

fn first_taken_by_another(
    connection: &mut Connection,
    keys: &[i64],
) -> Result<Option<i64>, DatabaseError> {
    let tries: String = keys
        .iter()
        .map(|key| format!(" WHEN NOT pg_try_advisory_xact_lock({key}) THEN '{key}'"))
        .collect();
    let rows = connection.fetch_text(&format!("SELECT CASE{tries} END"))?;
    Ok(Cells::of_first(rows).optional().and_then(|key| key.parse().ok()))
}

/// The condition that a row of `pg_locks` is this lock, and held.
pub(crate) fn advisory_lock(row: &str, key: impl Display) -> String {
    format!(
        "{row}.locktype = 'advisory' AND {row}.granted AND {row}.objsubid = 1 \
         AND {row}.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
         AND ({row}.classid::bigint << 32 | {row}.objid::bigint) = {key}"
    )
}

/// The key of the lock that shows which run it is that works: the last half of its id.
pub(crate) fn advisory_lock_of_run(id: &str) -> String {
    format!("('x' || right(replace({id}, '-', ''), 16))::bit(64)::bigint")
}

pub(crate) fn take_table_lock(
    connection: &mut Connection,
    lock: &Lock,
) -> Result<(), DatabaseError> {
    let table = quote_qualified(&lock.schema, &lock.table);
    connection.execute_text(&format!("LOCK TABLE {table} IN {} MODE", lock.mode))
}

const HOLDER_COLUMNS: &str = "a.pid::text, coalesce(nullif(a.application_name, ''), a.usename, 'unknown'), \
     coalesce(date_trunc('second', clock_timestamp() - a.xact_start)::text, ''), \
     coalesce(left(regexp_replace(a.query, '\\s+', ' ', 'g'), 60), '')";

pub(crate) fn run_lock_holders(
    connection: &mut Connection,
) -> Result<Vec<LockHolder>, DatabaseError> {
    advisory_holders(connection, RUN_LOCK)
}

fn advisory_holders(
    connection: &mut Connection,
    key: i64,
) -> Result<Vec<LockHolder>, DatabaseError> {
    let text = format!(
        "SELECT {HOLDER_COLUMNS} FROM pg_locks l JOIN pg_stat_activity a USING (pid) \
         WHERE a.pid <> pg_backend_pid() AND {} ORDER BY a.pid",
        advisory_lock("l", key)
    );
    Ok(connection.fetch_text(&text)?.into_iter().map(holder).collect())
}

/// The sessions that hold a lock on the table which conflicts with this one.
pub(crate) fn table_lock_holders(
    connection: &mut Connection,
    lock: &Lock,
) -> Result<Vec<LockHolder>, DatabaseError> {
    // Everything conflicts with ACCESS EXCLUSIVE; with SHARE ROW EXCLUSIVE all but readers (ACCESS SHARE, ROW SHARE).
    let harmless =
        if lock.mode == "ACCESS EXCLUSIVE" { "''" } else { "'AccessShareLock', 'RowShareLock'" };
    let text = format!(
        "SELECT DISTINCT {HOLDER_COLUMNS} FROM pg_locks l JOIN pg_stat_activity a USING (pid) \
         WHERE l.relation = (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                              WHERE n.nspname = $1::text AND c.relname = $2::text) AND l.granted AND a.pid <> pg_backend_pid() \
           AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
           AND l.mode NOT IN ({harmless}) ORDER BY 1"
    );
    // By its oid: looking it up by name needs the schema's USAGE, which this role may lack.
    let rows = connection.fetch_inlined(&text, &[&lock.schema, &lock.table])?;
    Ok(rows.into_iter().map(holder).collect())
}

fn holder(row: Vec<Option<String>>) -> LockHolder {
    let mut columns = row.into_iter().map(Option::unwrap_or_default);
    let mut next = || columns.next().unwrap_or_default();
    LockHolder { pid: next(), application: next(), age: next(), query: next() }
}
