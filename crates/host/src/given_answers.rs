//! The answers that the examples of a folder give with `given(...)`, in place of the database and of `--set`.

use std::collections::BTreeMap;

use leora_report::ValueCount;
use leora_rule::{ColumnType, ForeignKey, Index};

use crate::host::Row;

type ValueCounts = Vec<ValueCount>;

/// The answers given, by what is asked about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GivenAnswers {
    /// Counts, by table.
    pub counts: BTreeMap<String, u64>,
    /// Rows by value, by `Table.column`.
    pub distributions: BTreeMap<String, ValueCounts>,
    /// Rows by value for each value of another column, by `Table.column`.
    pub groups: BTreeMap<String, Vec<(Option<String>, ValueCounts)>>,
    /// Rows, by table.
    pub rows: BTreeMap<String, Vec<Row>>,
    /// Tables, with the types of their columns; `None` is a table that does not exist.
    pub tables: BTreeMap<String, Option<Vec<(String, String)>>>,
    /// Enums, with their values in order; `None` is one that does not exist.
    pub enums: BTreeMap<String, Option<Vec<String>>>,
    /// Indexes; `None` is one that does not exist.
    pub indexes: BTreeMap<String, Option<Index>>,
    /// Foreign keys, by table.
    pub foreign_keys: BTreeMap<String, Vec<ForeignKey>>,
    /// Rows, by the text of the query.
    pub queries: BTreeMap<String, Vec<Row>>,
    /// When folders ran last; `None` is never.
    pub runs: BTreeMap<String, Option<String>>,
    /// Settings with their values as `--set` takes them.
    pub settings: BTreeMap<String, String>,
}

impl GivenAnswers {
    /// The columns of a table with their types, as far as they are given.
    pub fn column_types(&self, table: &str) -> Vec<(String, ColumnType)> {
        let columns = self.tables.get(table).and_then(Option::as_ref);
        let typed =
            |(name, type_name): &(String, String)| (name.clone(), self.data_type(type_name));
        columns.into_iter().flatten().map(typed).collect()
    }

    pub(crate) fn data_type(&self, type_name: &str) -> ColumnType {
        let bare = type_name.trim_matches('"');
        match self.enums.get(bare) {
            Some(Some(labels)) => ColumnType::of_enum(bare, labels.clone()),
            _ => ColumnType::named(type_name),
        }
    }
}
