//! The tables of a database, as far as somebody needs them who writes rules.

use serde::{Deserialize, Serialize};

/// The tables of a schema.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableShapes {
    /// The database that they are in, as it is shown.
    pub database: String,
    /// The tables and views, by name.
    pub tables: Vec<TableShape>,
}

/// A table or view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableShape {
    /// Its name.
    pub name: String,
    /// Its columns, in order.
    pub columns: Vec<ColumnShape>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnShape {
    /// Its name.
    pub name: String,
    /// Its type, as PostgreSQL displays it.
    #[serde(rename = "type")]
    pub data_type: String,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// The labels of an enum, in order; else empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
}

impl TableShapes {
    /// The table of this name.
    pub fn table(&self, name: &str) -> Option<&TableShape> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// Adds the tables and columns that only the other has. Of a column that both have, the other's shape counts.
    pub fn add(&mut self, other: Self) {
        for table in other.tables {
            let Some(known) = self.tables.iter_mut().find(|one| one.name == table.name) else {
                self.tables.push(table);
                continue;
            };
            for column in table.columns {
                match known.columns.iter_mut().find(|one| one.name == column.name) {
                    Some(known) => *known = column,
                    None => known.columns.push(column),
                }
            }
        }
        self.tables.sort_by(|a, b| a.name.cmp(&b.name));
        if !other.database.is_empty() {
            self.database = other.database;
        }
    }
}

impl TableShape {
    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&ColumnShape> {
        self.columns.iter().find(|column| column.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::{ColumnShape, TableShape, TableShapes};

    fn shapes(database: &str, columns: &[(&str, &str)]) -> TableShapes {
        let column = |(name, data_type): &(&str, &str)| ColumnShape {
            name: (*name).into(),
            data_type: (*data_type).into(),
            nullable: true,
            labels: vec![],
        };
        let table = TableShape { name: "T".into(), columns: columns.iter().map(column).collect() };
        TableShapes { database: database.into(), tables: vec![table] }
    }

    #[test]
    fn what_only_one_knows_is_kept() {
        let mut all = shapes("old", &[("a", "text"), ("b", "text")]);
        all.add(shapes("new", &[("b", "date"), ("c", "date")]));
        assert_eq!(all, shapes("new", &[("a", "text"), ("b", "date"), ("c", "date")]));
        all.add(TableShapes::default());
        assert_eq!(all.database, "new");
    }
}
