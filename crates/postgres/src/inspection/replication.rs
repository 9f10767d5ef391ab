//! Replication: who receives what is written.

use leora_report::DatabaseError;

use crate::connection::{Cells, first_column};
use crate::inspection::Inspection;

/// Who receives what is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replication {
    /// Publications that hold any of the tables.
    pub publications: Vec<String>,
    /// Publications of all tables, also of those that a run makes, such as its history.
    pub of_all_tables: Vec<String>,
    /// Replication slots without a reader now: the server keeps all that is written for them.
    pub idle_slots: Vec<String>,
    /// The standbys and subscribers that are connected.
    pub standbys: Vec<Standby>,
    /// Whether a commit waits for a standby.
    pub synchronous: bool,
}

/// A standby or subscriber.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standby {
    /// Its name.
    pub name: String,
    /// How many bytes it is behind; none where this role may not know.
    pub behind: Option<u64>,
}

const PUBLICATIONS: &str = "\
SELECT DISTINCT g.pubname::text FROM pg_publication_tables g
 WHERE NOT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = g.schemaname AND c.relname = g.tablename AND c.relreplident = 'n')
   AND schemaname = $1::text AND tablename IN (SELECT json_array_elements_text($2::text::json)) ORDER BY 1";

const OF_ALL_TABLES: &str = "SELECT pubname::text FROM pg_publication WHERE puballtables AND (pubinsert OR pubupdate) ORDER BY 1";

const IDLE_SLOTS: &str = "SELECT slot_name::text FROM pg_replication_slots WHERE NOT active AND NOT temporary ORDER BY 1";

const STANDBYS: &str = "\
SELECT coalesce(nullif(application_name, ''), pid::text),
       CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint::text END
  FROM pg_stat_replication ORDER BY 1";

impl Inspection<'_> {
    /// Who receives what is written to these tables of a schema.
    pub fn replication(
        &mut self,
        schema: &str,
        tables: &[String],
    ) -> Result<Replication, DatabaseError> {
        let tables = serde_json::json!(tables).to_string();
        let standbys = self.ask(STANDBYS, &[])?.into_iter().map(|row| {
            let mut row = Cells::new(row);
            let name = row.text();
            Standby { name, behind: row.optional_number() }
        });
        let synchronous = "SELECT (current_setting('synchronous_standby_names') <> '')::text";
        Ok(Replication {
            standbys: standbys.collect(),
            publications: first_column(self.ask(PUBLICATIONS, &[schema, &tables])?),
            of_all_tables: first_column(self.ask(OF_ALL_TABLES, &[])?),
            idle_slots: first_column(self.ask(IDLE_SLOTS, &[])?),
            synchronous: Cells::of_first(self.ask(synchronous, &[])?).flag(),
        })
    }
}
