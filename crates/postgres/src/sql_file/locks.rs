//! The table locks that an SQL file takes.

use leora_report::Lock;

use crate::connection::{Cells, TextRow};

/// The table locks of this transaction, without this tool's own tables: schema, table, mode and the table's oid.
pub(crate) const LOCKS: &str = "\
SELECT n.nspname::text, c.relname::text, l.mode, c.oid::text
  FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE l.pid = pg_backend_pid() AND l.granted AND c.relkind IN ('r', 'p')
   AND n.nspname NOT IN ('pg_catalog', 'leora_run')
   AND l.mode IN ('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
 ORDER BY 1, 2, 3";

/// The oids of the tables that exist.
pub(crate) const TABLES: &str = "SELECT oid::text FROM pg_class WHERE relkind IN ('r', 'p')";

/// The modes that count, from weak to strong.
const MODES: [&str; 5] = [
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
];

struct TableLock {
    schema: String,
    table: String,
    mode: String,
    oid: String,
}

impl TableLock {
    fn read(row: TextRow) -> Self {
        let mut cells = Cells::new(row);
        let (schema, table) = (cells.text(), cells.text());
        Self { schema, table, mode: cells.text(), oid: cells.text() }
    }

    fn strength(&self) -> usize {
        MODES.iter().position(|mode| *mode == self.mode).map_or(0, |at| at + 1)
    }
}

/// The locks that the file took on tables that existed before it, stronger than those that were held already. Both lists
/// are rows of [`LOCKS`]; `existing` are the oids of the tables before.
pub(crate) fn undeclared_locks(
    before: Vec<TextRow>,
    after: Vec<TextRow>,
    existing: &[String],
) -> Vec<Lock> {
    let before: Vec<TableLock> = before.into_iter().map(TableLock::read).collect();
    let held = |oid: &str| {
        let own = before.iter().filter(|lock| lock.oid == oid);
        own.map(TableLock::strength).max().unwrap_or(0)
    };
    after
        .into_iter()
        .map(TableLock::read)
        .filter(|lock| existing.contains(&lock.oid) && lock.strength() > held(&lock.oid))
        .map(|lock| Lock { schema: lock.schema, table: lock.table, mode: sql_mode(&lock.mode) })
        .collect()
}

/// `ShareRowExclusiveLock` as SQL writes it: `SHARE ROW EXCLUSIVE`.
fn sql_mode(mode: &str) -> String {
    let mut words = String::new();
    for letter in mode.trim_end_matches("Lock").chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(letter.to_ascii_uppercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{sql_mode, undeclared_locks};

    fn row(table: &str, mode: &str, oid: &str) -> Vec<Option<String>> {
        ["public", table, mode, oid].into_iter().map(|cell| Some(cell.to_owned())).collect()
    }

    #[test]
    fn only_stronger_locks_on_existing_tables_count() {
        let before = vec![row("Item", "ShareRowExclusiveLock", "1")];
        let existing = ["1".to_owned(), "2".to_owned()];
        let locks = |after| {
            let found = undeclared_locks(before.clone(), after, &existing);
            found.into_iter().map(|lock| (lock.table, lock.mode)).collect::<Vec<_>>()
        };
        assert!(locks(before.clone()).is_empty());
        assert!(locks(vec![row("Item", "ShareLock", "1")]).is_empty());
        assert!(locks(vec![row("New", "AccessExclusiveLock", "3")]).is_empty());
        assert_eq!(
            locks(vec![row("Item", "AccessExclusiveLock", "1"), row("Other", "ShareLock", "2")]),
            [("Item", "ACCESS EXCLUSIVE"), ("Other", "SHARE")]
                .map(|(table, mode)| (table.to_owned(), mode.to_owned()))
        );
    }

    #[test]
    fn modes_are_written_as_in_sql() {
        assert_eq!(sql_mode("ShareRowExclusiveLock"), "SHARE ROW EXCLUSIVE");
        assert_eq!(sql_mode("ExclusiveLock"), "EXCLUSIVE");
    }
}
