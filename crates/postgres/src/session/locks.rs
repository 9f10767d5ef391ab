//! Locks: those that keep other runs away, those of tables, and the sessions that hold one that is not free.

use std::time::{Duration, Instant};

use leora_report::{DatabaseError, Lock, LockHolder};
use leora_rule::quote_qualified;

use crate::Server;
use crate::connection::Connection;

/// The key of the lock that keeps two runs apart: the ASCII bytes of "leora-ru" as a
/// 64-bit number.
pub(crate) const RUN_LOCK: i64 = 0x6c65_6f72_612d_7275;

/// The key of the lock that Prisma Migrate holds while it works.
const PRISMA_LOCK: i64 = 72_707_369;

const RUN_LOCK_POLL: Duration = Duration::from_millis(100);

/// They are held until the end of the transaction.
pub(crate) fn take_run_locks(
    connection: &mut Connection,
    server: &Server,
    wait: Duration,
) -> Result<(), DatabaseError> {
    let deadline = Instant::now() + wait;
    loop {
        match first_taken_by_another(connection)? {
            None => return Ok(()),
            Some(_) if Instant::now() < deadline => server.pause(RUN_LOCK_POLL)?,
            Some(RUN_LOCK) => {
                return Err(DatabaseError::Busy {
                    holders: advisory_holders(connection, RUN_LOCK)?,
                });
            }
            Some(key) => {
                return Err(DatabaseError::PrismaBusy {
                    holders: advisory_holders(connection, key)?,
                });
            }
        }
    }
}

/// Tries to take both locks, the second only with the first; the key of the one that another session holds.
fn first_taken_by_another(connection: &mut Connection) -> Result<Option<i64>, DatabaseError> {
    let text = format!(
        "SELECT CASE WHEN NOT pg_try_advisory_xact_lock({RUN_LOCK}) THEN '{RUN_LOCK}' \
                     WHEN NOT pg_try_advisory_xact_lock({PRISMA_LOCK}) THEN '{PRISMA_LOCK}' END"
    );
    let rows = connection.fetch_text(&text)?;
    Ok(rows[0][0].as_deref().and_then(|key| key.parse().ok()))
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
         WHERE l.locktype = 'advisory' AND l.granted AND a.pid <> pg_backend_pid() \
           AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
           AND (l.classid::bigint << 32 | l.objid::bigint) = {key} ORDER BY a.pid"
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
