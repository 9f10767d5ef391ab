//! Each object of Phase 2 that can be missing, one at a time.

use super::spec::{COLUMNS, Column, FOREIGN_KEYS, INDEXES, TABLES};

/// Why the priorities can't be looked at.
pub const UNCHECKED: &str =
    "priorities can't be counted before the enums and the columns of Customer are right";

/// An object that is dropped.
pub struct Missing {
    /// Drops it.
    pub sql: String,
    /// What goes: it, and what PostgreSQL drops with it.
    pub objects: Vec<String>,
    /// What the verification finds.
    pub findings: Vec<String>,
}

/// Every table, column, primary key, index and foreign key.
pub fn missing() -> Vec<Missing> {
    let tables = TABLES.iter().map(|table| dropped_table(table));
    let columns = COLUMNS.iter().map(dropped_column);
    let keys = TABLES.iter().map(|table| Missing {
        sql: format!("ALTER TABLE \"{table}\" DROP CONSTRAINT \"{table}_pkey\""),
        objects: vec![format!("index {table}_pkey")],
        findings: vec![format!("primary key of {table} is missing")],
    });
    let indexes = INDEXES.iter().map(|index| Missing {
        sql: format!("DROP INDEX \"{}\"", index.name),
        objects: vec![format!("index {}", index.name)],
        findings: vec![format!("index {} is missing", index.name)],
    });
    let foreign_keys = FOREIGN_KEYS.iter().map(|key| Missing {
        sql: key.drop(),
        objects: vec![format!("foreign key {}.{}", key.table, key.name())],
        findings: vec![format!("foreign key of {}.{} is missing", key.table, key.column)],
    });
    tables.chain(columns).chain(keys).chain(indexes).chain(foreign_keys).collect()
}

fn dropped_table(table: &str) -> Missing {
    let mut gone = Missing {
        sql: format!("DROP TABLE \"{table}\""),
        objects: vec![format!("table {table}")],
        findings: vec![format!("table {table} is missing")],
    };
    for column in COLUMNS.iter().filter(|column| column.table == table) {
        gone.with_dependents(column);
    }
    gone
}

fn dropped_column(column: &Column) -> Missing {
    let mut gone = Missing {
        sql: format!("ALTER TABLE \"{}\" DROP COLUMN \"{}\"", column.table, column.name),
        objects: vec![format!("column {}", column.place())],
        findings: vec![format!("column {} is missing", column.place())],
    };
    gone.with_dependents(column);
    gone.findings.extend(unchecked(column));
    gone
}

/// The priorities can't be counted while a column of Customer is not right.
pub fn unchecked(column: &Column) -> Option<String> {
    (column.table == "Customer").then(|| UNCHECKED.to_owned())
}

impl Missing {
    /// What PostgreSQL drops with a column.
    fn with_dependents(&mut self, column: &Column) {
        let mut gone = |object: String, finding: String| {
            if !self.objects.contains(&object) {
                self.objects.push(object);
                self.findings.push(finding);
            }
        };
        if column.name == "id" {
            let table = column.table;
            gone(format!("index {table}_pkey"), format!("primary key of {table} is missing"));
        }
        for index in column.indexes() {
            gone(format!("index {}", index.name), format!("index {} is missing", index.name));
        }
        if let Some(key) = column.foreign_key() {
            gone(
                format!("foreign key {}.{}", key.table, key.name()),
                format!("foreign key of {} is missing", column.place()),
            );
        }
    }
}
