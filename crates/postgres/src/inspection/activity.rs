//! What others do on the database now.

use leora_report::{DatabaseError, Lock, LockHolder};

use crate::connection::{Cells, first_column};
use crate::inspection::Inspection;
use crate::session::locks;

/// What others do on the database now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// Transactions that have been open for more than a minute, the oldest first.
    pub long_transactions: Vec<LongTransaction>,
    /// Transactions that were prepared for a two-phase commit, by their name; their locks stay until they end.
    pub prepared: Vec<String>,
    /// How many sessions of other roles this role may not look into.
    pub hidden_sessions: u64,
    /// Other runs of this tool.
    pub runs: Vec<LockHolder>,
    /// Sessions that hold Prisma's migration lock.
    pub prisma_sessions: u64,
}

/// A transaction that has been open for long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LongTransaction {
    /// Who it is.
    pub holder: LockHolder,
    /// Whether it does nothing at all now.
    pub idle: bool,
}

const LONG: &str = "\
SELECT pid::text, coalesce(nullif(application_name, ''), usename, 'unknown'),
       date_trunc('second', clock_timestamp() - xact_start)::text,
       left(regexp_replace(query, '\\s+', ' ', 'g'), 60), (state LIKE 'idle in transaction%')::text
  FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid() AND clock_timestamp() - xact_start > interval '1 minute'
 ORDER BY xact_start";

const HIDDEN: &str = "\
SELECT count(*)::text FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid() AND query = '<insufficient privilege>'";

const PREPARED: &str =
    "SELECT gid FROM pg_prepared_xacts WHERE database = current_database() ORDER BY prepared";

/// The key of the lock that `prisma migrate` holds.
const PRISMA_LOCK: &str = "\
SELECT count(*)::text FROM pg_locks
 WHERE locktype = 'advisory' AND granted AND classid = 0 AND objid = 72707369
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

impl Inspection<'_> {
    /// What others do on the database now.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn activity(&mut self) -> Result<Activity, DatabaseError> {
        let long = self.ask(LONG, &[])?.into_iter().map(|row| {
            let mut row = Cells::new(row);
            let mut next = || row.text();
            let holder =
                LockHolder { pid: next(), application: next(), age: next(), query: next() };
            LongTransaction { holder, idle: row.flag() }
        });
        Ok(Activity {
            long_transactions: long.collect(),
            prepared: first_column(self.ask(PREPARED, &[])?),
            hidden_sessions: Cells::of_first(self.ask(HIDDEN, &[])?).number(),
            runs: locks::run_lock_holders(&mut self.session.connection)?,
            prisma_sessions: Cells::of_first(self.ask(PRISMA_LOCK, &[])?).number(),
        })
    }

    /// Who holds locks now that are in the way of these, by table.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn lock_holders(
        &mut self,
        locks: &[Lock],
    ) -> Result<Vec<(String, LockHolder)>, DatabaseError> {
        let mut found = Vec::new();
        for lock in locks {
            let holders = locks::table_lock_holders(&mut self.session.connection, lock)?;
            found.extend(holders.into_iter().map(|holder| (lock.table.clone(), holder)));
        }
        Ok(found)
    }
}
