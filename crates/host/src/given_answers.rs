//! The answers that the examples of a folder give with `given(...)`, in place of the database and of `--set`.

use std::collections::BTreeMap;

use leora_report::ValueCount;
use leora_rule::{DataType, ForeignKey, Index, Kind};

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
    pub fn column_types(&self, table: &str) -> Vec<(String, DataType)> {
        let columns = self.tables.get(table).and_then(Option::as_ref);
        let typed =
            |(name, type_name): &(String, String)| (name.clone(), self.data_type(type_name));
        columns.into_iter().flatten().map(typed).collect()
    }

    pub(crate) fn data_type(&self, type_name: &str) -> DataType {
        DataType::new(type_name, type_name, self.kind(type_name))
    }

    fn kind(&self, type_name: &str) -> Kind {
        let bare = type_name.trim_matches('"');
        if let Some(Some(labels)) = self.enums.get(bare) {
            return Kind::Enum { name: bare.to_owned(), labels: labels.clone() };
        }
        let word = bare.split(['(', ' ']).next().unwrap_or_default().to_ascii_lowercase();
        match word.as_str() {
            "boolean" | "bool" => Kind::Bool,
            "smallint" => integer(i16::MIN.into(), i16::MAX.into()),
            "integer" | "int" => integer(i32::MIN.into(), i32::MAX.into()),
            "bigint" => integer(i64::MIN, i64::MAX),
            "numeric" | "decimal" => Kind::Decimal,
            "real" | "double" | "float" => Kind::Float,
            "text" | "varchar" | "char" | "character" => Kind::Text,
            "uuid" => Kind::Uuid,
            "date" => Kind::Date,
            "timestamp" if bare.contains("with time zone") => Kind::TimestampTz,
            "timestamptz" => Kind::TimestampTz,
            "timestamp" => Kind::Timestamp,
            _ => Kind::Other,
        }
    }
}

fn integer(min: i64, max: i64) -> Kind {
    Kind::Integer { min, max }
}
