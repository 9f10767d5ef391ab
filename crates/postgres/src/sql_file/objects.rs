//! The schema's objects as name and definition, to tell what an SQL file created or changed.

use std::collections::BTreeMap;

use leora_report::{ObjectChange, ObjectVerb};
use leora_rule::{Sql, inline_parameters};

use crate::connection::TextRow;

/// The objects by sort and name, with their definition.
pub(crate) type Objects = BTreeMap<(String, String), String>;

/// The definitions are as the server keeps them, which is quicker than in words: they are only compared.
const OBJECTS: &str = "\
WITH place AS (SELECT oid FROM pg_namespace WHERE nspname = $1::text)
SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'view' WHEN 'S' THEN 'sequence' ELSE 'table' END,
       c.relname::text, coalesce(CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END, '')
  FROM pg_class c WHERE c.relnamespace = (TABLE place) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
UNION ALL
SELECT 'column', c.relname || '.' || a.attname,
       concat_ws(' ', a.atttypid, a.atttypmod, a.attnotnull,
                 (SELECT d.adbin FROM pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum))
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
 WHERE c.relnamespace = (TABLE place) AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f')
UNION ALL
SELECT 'index', c.relname::text,
       concat_ws(' ', i.indrelid, c.relam, i.indisunique, i.indkey, i.indnkeyatts, i.indclass, i.indcollation, i.indoption, i.indexprs, i.indpred, c.reloptions)
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = (TABLE place)
UNION ALL
SELECT CASE c.contype WHEN 'f' THEN 'foreign key' ELSE 'constraint' END, r.relname || '.' || c.conname, pg_get_constraintdef(c.oid)
  FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
 WHERE c.connamespace = (TABLE place) AND c.contype IN ('f', 'c', 'u', 'x')
UNION ALL
SELECT 'enum', t.typname::text, (SELECT string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)
  FROM pg_type t WHERE t.typnamespace = (TABLE place) AND t.typtype = 'e'
UNION ALL
SELECT 'trigger', r.relname || '.' || t.tgname, pg_get_triggerdef(t.oid)
  FROM pg_trigger t JOIN pg_class r ON r.oid = t.tgrelid WHERE r.relnamespace = (TABLE place) AND NOT t.tgisinternal
UNION ALL
SELECT 'function', p.oid::regprocedure::text, p.prosrc FROM pg_proc p WHERE p.pronamespace = (TABLE place)";

/// The statement that lists the objects of a schema.
pub(crate) fn listing(schema: &str) -> String {
    inline_parameters(&Sql { text: OBJECTS.to_owned(), parameters: vec![Some(schema.to_owned())] })
}

/// The objects that it lists.
pub(crate) fn listed(rows: Vec<TextRow>) -> Objects {
    rows.into_iter()
        .map(|row| {
            let mut texts = row.into_iter().map(Option::unwrap_or_default);
            let mut next = || texts.next().unwrap_or_default();
            ((next(), next()), next())
        })
        .collect()
}

/// What differs between two moments, tables first; the columns and indexes of a new or dropped table
/// come with it and are not told one by one.
pub(crate) fn difference(before: &Objects, after: &Objects) -> Vec<ObjectChange> {
    let mut changes = Vec::new();
    let mut tell = |verb, (kind, name): &(String, String)| {
        changes.push(ObjectChange { verb, kind: kind.clone(), name: name.clone() });
    };
    for (object, definition) in after {
        match before.get(object) {
            None => tell(ObjectVerb::Created, object),
            Some(old) if old != definition => tell(ObjectVerb::Changed, object),
            Some(_) => {}
        }
    }
    for object in before.keys().filter(|object| !after.contains_key(*object)) {
        tell(ObjectVerb::Dropped, object);
    }
    let whole_tables: Vec<(ObjectVerb, String)> = changes
        .iter()
        .filter(|change| change.kind == "table")
        .map(|change| (change.verb, format!("{}.", change.name)))
        .collect();
    let within = |change: &ObjectChange| {
        whole_tables.iter().any(|(verb, table)| {
            change.kind == "column"
                && *verb == change.verb
                && change.name.starts_with(table.as_str())
        })
    };
    changes.retain(|change| !within(change));
    changes.sort_by_key(|change| (order(&change.kind), change.name.clone()));
    changes
}

/// The order in which a reader wants to hear of them.
fn order(kind: &str) -> usize {
    ["enum", "table", "view", "column", "index", "foreign key", "constraint"]
        .iter()
        .position(|known| *known == kind)
        .unwrap_or(9)
}
