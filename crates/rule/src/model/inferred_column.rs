//! The column that a rule sets where the table does not have it yet.

use crate::{Column, DataType, Kind, Node, Rule, Table, Value};

impl Rule {
    /// A column for what this rule gives, as far as its values tell what sort of column it will be.
    pub fn inferred_column(&self, table: &Table) -> Column {
        let data_type = self.arms().iter().find_map(|arm| match arm.value.node() {
            Node::Literal(value) => type_of(value),
            Node::Column(name) | Node::ColumnOr(name, _) => {
                table.column(name).map(|column| column.data_type.clone())
            }
            Node::Arithmetic(..) => Some(plain("numeric", Kind::Decimal)),
            Node::Today => Some(plain("date", Kind::Date)),
            Node::Ago(_) => Some(plain("timestamp", Kind::Timestamp)),
            _ => None,
        });
        Column {
            name: self.column.clone(),
            data_type: data_type.unwrap_or_else(|| plain("text", Kind::Text)),
            nullable: true,
            default: None,
            cascades_to: None,
            generated: false,
        }
    }
}

fn type_of(value: &Value) -> Option<DataType> {
    Some(match value {
        Value::Null => return None,
        Value::Text(_) => plain("text", Kind::Text),
        Value::Bool(_) => plain("boolean", Kind::Bool),
        Value::Integer(_) => plain("bigint", Kind::Integer { min: i64::MIN, max: i64::MAX }),
        Value::Decimal(_) => plain("numeric", Kind::Decimal),
        Value::Date(_) => plain("date", Kind::Date),
        Value::Timestamp(_) => plain("timestamp", Kind::Timestamp),
    })
}

fn plain(name: &str, kind: Kind) -> DataType {
    DataType { cast: name.into(), display: name.into(), kind }
}
