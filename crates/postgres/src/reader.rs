//! Reads for scripts: counts, distributions, rows.

use leora_report::{DatabaseError, ValueCount};
use leora_rule::{DataType, Kind, Sql, Value};

use crate::Session;

/// A group's value, and the shares within it.
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

    /// A statement of one number.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn number(&mut self, sql: &Sql) -> Result<u64, DatabaseError> {
        let rows =
            self.session.connection.fetch_compiled_within(sql, self.session.read_limits.bytes)?;
        Ok(rows.first().map_or(0, |row| to_number(row[0].as_deref())))
    }

    /// A statement of values and row counts.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn shares(&mut self, sql: &Sql) -> Result<Vec<ValueCount>, DatabaseError> {
        let rows =
            self.session.connection.fetch_compiled_within(sql, self.session.read_limits.bytes)?;
        let share = |row: Vec<Option<String>>| ValueCount {
            rows: to_number(row[1].as_deref()),
            value: row[0].clone(),
        };
        Ok(rows.into_iter().map(share).collect())
    }

    /// A statement of group, value and row count, gathered by group.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn grouped_shares(&mut self, sql: &Sql) -> Result<Vec<GroupedShares>, DatabaseError> {
        let mut groups: Vec<GroupedShares> = Vec::new();
        for row in
            self.session.connection.fetch_compiled_within(sql, self.session.read_limits.bytes)?
        {
            let share = ValueCount { value: row[1].clone(), rows: to_number(row[2].as_deref()) };
            match groups.last_mut() {
                Some((group, shares)) if *group == row[0] => shares.push(share),
                _ => groups.push((row[0].clone(), vec![share])),
            }
        }
        Ok(groups)
    }

    /// A statement of rows whose columns have these types.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn rows(
        &mut self,
        sql: &Sql,
        types: &[&DataType],
    ) -> Result<Vec<Vec<Value>>, DatabaseError> {
        let rows =
            self.session.connection.fetch_compiled_within(sql, self.session.read_limits.bytes)?;
        let typed = |row: Vec<Option<String>>| {
            row.into_iter().zip(types).map(|(text, data_type)| value(text, data_type)).collect()
        };
        Ok(rows.into_iter().map(typed).collect())
    }

    /// A statement of rows whose columns are all text.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn texts(&mut self, sql: &Sql) -> Result<Vec<Vec<Option<String>>>, DatabaseError> {
        self.session.connection.fetch_compiled_within(sql, self.session.read_limits.bytes)
    }

    /// Runs a statement that writes, and returns how many rows it touched.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn execute(&mut self, sql: &Sql) -> Result<u64, DatabaseError> {
        self.session.connection.execute(sql)
    }

    /// A statement of rows whose columns are all text, that the server may refuse; then nothing.
    ///
    /// # Errors
    /// [`DatabaseError`] other than the server's refusal of the statement.
    pub fn try_texts(
        &mut self,
        sql: &Sql,
    ) -> Result<Option<Vec<Vec<Option<String>>>>, DatabaseError> {
        match self.session.without_effects(|session| session.connection.fetch(sql)) {
            Ok(rows) => Ok(Some(rows)),
            Err(DatabaseError::Server(_)) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// Tries a statement and takes it back either way: the server's refusal, if it refused.
    ///
    /// # Errors
    /// [`DatabaseError`] other than the refusal of a constraint (SQLSTATE class 23).
    pub fn constraint_violation(&mut self, sql: &Sql) -> Result<Option<String>, DatabaseError> {
        match self.session.without_effects(|session| session.connection.fetch(sql)) {
            Ok(_) => Ok(None),
            Err(DatabaseError::Server(error)) if error.code.starts_with("23") => {
                Ok(Some(error.constraint.clone().unwrap_or(error.message)))
            }
            Err(other) => Err(other),
        }
    }
}

fn to_number(text: Option<&str>) -> u64 {
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// A column's text as a value of its type. Dates stay text: they can be infinite.
fn value(text: Option<String>, data_type: &DataType) -> Value {
    let Some(text) = text else { return Value::Null };
    match data_type.kind {
        Kind::Bool => Value::Bool(text.starts_with('t')),
        Kind::Integer { .. } => text.parse().map_or(Value::Text(text), Value::Integer),
        Kind::Decimal => text.parse().map_or(Value::Text(text), Value::Decimal),
        _ => Value::Text(text),
    }
}
