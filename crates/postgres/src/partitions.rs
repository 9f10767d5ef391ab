//! The partitions of a table: whether some are on other servers, and whether a column decides in which one a row is.

use leora_report::DatabaseError;
use leora_rule::Table;

use crate::Session;
use crate::connection::{Cells, TextRow};

const THE_COLUMN: &str = "\
WITH the AS (SELECT c.*, a.attnum, a.attname, a.atttypid, n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = $3::text
              WHERE n.nspname = $1::text AND c.relname = $2::text)";

/// The tables of which the column decides in which partition a row is, as `decides`, and the partitions on other servers,
/// as `far`.
pub(crate) const PARTITIONS: &str = "\
, decides AS (SELECT p.partrelid::regclass AS name
  FROM the, pg_partition_tree(the.oid) t JOIN pg_partitioned_table p ON p.partrelid = t.relid
  JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attname = $3::text
 WHERE a.attnum = ANY (p.partattrs::int2[]) OR (p.partexprs IS NOT NULL AND EXISTS (SELECT FROM pg_depend d
         WHERE d.classid = 'pg_class'::regclass AND d.objid = p.partrelid AND d.refobjid = p.partrelid AND d.refobjsubid = a.attnum)))
, far AS (SELECT t.relid::regclass AS name
  FROM the, pg_partition_tree(the.oid) t JOIN pg_class c ON c.oid = t.relid WHERE c.relkind = 'f')";

pub(crate) struct RemotePartition {
    pub(crate) name: String,
    /// Whether a new value of the column may move its row to another partition.
    pub(crate) column_decides: bool,
}

pub(crate) fn remote_partition(
    session: &mut Session,
    table: &Table,
    column: &str,
) -> Result<Option<RemotePartition>, DatabaseError> {
    let text = format!(
        "{PARTITIONS} SELECT (SELECT min(name::text) FROM far), EXISTS (SELECT FROM decides)::text"
    );
    let names = [table.schema.as_str(), table.name.as_str(), column];
    let mut cells = Cells::of_first(ask_about_column(session, &text, &names)?);
    let (name, column_decides) = (cells.optional(), cells.flag());
    Ok(name.map(|name| RemotePartition { name, column_decides }))
}

/// Runs a statement over `the` table and column, whose schema, table and name are the first three parameters.
pub(crate) fn ask_about_column(
    session: &mut Session,
    text: &str,
    parameters: &[&str],
) -> Result<Vec<TextRow>, DatabaseError> {
    session.connection.fetch_showing_names(&format!("{THE_COLUMN} {text}"), parameters)
}
