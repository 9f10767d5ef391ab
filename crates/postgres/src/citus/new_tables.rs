//! New tables of a schema that Citus distributes: what a file makes inside of a DO block stays a local table, which the other
//! servers do not see, and whose foreign keys are not those of the shards.

use leora_report::{DatabaseError, ObjectChange, ObjectVerb};
use leora_rule::{Sql, inline_parameters};

use crate::Session;
use crate::connection::{Cells, first_column};

/// Whether the database has distributed schemas, which came with Citus 12.
const HAS_SCHEMAS: &str = "SELECT (to_regclass('pg_catalog.pg_dist_schema') IS NOT NULL)::text";

/// For each of these tables of a distributed schema that is local, in the order in which they were made: the statement that
/// distributes it with the others, or NULL where there is no other.
const LOCAL: &str = "\
SELECT (SELECT format('SELECT pg_catalog.create_distributed_table(%L, NULL, colocate_with := %L)',
                      format('%I.%I', n.nspname, c.relname), format('%I.%I', n.nspname, o.relname))
          FROM pg_catalog.pg_dist_partition d JOIN pg_class o ON o.oid = d.logicalrelid
         WHERE o.relnamespace = n.oid ORDER BY o.oid LIMIT 1),
       c.relname::text
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_dist_schema s ON s.schemaid = n.oid
 WHERE n.nspname = $1::text AND c.relname = ANY (ARRAY(SELECT json_array_elements_text($2::text::json))) AND c.relkind = 'r'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_dist_partition d WHERE d.logicalrelid = c.oid)
 ORDER BY c.oid";

impl Session {
    /// Distributes the tables that an SQL file has made, where Citus does so with those of the schema.
    ///
    /// # Errors
    /// [`DatabaseError::Inconsistent`] where a table would stay local.
    pub(crate) fn distribute_new_tables(
        &mut self,
        objects: &[ObjectChange],
    ) -> Result<(), DatabaseError> {
        let is_new = |one: &&ObjectChange| one.verb == ObjectVerb::Created && one.kind == "table";
        let new: Vec<&str> = objects.iter().filter(is_new).map(|one| one.name.as_str()).collect();
        if !self.has_citus || new.is_empty() {
            return Ok(());
        }
        if first_column(self.connection.fetch_text(HAS_SCHEMAS)?) != ["true"] {
            return Ok(());
        }
        let schema = self.target().schema.clone();
        let parameters = [schema.clone(), serde_json::json!(new).to_string()].map(Some).to_vec();
        let sql = inline_parameters(&Sql { text: LOCAL.to_owned(), parameters });
        for row in self.connection.fetch_text(&sql)? {
            let mut cells = Cells::new(row);
            let (statement, table) = (cells.optional(), cells.text());
            let Some(statement) = statement else {
                return Err(DatabaseError::Inconsistent {
                    message: format!(
                        "{table} would be a local table, and Citus distributes the schema {schema}"
                    ),
                    help: "let the SQL file create it by a statement of its own, outside of DO"
                        .into(),
                });
            };
            self.connection.execute_text(&statement)?;
        }
        Ok(())
    }
}
