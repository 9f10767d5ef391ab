//! Reads for scripts: counts, distributions, rows.

use leora_report::{DatabaseError, ValueCount};
use leora_rule::{DataType, Kind, Sql, Value, parse_decimal};

use crate::Session;
use crate::connection::{Cells, TextRow};

/// A group's value, and how many rows of it have each value.
pub type GroupedShares = (Option<String>, Vec<ValueCount>);

/// Runs compiled reads.
#[derive(Debug)]
pub struct Reader<'s> {
    pub(crate) session: &'s mut Session,
}

impl<'s> Reader<'s> {
    /// Reads in this session's transaction.
    pub fn new(session: &'s mut Session) -> Self {
        Self { session }
    }

    /// The rows of a statement, all columns as text, as long as they are no more than a script may read.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server, and [`DatabaseError::ReadLimitReached`].
    pub fn texts(&mut self, sql: &Sql) -> Result<Vec<TextRow>, DatabaseError> {
        self.session.connection.fetch_compiled_within(sql, self.session.read_limits.bytes)
    }

    /// A statement of one number.
    ///
    /// # Errors
    /// As [`Reader::texts`].
    pub fn number(&mut self, sql: &Sql) -> Result<u64, DatabaseError> {
        Ok(Cells::of_first(self.texts(sql)?).number())
    }

    /// A statement of values and row counts.
    ///
    /// # Errors
    /// As [`Reader::texts`].
    pub fn shares(&mut self, sql: &Sql) -> Result<Vec<ValueCount>, DatabaseError> {
        let share = |row| value_count(&mut Cells::new(row));
        Ok(self.texts(sql)?.into_iter().map(share).collect())
    }

    /// A statement of group, value and row count, collected by group.
    ///
    /// # Errors
    /// As [`Reader::texts`].
    pub fn grouped_shares(&mut self, sql: &Sql) -> Result<Vec<GroupedShares>, DatabaseError> {
        let mut groups: Vec<GroupedShares> = Vec::new();
        for row in self.texts(sql)? {
            let mut cells = Cells::new(row);
            let (group, share) = (cells.optional(), value_count(&mut cells));
            match groups.last_mut() {
                Some((last, shares)) if *last == group => shares.push(share),
                _ => groups.push((group, vec![share])),
            }
        }
        Ok(groups)
    }

    /// A statement of rows whose columns have these types.
    ///
    /// # Errors
    /// As [`Reader::texts`].
    pub fn rows(
        &mut self,
        sql: &Sql,
        types: &[&DataType],
    ) -> Result<Vec<Vec<Value>>, DatabaseError> {
        let typed = |row: TextRow| {
            row.into_iter().zip(types).map(|(text, data_type)| value(text, data_type)).collect()
        };
        Ok(self.texts(sql)?.into_iter().map(typed).collect())
    }

    /// Runs a statement that writes, and returns how many rows it touched.
    pub fn execute(&mut self, sql: &Sql) -> Result<u64, DatabaseError> {
        self.session.connection.execute(sql)
    }

    /// The rows of a statement, all columns as text; `None` where the server refuses it.
    ///
    /// # Errors
    /// [`DatabaseError`] other than the server's refusal of the statement.
    pub fn try_texts(&mut self, sql: &Sql) -> Result<Option<Vec<TextRow>>, DatabaseError> {
        match self.session.without_effects(|session| Reader::new(session).texts(sql)) {
            Ok(rows) => Ok(Some(rows)),
            Err(DatabaseError::Server(_)) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// Tries a statement and takes it back either way: the constraint that it violates, or the server's message, if it does.
    ///
    /// # Errors
    /// [`DatabaseError`] other than the refusal of a constraint (SQLSTATE class 23).
    pub fn constraint_violation(&mut self, sql: &Sql) -> Result<Option<String>, DatabaseError> {
        match self.session.without_effects(|session| Reader::new(session).texts(sql)) {
            Ok(_) => Ok(None),
            Err(DatabaseError::Server(error)) if error.code.starts_with("23") => {
                Ok(Some(error.constraint.clone().unwrap_or(error.message)))
            }
            Err(other) => Err(other),
        }
    }
}

fn value_count(cells: &mut Cells) -> ValueCount {
    ValueCount { value: cells.optional(), rows: cells.number() }
}

/// Dates stay text: they can be infinite.
fn value(text: Option<String>, data_type: &DataType) -> Value {
    let Some(text) = text else { return Value::Null };
    match data_type.kind {
        Kind::Bool => Value::Bool(text.starts_with('t')),
        Kind::Integer { .. } => text.parse().map_or(Value::Text(text), Value::Integer),
        Kind::Decimal => parse_decimal(&text).map_or(Value::Text(text), Value::Decimal),
        _ => Value::Text(text),
    }
}

#[cfg(test)]
mod tests {
    use leora_rule::{DataType, Kind, Value};

    use super::value;

    fn read(text: &str, kind: Kind) -> Value {
        value(Some(text.to_owned()), &DataType::new("text", "text", kind))
    }

    #[test]
    fn a_text_is_a_value_of_its_column() {
        assert_eq!(read("t", Kind::Bool), Value::Bool(true));
        assert_eq!(read("7", Kind::Integer { min: 0, max: 9 }), Value::Integer(7));
        assert_eq!(read("1.50", Kind::Decimal), Value::Decimal("1.50".parse().expect("a decimal")));
        assert_eq!(read("NaN", Kind::Decimal), Value::Text("NaN".into()));
        assert_eq!(read("infinity", Kind::Date), Value::Text("infinity".into()));
    }
}
