//! Where rows come from: a table, or a table as rules that were not written yet would leave it.

use std::sync::Arc;

use jiff::civil::Date;

use crate::{Column, Rule, RuleError, Sql, SqlBuilder, Table, quote_identifier};

/// The rows of a table, as something to select from.
#[derive(Clone, Debug)]
pub struct Relation {
    /// The table's shape.
    pub table: Arc<Table>,
    sql: Sql,
    pending: Vec<String>,
}

impl Relation {
    /// The table as it is.
    pub fn from_table(table: Arc<Table>) -> Self {
        let sql = Sql { text: table.qualified(), parameters: vec![] };
        Self { table, sql, pending: vec![] }
    }

    /// Rows that a statement gives under a name, or as a subquery.
    pub(crate) fn from_sql(table: Arc<Table>, sql: Sql) -> Self {
        Self { table, sql, pending: vec![] }
    }

    /// The rows with a column that the table does not have yet, in which no row has a value.
    pub fn with_column(&self, column: Column) -> Self {
        let names: Vec<String> = self.table.column_names().map(quote_identifier).collect();
        let absent =
            format!("NULL::{} AS {}", column.data_type.cast, quote_identifier(&column.name));
        let text =
            format!("(SELECT {}, {absent} FROM {} AS earlier)", names.join(", "), self.text());
        let mut table = Table::clone(&self.table);
        table.columns.push(column);
        let sql = Sql { text, parameters: self.sql.parameters.clone() };
        Self { table: Arc::new(table), sql, pending: self.pending.clone() }
    }

    /// The rows as this rule would leave them: its column is the rule's value where the rule gives one.
    ///
    /// # Errors
    /// [`RuleError`] when the rule means nothing on this table.
    pub fn after(&self, rule: &Rule, as_of: Date) -> Result<Self, RuleError> {
        let mut sql = SqlBuilder::new(self, as_of);
        let taken = sql.calculated(|sql| sql.filter(rule.filter.as_ref()))?;
        let outcome = sql.rule_value(rule)?;
        let column = |name: &str| {
            let quoted = quote_identifier(name);
            if name != rule.column {
                return quoted;
            }
            format!("CASE WHEN {taken} THEN {outcome} ELSE {quoted} END AS {quoted}")
        };
        let columns: Vec<String> = self.table.column_names().map(column).collect();
        let text = format!("(SELECT {} FROM {} AS earlier)", columns.join(", "), self.text());
        let mut pending = self.pending.clone();
        pending.push(rule.column.clone());
        Ok(Self { table: Arc::clone(&self.table), sql: sql.finish(text), pending })
    }

    /// The columns whose values are those of rules that were not written yet.
    pub fn pending(&self) -> &[String] {
        &self.pending
    }

    /// What to select from; it wants an alias.
    pub(crate) fn text(&self) -> &str {
        &self.sql.text
    }

    /// The parameters that the text has already.
    pub(crate) fn parameters(&self) -> &[Option<String>] {
        &self.sql.parameters
    }
}
