//! What Citus says of itself: its version, its servers, and how it keeps tables.

use leora_report::DatabaseError;
use leora_rule::{CitusLayout, Placement, Table};

use crate::Catalog;
use crate::connection::{Cells, first_column};
use crate::inspection::Inspection;

/// A cluster of Citus, seen from its coordinator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CitusCluster {
    /// The version of the extension, such as `13.2-1`.
    pub version: String,
    /// How many workers there are.
    pub workers: u64,
    /// Those that are switched off, as `host:port`.
    pub inactive: Vec<String>,
}

const VERSION: &str = "SELECT extversion FROM pg_extension WHERE extname = 'citus'";

const WORKERS: &str = "SELECT count(*)::text FROM pg_catalog.pg_dist_node WHERE groupid <> 0 AND noderole = 'primary'";

const INACTIVE: &str = "\
SELECT nodename || ':' || nodeport FROM pg_catalog.pg_dist_node WHERE noderole = 'primary' AND NOT isactive ORDER BY 1";

impl Inspection<'_> {
    /// The cluster, where the database has Citus.
    pub fn citus(&mut self) -> Result<Option<CitusCluster>, DatabaseError> {
        let Some(version) = first_column(self.ask(VERSION, &[])?).pop() else { return Ok(None) };
        Ok(Some(CitusCluster {
            version,
            workers: Cells::of_first(self.ask(WORKERS, &[])?).number(),
            inactive: first_column(self.ask(INACTIVE, &[])?),
        }))
    }

    /// Those of these tables that Citus keeps, and how.
    pub fn citus_tables(
        &mut self,
        tables: &[String],
    ) -> Result<Vec<(String, CitusLayout)>, DatabaseError> {
        let names: Vec<&str> = tables.iter().map(String::as_str).collect();
        let found = Catalog::new(self.session).tables(&names)?;
        let layout = |table: Table| match table.placement {
            Placement::Citus(layout) => Some((table.name, layout)),
            Placement::Own => None,
        };
        Ok(found.into_iter().filter_map(layout).collect())
    }
}
