//! Whether an SQL file has read a table, or changed what its rows must be: asked of the server, which counts what a
//! transaction reads.

use leora_report::DatabaseError;
use serde_json::Value as Json;

use crate::Session;
use crate::connection::Cells;

/// What tells of each table that it was read (its blocks and those of its indexes and of its large values), or that an update of
/// its rows would mean something else; then its columns. Nothing where the server does not count. Columns may be added, and other
/// tables may refer to its primary key.
const TABLE_STATES: &str = "\
SELECT CASE WHEN current_setting('track_counts')::boolean THEN
    coalesce(json_agg(json_build_array(c.oid, c.relname, c.relkind, c.relowner, c.relfilenode, c.relrowsecurity, c.relforcerowsecurity,
      (SELECT json_agg(json_build_array(r.oid, pg_stat_get_xact_blocks_fetched(r.oid), pg_stat_get_xact_numscans(r.oid)) ORDER BY r.oid)
         FROM (SELECT c.oid UNION ALL SELECT c.reltoastrelid UNION ALL SELECT i.indexrelid FROM pg_index i WHERE i.indrelid = c.oid) AS r),
      (SELECT json_agg(k.oid ORDER BY k.oid) FROM pg_constraint k
        WHERE k.conrelid = c.oid OR k.confrelid = c.oid AND k.confkey IS DISTINCT FROM
              (SELECT p.conkey FROM pg_constraint p WHERE p.conrelid = c.oid AND p.contype = 'p')),
      (SELECT json_agg(json_build_array(t.oid, t.tgenabled) ORDER BY t.oid) FROM pg_trigger t
        WHERE t.tgrelid = c.oid AND NOT t.tgisinternal),
      (SELECT json_agg(r.oid ORDER BY r.oid) FROM pg_rewrite r WHERE r.ev_class = c.oid),
      (SELECT json_agg(d.objid ORDER BY d.objid) FROM pg_depend d
        WHERE d.classid = 'pg_policy'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid),
      (SELECT json_agg(h.inhrelid ORDER BY h.inhrelid) FROM pg_inherits h WHERE c.oid IN (h.inhrelid, h.inhparent)))
      ORDER BY c.oid)::text, '[]') END,
    coalesce(json_agg((SELECT json_agg(json_build_array(a.attnum, a.attname, a.atttypid, a.atttypmod, a.attcollation, a.attnotnull,
        a.attgenerated, a.attidentity, a.attisdropped) ORDER BY a.attnum)
      FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0) ORDER BY c.oid)::text, '[]')
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = $1::text AND c.relname = ANY (ARRAY(SELECT json_array_elements_text($2::text::json)))";

/// The state of some tables at a moment of the transaction.
#[derive(Debug)]
pub struct TableStates {
    state: String,
    /// For each table.
    columns: Vec<Vec<Json>>,
}

impl TableStates {
    /// Whether nothing has read the tables since the earlier moment, or changed them but by adding columns.
    pub fn is_untouched_since(&self, earlier: &Self) -> bool {
        let kept = |(now, before): (&Vec<Json>, &Vec<Json>)| now.starts_with(before);
        self.state == earlier.state
            && self.columns.len() == earlier.columns.len()
            && self.columns.iter().zip(&earlier.columns).all(kept)
    }
}

impl Session {
    /// The state of these tables now; `None` where the server does not count what is read.
    pub fn table_states<'t>(
        &mut self,
        tables: impl Iterator<Item = &'t str>,
    ) -> Result<Option<TableStates>, DatabaseError> {
        let names = serde_json::json!(tables.collect::<Vec<_>>()).to_string();
        let schema = self.target().schema.clone();
        let rows = self.connection.fetch_inlined(TABLE_STATES, &[&schema, &names])?;
        let mut cells = Cells::of_first(rows);
        let (state, columns) = (cells.optional(), cells.text());
        let columns = serde_json::from_str(&columns).unwrap_or_default();
        Ok(state.map(|state| TableStates { state, columns }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::TableStates;

    #[test]
    fn a_table_may_get_columns_and_nothing_else() {
        let states = |state: &str, columns: &[&[i32]]| TableStates {
            state: state.to_owned(),
            columns: columns
                .iter()
                .map(|one| one.iter().map(|column| json!(column)).collect())
                .collect(),
        };
        let before = states("read 3", &[&[1, 2]]);
        assert!(states("read 3", &[&[1, 2, 3]]).is_untouched_since(&before));
        assert!(!states("read 4", &[&[1, 2]]).is_untouched_since(&before));
        assert!(!states("read 3", &[&[1]]).is_untouched_since(&before));
        assert!(!states("read 3", &[&[2, 1]]).is_untouched_since(&before));
        assert!(!states("read 3", &[]).is_untouched_since(&before));
    }
}
