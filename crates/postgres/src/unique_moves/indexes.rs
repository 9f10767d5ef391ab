//! The unique indexes that a column is in.

use leora_report::DatabaseError;
use leora_rule::Table;

use crate::Session;
use crate::connection::Cells;
use crate::journal::verify_written::TREE;

/// Those of the table and of its partitions, but for the parts of an index of the whole table. Also one that is not valid: it
/// is looked at all the same.
const INDEXES: &str = "\
SELECT format('%I', x.relname), format('%I.%I', n.nspname, x.relname), i.indimmediate::text, coalesce(to_jsonb(i) ->> 'indnullsnotdistinct', 'false'),
       (SELECT json_agg(pg_get_indexdef(i.indexrelid, k, true) ORDER BY k) FROM generate_series(1, i.indnkeyatts) k)::text,
       pg_get_expr(i.indpred, i.indrelid, true),
       CASE WHEN i.indexprs IS NULL AND i.indpred IS NULL THEN
         (SELECT json_agg(k.attname) FROM pg_attribute k WHERE k.attrelid = i.indrelid AND k.attnum = ANY (i.indkey::int2[])) END::text,
       (a.attnotnull OR y.typnotnull)::text,
       (SELECT min(f.conname) FROM pg_constraint f
         WHERE f.contype = 'f' AND f.confrelid = i.indrelid AND a.attnum = ANY (f.confkey))
  FROM tree JOIN pg_index i ON i.indrelid = tree.oid JOIN pg_class x ON x.oid = i.indexrelid
  JOIN pg_namespace n ON n.oid = x.relnamespace
  JOIN pg_attribute a ON a.attrelid = tree.oid AND a.attname = $2::text JOIN pg_type y ON y.oid = a.atttypid
 WHERE i.indisunique AND i.indislive AND NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = i.indexrelid)
   AND (a.attnum = ANY (i.indkey::int2[]) OR EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
          AND d.objid = i.indexrelid AND d.refclassid = 'pg_class'::regclass AND d.refobjid = tree.oid AND d.refobjsubid = a.attnum))
 ORDER BY 1";

#[derive(Debug)]
pub(crate) struct UniqueIndex {
    name: String,
    qualified: String,
    /// Whether it looks at each row when it is written.
    pub(crate) is_immediate: bool,
    nulls_are_equal: bool,
    /// What it is over, as expressions.
    pub(crate) keys: Vec<String>,
    /// The rows that are in it, as a condition.
    pub(crate) predicate: Option<String>,
    /// The columns that it reads; none where it may read any.
    columns: Option<Vec<String>>,
}

#[derive(Debug)]
pub(crate) struct UniqueIndexes {
    pub(crate) all: Vec<UniqueIndex>,
    /// Whether several rows may have NULL in the column.
    pub(crate) takes_null: bool,
    /// A foreign key that refers to the column.
    pub(crate) referenced_by: Option<String>,
}

pub(crate) fn unique_indexes(
    session: &mut Session,
    table: &Table,
    column: &str,
) -> Result<UniqueIndexes, DatabaseError> {
    let text = format!("{TREE} {INDEXES}");
    let rows = session.connection.fetch_inlined(&text, &[&table.qualified(), column])?;
    let (mut is_not_null, mut referenced_by) = (false, None);
    let mut all = Vec::new();
    for row in rows {
        let mut cells = Cells::new(row);
        all.push(UniqueIndex {
            name: cells.text(),
            qualified: cells.text(),
            is_immediate: cells.flag(),
            nulls_are_equal: cells.flag(),
            keys: cells.list(),
            predicate: cells.optional(),
            columns: cells.optional().and_then(|names| serde_json::from_str(&names).ok()),
        });
        is_not_null |= cells.flag();
        referenced_by = referenced_by.or(cells.optional());
    }
    let takes_null = !is_not_null && !all.iter().any(|index| index.nulls_are_equal);
    Ok(UniqueIndexes { all, takes_null, referenced_by })
}

/// What checks say of a row whose column is NULL, those that read no other column: a query, or nothing where there are none.
const CHECKS: &str = "\
SELECT format('SELECT (%s)::text FROM (SELECT NULL::%s AS %I) AS %I',
              string_agg(format('(%s) IS FALSE', pg_get_expr(k.conbin, k.conrelid)), ' OR '),
              min(format_type(a.atttypid, a.atttypmod)), min(a.attname), min(c.relname))
  FROM tree JOIN pg_class c ON c.oid = tree.oid JOIN pg_attribute a ON a.attrelid = tree.oid AND a.attname = $2::text
  JOIN pg_constraint k ON k.conrelid = tree.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]
 WHERE to_jsonb(k) ->> 'conenforced' IS DISTINCT FROM 'false'
HAVING count(*) > 0";

/// Whether a check forbids NULL in the column.
pub(super) fn a_check_forbids_null(
    session: &mut Session,
    table: &Table,
    column: &str,
) -> Result<bool, DatabaseError> {
    let text = format!("{TREE} {CHECKS}");
    let found = session.connection.fetch_inlined(&text, &[&table.qualified(), column])?;
    let Some(row) = found.into_iter().next() else { return Ok(false) };
    let asked = Cells::new(row).text();
    Ok(Cells::of_first(session.connection.fetch_text(&asked)?).flag())
}

impl UniqueIndex {
    /// Whether a row is in it with a key that another row can't have too, as a condition.
    pub(crate) fn counts(&self) -> String {
        let mut parts: Vec<String> =
            self.predicate.iter().map(|predicate| format!("({predicate})")).collect();
        if !self.nulls_are_equal {
            parts.extend(self.keys.iter().map(|key| format!("({key}) IS NOT NULL")));
        }
        if parts.is_empty() { "true".into() } else { parts.join(" AND ") }
    }
}

impl UniqueIndexes {
    /// The columns of the table that any of them may read.
    pub(crate) fn columns<'t>(&self, table: &'t Table) -> Vec<&'t str> {
        let reads = |name: &str| {
            self.all.iter().any(|index| {
                index.columns.as_ref().is_none_or(|names| names.iter().any(|one| one == name))
            })
        };
        table.column_names().filter(|name| reads(name)).collect()
    }

    pub(crate) fn immediate_names(&self) -> String {
        let names: Vec<&str> = self
            .all
            .iter()
            .filter(|index| index.is_immediate)
            .map(|index| index.name.as_str())
            .collect();
        match names.as_slice() {
            [one] => format!("the unique index {one}"),
            names => format!("the unique indexes {}", names.join(", ")),
        }
    }

    /// Those that can be looked at later, as names of constraints.
    pub(crate) fn deferrable_names(&self) -> Option<String> {
        let names: Vec<&str> = self
            .all
            .iter()
            .filter(|index| !index.is_immediate)
            .map(|index| index.qualified.as_str())
            .collect();
        (!names.is_empty()).then(|| names.join(", "))
    }
}
