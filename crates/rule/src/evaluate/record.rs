//! A row in memory, with what is known of the types of its columns.

use std::collections::BTreeMap;

use crate::evaluate::datum::Datum;
use crate::evaluate::error::EvaluationError;
use crate::evaluate::store::stored;
use crate::{DataType, Expr, Value};

/// One row in memory: its values, and what is known of the types of its columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    values: BTreeMap<String, Value>,
    types: BTreeMap<String, DataType>,
}

impl Record {
    /// A row of these values; a missing column has no value, and `col_or` gives its default.
    pub fn new(values: impl IntoIterator<Item = (String, Value)>) -> Self {
        Self { values: values.into_iter().collect(), types: BTreeMap::new() }
    }

    /// The same row, with these types of its columns.
    pub fn with_types(self, types: impl IntoIterator<Item = (String, DataType)>) -> Self {
        Self { types: types.into_iter().collect(), ..self }
    }

    /// The value of a column.
    pub fn value(&self, column: &str) -> Value {
        self.values.get(column).cloned().unwrap_or(Value::Null)
    }

    /// Sets a column.
    pub fn set(&mut self, column: &str, value: Value) {
        self.values.insert(column.to_owned(), value);
    }

    /// Whether the row has such a column.
    pub fn has(&self, column: &str) -> bool {
        self.values.contains_key(column) || self.types.contains_key(column)
    }

    /// Whether a column has this value, compared as its type compares.
    pub fn holds(&self, column: &str, value: &Value) -> bool {
        let (Ok(own), Ok(other)) = (self.datum(column), self.as_typed(column, value)) else {
            return self.value(column) == *value;
        };
        match (&own, &other) {
            (Datum::Null, _) | (_, Datum::Null) => own == other,
            _ => own.compare(&other, &Expr::column(column), true).is_ok_and(|order| order.is_eq()),
        }
    }

    pub(crate) fn data_type(&self, column: &str) -> Option<&DataType> {
        self.types.get(column)
    }

    pub(crate) fn datum(&self, column: &str) -> Result<Datum, EvaluationError> {
        self.as_typed(column, &self.value(column))
    }

    fn as_typed(&self, column: &str, value: &Value) -> Result<Datum, EvaluationError> {
        match self.types.get(column) {
            Some(data_type) => {
                // The column may round it, as numeric(9,2) does.
                let kept = stored(Datum::typed(value, data_type, column)?, Some(data_type))?;
                Ok(Datum::typed(&kept, data_type, column)?)
            }
            None => Ok(Datum::from_value(value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::table;

    #[test]
    fn a_value_is_held_as_the_type_of_its_column_compares() {
        let types = table().columns.into_iter().map(|column| (column.name, column.data_type));
        let mut row = Record::default().with_types(types);
        row.set("amount", Value::Decimal("1.50".parse().expect("a number")));
        row.set("seen", "2025-10-25".into());
        assert!(row.holds("amount", &Value::Decimal("1.5".parse().expect("a number"))));
        assert!(row.holds("seen", &"2025-10-25T00:00:00".into()));
        assert!(!row.holds("seen", &Value::Null));
        assert!(row.holds("name", &Value::Null));
        assert!(row.has("name") && !row.has("absent"));
    }
}
