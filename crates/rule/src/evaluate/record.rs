//! A row in memory, with what is known of the types of its columns.

use std::collections::BTreeMap;

use crate::evaluate::column_type::ColumnType;
use crate::evaluate::datum::Datum;
use crate::evaluate::error::EvaluationError;
use crate::evaluate::literal::cell;
use crate::evaluate::store::stored;
use crate::{Expr, Value};

/// One row in memory: its values, and what is known of the types of its columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    values: BTreeMap<String, Value>,
    types: BTreeMap<String, ColumnType>,
    related: BTreeMap<String, Vec<Record>>,
    parents: BTreeMap<String, Record>,
    others: Vec<Record>,
}

impl Record {
    /// A row of these values; a missing column has no value, and `col_or` gives its default.
    pub fn new(values: impl IntoIterator<Item = (String, Value)>) -> Self {
        Self { values: values.into_iter().collect(), ..Self::default() }
    }

    /// The same row, with these rows of a table that refer to it.
    pub fn with_related(mut self, table: &str, rows: Vec<Self>) -> Self {
        self.related.insert(table.to_owned(), rows);
        self
    }

    /// The same row, with the row that this column of it refers to, or that of a table which belongs to it.
    pub fn with_parent(mut self, column_or_table: &str, row: Self) -> Self {
        self.parents.insert(column_or_table.to_owned(), row);
        self
    }

    /// The same row, with the other rows of its table.
    pub fn with_others(self, others: Vec<Self>) -> Self {
        Self { others, ..self }
    }

    pub(crate) fn related(&self, table: &str) -> &[Self] {
        self.related.get(table).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn parent(&self, column_or_table: &str) -> Option<&Self> {
        self.parents.get(column_or_table)
    }

    pub(crate) fn others(&self) -> &[Self] {
        &self.others
    }

    /// Gives this row a column of another one, under another name.
    pub(crate) fn copy_column(&mut self, name: &str, from: &Self, column: &str) {
        if let Some(value) = from.values.get(column) {
            self.values.insert(name.to_owned(), value.clone());
        }
        if let Some(data_type) = from.types.get(column) {
            self.types.insert(name.to_owned(), data_type.clone());
        }
    }

    /// The same row, with these types of its columns.
    pub fn with_types(
        self,
        types: impl IntoIterator<Item = (String, impl Into<ColumnType>)>,
    ) -> Self {
        let types = types.into_iter().map(|(name, data_type)| (name, data_type.into()));
        Self { types: types.collect(), ..self }
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
    ///
    /// # Errors
    /// [`EvaluationError`] when the column can't have the value, or the comparison can't be tried in memory.
    pub fn holds(&self, column: &str, value: &Value) -> Result<bool, EvaluationError> {
        let (own, other) = (self.datum(column)?, self.as_typed(column, value)?);
        if own == other || own == Datum::Null || other == Datum::Null {
            return Ok(own == other);
        }
        match own.compare(&other, &Expr::column(column), true) {
            // Values of different kinds, of which no type says that one is to be read as the other.
            Err(EvaluationError::Rule(_)) if self.data_type(column).is_none() => Ok(false),
            compared => Ok(compared?.is_eq()),
        }
    }

    pub(crate) fn data_type(&self, column: &str) -> Option<&ColumnType> {
        self.types.get(column)
    }

    pub(crate) fn types(&self) -> impl Iterator<Item = (&String, &ColumnType)> {
        self.types.iter()
    }

    pub(crate) fn datum(&self, column: &str) -> Result<Datum, EvaluationError> {
        self.as_typed(column, &self.value(column))
    }

    fn as_typed(&self, column: &str, value: &Value) -> Result<Datum, EvaluationError> {
        match self.types.get(column) {
            // The column may round it, as numeric(9,2) does.
            Some(known) => stored(cell(value, known, column)?, Some(known), column),
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
        row.set("place", "(1,2)".into());
        let holds = |column: &str, value: Value| row.holds(column, &value).ok();
        assert_eq!(holds("amount", Value::Decimal("1.5".parse().expect("a number"))), Some(true));
        assert_eq!(holds("seen", "2025-10-25T00:00:00".into()), Some(true));
        assert_eq!(holds("seen", Value::Null), Some(false));
        assert_eq!(holds("name", Value::Null), Some(true));
        assert_eq!(holds("place", "(1,2)".into()), Some(true));
        // Whether it is another spelling of the same point is not known here.
        assert_eq!(holds("place", "(1.0,2)".into()), None);
        assert!(row.has("name") && !row.has("absent"));
    }
}
