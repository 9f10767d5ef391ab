//! The values of a column, and how many rows have each.

use serde::Serialize;

/// How many rows have a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ValueCount {
    /// The value as text; `None` is NULL.
    pub value: Option<String>,
    /// How many rows have it.
    pub rows: u64,
}

/// The values of a column and how many rows have each, in the column's own order, NULL last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Distribution {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// The values.
    pub values: Vec<ValueCount>,
}

impl Distribution {
    /// How many rows there are.
    pub fn total(&self) -> u64 {
        self.values.iter().map(|one| one.rows).sum()
    }
}
