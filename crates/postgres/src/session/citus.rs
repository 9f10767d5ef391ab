//! A transaction on Citus: its workers get the settings that decide what a value is, and how long a lock is waited for.

use leora_report::DatabaseError;

use crate::Session;
use crate::connection::Cells;

/// Settings that a worker must have as well, where it converts values and waits for locks.
const ON_WORKERS: [&str; 7] = [
    "TimeZone",
    "DateStyle",
    "IntervalStyle",
    "extra_float_digits",
    "row_security",
    "lock_timeout",
    "jit",
];

/// Whether this server is a worker, and where the coordinator is.
const WORKER: &str = "\
SELECT (groupid <> 0)::text, (SELECT nodename || ':' || nodeport FROM pg_catalog.pg_dist_node WHERE groupid = 0 LIMIT 1)
  FROM pg_catalog.pg_dist_local_group";

impl Session {
    /// Has Citus use one connection to each of its servers in this transaction, and not one for each shard: after statements
    /// that ran side by side it takes no DDL on a type.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn prepare_for_files(&mut self) -> Result<(), DatabaseError> {
        match self.has_citus {
            true => self
                .connection
                .execute_text("SET LOCAL citus.multi_shard_modify_mode = 'sequential'"),
            false => Ok(()),
        }
    }

    /// Has the settings of the transaction in force on the workers too.
    ///
    /// # Errors
    /// [`DatabaseError::Inconsistent`] on a worker, where the history is not, and where no table can be changed.
    pub(super) fn begin_on_citus(&mut self) -> Result<(), DatabaseError> {
        let mut cells = Cells::of_first(self.connection.fetch_text(WORKER)?);
        if cells.flag() {
            let place = cells.optional().map(|place| format!(", {place}")).unwrap_or_default();
            return Err(DatabaseError::Inconsistent {
                message: "this server is a worker of a Citus cluster".into(),
                help: format!(
                    "connect to the coordinator{place}: it knows every table, and keeps the history"
                ),
            });
        }
        let set: Vec<String> = ON_WORKERS.iter().filter_map(|name| self.set_again(name)).collect();
        // What is read by more than one step goes through files on the coordinator: no limit but its disk.
        self.connection.execute_text("SET LOCAL citus.max_intermediate_result_size = -1")?;
        self.connection.execute_text("SET LOCAL citus.propagate_set_commands = 'local'")?;
        // Each by itself: Citus sends on the whole message that a SET stands in.
        set.iter().try_for_each(|text| self.connection.execute_text(text))?;
        self.connection.execute_text("SET LOCAL citus.propagate_set_commands = 'none'")
    }
}
