//! What an SQL file may leave in the server process beyond the end of the transaction: settings, prepared statements, cursors,
//! locks and temporary tables. Behind a pooler the next client would inherit it.

use leora_report::DatabaseError;

use crate::connection::own_statements::Statement;
use crate::connection::{Cells, Connection};

/// Everything that SET, RESET and `set_config` can change, also who the session is.
pub(crate) const RESET_SETTINGS: [Statement<'static>; 3] = [
    Statement::AsRole("RESET SESSION AUTHORIZATION"),
    Statement::AsRole("RESET ROLE"),
    Statement::AsRole("RESET ALL"),
];

/// Whether this transaction has made a temporary table, view or sequence.
const TEMPORARY: &str = "\
SELECT EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = pg_my_temp_schema()
                  AND age(c.xmin) <= age(pg_current_xact_id()::xid))::text";

impl Connection {
    /// Releases what outlives a transaction: prepared statements, cursors WITH HOLD and advisory locks of the session. Of
    /// the first two, those that were made in this transaction: a pooler has prepared statements of its own.
    pub(crate) fn release_session_objects(&self) -> String {
        let since = self.backend().map_or("0", |backend| backend.since.as_str());
        let made_here = |time: &str| format!("pg_catalog.date_part('epoch', {time}) >= {since}");
        format!(
            "DO $leora_run$ DECLARE made record; BEGIN \
               PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true); \
               FOR made IN SELECT name FROM pg_catalog.pg_prepared_statements WHERE from_sql AND {} LOOP \
                 EXECUTE pg_catalog.format('DEALLOCATE %I', made.name); END LOOP; \
               FOR made IN SELECT name FROM pg_catalog.pg_cursors WHERE is_holdable AND {} LOOP \
                 EXECUTE pg_catalog.format('CLOSE %I', made.name); END LOOP; \
               PERFORM pg_catalog.pg_advisory_unlock_all(); UNLISTEN *; END $leora_run$",
            made_here("prepare_time"),
            made_here("creation_time"),
        )
    }

    /// Notes that an SQL file runs, which may leave something when the transaction is rolled back.
    pub(crate) fn note_file(&mut self) {
        self.has_run_file = true;
    }

    /// Drops the temporary tables that SQL files have made in this transaction: no later step can need them.
    pub(crate) fn drop_temporary_tables(&mut self) -> Result<(), DatabaseError> {
        if !self.has_run_file || !Cells::of_first(self.fetch_text(TEMPORARY)?).flag() {
            return Ok(());
        }
        self.execute_text("DISCARD TEMP")
    }
}
