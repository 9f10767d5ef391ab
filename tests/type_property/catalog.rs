//! The built-in types that the server's catalog has.

use crate::support::Database;

/// Types that have no input, so that nobody sets them.
const WITHOUT_INPUT: [&str; 7] = [
    "gtsvector",
    "pg_brin_bloom_summary",
    "pg_brin_minmax_multi_summary",
    "pg_dependencies",
    "pg_mcv_list",
    "pg_ndistinct",
    "pg_node_tree",
];

const BUILT_IN: &str = "\
    SELECT t.typname, format_type(t.oid, NULL) FROM pg_type t \
     WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype IN ('b', 'r', 'm') \
       AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid) ORDER BY 1";

/// The built-in types, without arrays, as PostgreSQL shows them.
pub fn built_in(database: &Database) -> Vec<String> {
    let rows = database.rows(BUILT_IN).into_iter();
    let set = rows.filter(|row| !WITHOUT_INPUT.contains(&row[0].as_str()));
    set.map(|mut row| row.remove(1)).collect()
}
