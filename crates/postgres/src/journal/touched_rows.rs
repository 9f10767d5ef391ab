//! How many rows of a table the transaction has changed, as the server itself counts them: a trigger may change further
//! rows, which no journal holds.
//!
//! The server counts an update also where it is taken back to a savepoint, and nothing at all with `track_counts = off` or
//! for partitions on other servers: then only the values are compared.

use leora_report::DatabaseError;
use leora_rule::Table;

use crate::Session;
use crate::citus;
use crate::connection::Cells;
use crate::journal::verify_written::TREE;

/// The enabled triggers on updates (bit 16 of tgtype), if any: one of them, and those that wait for the end of the
/// transaction; then the rows changed or deleted so far, where they are counted. A row that moves to another partition is
/// counted as deleted.
const TOUCHED: &str = "\
, fired AS (SELECT t.* FROM pg_trigger t JOIN tree ON tree.oid = t.tgrelid
             WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgtype & 16 <> 0)
SELECT (SELECT min(tgname::text) FROM fired),
       (SELECT string_agg(DISTINCT format('%I.%I', n.nspname, k.conname), ', ') FROM fired
          JOIN pg_constraint k ON k.oid = fired.tgconstraint JOIN pg_namespace n ON n.oid = k.connamespace WHERE fired.tginitdeferred),
       (SELECT sum(pg_stat_get_xact_tuples_updated(oid) + pg_stat_get_xact_tuples_deleted(oid)) FROM tree
         WHERE current_setting('track_counts')::boolean
           AND NOT EXISTS (SELECT FROM tree AS far JOIN pg_class c ON c.oid = far.oid WHERE c.relkind = 'f'))::text";

/// The rows that a transaction had changed in a table before a rule is written.
pub(crate) struct TouchedRows<'t> {
    table: &'t Table,
    /// Nothing but a trigger can change further rows.
    trigger: Option<String>,
    before: Option<u64>,
}

impl<'t> TouchedRows<'t> {
    pub(crate) fn count(session: &mut Session, table: &'t Table) -> Result<Self, DatabaseError> {
        citus::check_triggers(session, table)?;
        let (trigger, _, before) = read(session, table)?;
        Ok(Self { table, trigger, before })
    }

    /// Refuses a difference between the rows written since and those that the server has counted.
    pub(crate) fn verify(
        self,
        session: &mut Session,
        column: &str,
        written: u64,
    ) -> Result<(), DatabaseError> {
        let Some(trigger) = &self.trigger else { return Ok(()) };
        let (_, deferred, mut after) = read(session, self.table)?;
        if let Some(names) = deferred {
            // They fire now: at the COMMIT it would be too late to see what they do.
            session.connection.execute_text(&format!("SET CONSTRAINTS {names} IMMEDIATE"))?;
            after = read(session, self.table)?.2;
        }
        let Some((before, after)) = self.before.zip(after) else { return Ok(()) };
        let touched = after.saturating_sub(before);
        if touched == written {
            return Ok(());
        }
        let name = &self.table.name;
        Err(DatabaseError::Inconsistent {
            message: format!(
                "{name}.{column}: {written} rows were written, and the server counts {touched} that changed in {name}"
            ),
            help: format!(
                "look at the trigger {trigger} of {name}: it changes further rows, which undo could not put back; \
                 disable it for the run, or write what it does as a rule"
            ),
        })
    }
}

type Counts = (Option<String>, Option<String>, Option<u64>);

fn read(session: &mut Session, table: &Table) -> Result<Counts, DatabaseError> {
    let text = format!("{TREE} {TOUCHED}");
    let mut cells =
        Cells::of_first(session.connection.fetch_inlined(&text, &[&table.qualified()])?);
    Ok((cells.optional(), cells.optional(), cells.optional_number()))
}
