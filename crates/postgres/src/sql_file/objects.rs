//! The schema's objects as name and definition, to see what an SQL file created or changed.

use std::collections::BTreeMap;

use leora_report::{ObjectChange, ObjectVerb};
use leora_rule::{Sql, inline_parameters};

use crate::connection::{Cells, TextRow};

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

pub(crate) fn list_objects(schema: &str) -> String {
    inline_parameters(&Sql { text: OBJECTS.to_owned(), parameters: vec![Some(schema.to_owned())] })
}

pub(crate) fn read_objects(rows: Vec<TextRow>) -> Objects {
    let object = |row| {
        let mut cells = Cells::new(row);
        ((cells.text(), cells.text()), cells.text())
    };
    rows.into_iter().map(object).collect()
}

/// What differs between two moments, in the order in which it is shown; the columns of a new or dropped table come with it
/// and are not listed one by one.
pub(crate) fn compare_objects(before: &Objects, after: &Objects) -> Vec<ObjectChange> {
    let mut changes = Vec::new();
    let mut add = |verb, (kind, name): &(String, String)| {
        changes.push(ObjectChange { verb, kind: kind.clone(), name: name.clone() });
    };
    for (object, definition) in after {
        match before.get(object) {
            None => add(ObjectVerb::Created, object),
            Some(old) if old != definition => add(ObjectVerb::Changed, object),
            Some(_) => {}
        }
    }
    for object in before.keys().filter(|object| !after.contains_key(*object)) {
        add(ObjectVerb::Dropped, object);
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

fn order(kind: &str) -> usize {
    ["enum", "table", "view", "column", "index", "foreign key", "constraint"]
        .iter()
        .position(|known| *known == kind)
        .unwrap_or(9)
}

#[cfg(test)]
mod tests {
    use leora_report::ObjectVerb;

    use super::{Objects, compare_objects};

    fn objects(listed: &[(&str, &str, &str)]) -> Objects {
        let object = |(kind, name, definition): &(&str, &str, &str)| {
            (((*kind).to_owned(), (*name).to_owned()), (*definition).to_owned())
        };
        listed.iter().map(object).collect()
    }

    fn compare(before: &Objects, after: &Objects) -> Vec<(ObjectVerb, String)> {
        compare_objects(before, after).into_iter().map(|one| (one.verb, one.name)).collect()
    }

    #[test]
    fn a_new_table_comes_with_its_columns() {
        let after = objects(&[
            ("column", "Item.id", "23"),
            ("enum", "Mood", "LOW"),
            ("index", "item_idx", "1"),
            ("table", "Item", ""),
        ]);
        let names = ["Mood", "Item", "item_idx"].map(|name| (ObjectVerb::Created, name.to_owned()));
        assert_eq!(compare(&Objects::new(), &after), names);
    }

    #[test]
    fn a_new_column_of_an_old_table_is_listed() {
        let before = objects(&[("table", "Item", ""), ("column", "Item.id", "23")]);
        let after = objects(&[
            ("table", "Item", ""),
            ("column", "Item.id", "20"),
            ("column", "Item.note", "25"),
        ]);
        let expected = [
            (ObjectVerb::Changed, "Item.id".to_owned()),
            (ObjectVerb::Created, "Item.note".to_owned()),
        ];
        assert_eq!(compare(&before, &after), expected);
        assert!(compare(&after, &after).is_empty());
        assert_eq!(
            compare(&after, &before).last(),
            Some(&(ObjectVerb::Dropped, "Item.note".to_owned()))
        );
    }
}
