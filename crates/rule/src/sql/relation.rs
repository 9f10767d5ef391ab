//! What statements select from: a table, or a table as rules that are not written yet would leave it.

use std::sync::Arc;

use crate::sql::table::column_list;
use crate::{Column, Figure, FigureGroup, Sql, Table, quote_identifier};

/// The rows of a table, as something to select from.
#[derive(Clone, Debug)]
pub struct Relation {
    /// The table's shape.
    pub table: Arc<Table>,
    pub(super) sql: Sql,
    pub(super) pending: Vec<String>,
    pub(super) figures: Option<Arc<Figures>>,
}

/// What other rows give the rows of a relation.
#[derive(Debug)]
pub(super) struct Figures {
    /// The rows without it.
    pub(super) base: Relation,
    pub(super) groups: Vec<FigureGroup>,
    pub(super) ranks: Vec<Figure>,
}

impl Relation {
    /// The table as it is.
    pub fn from_table(table: Arc<Table>) -> Self {
        let sql = Sql { text: table.qualified(), parameters: vec![] };
        Self::from_sql(table, sql)
    }

    /// Rows of a subquery, or of a name in a WITH.
    pub(crate) fn from_sql(table: Arc<Table>, sql: Sql) -> Self {
        Self { table, sql, pending: vec![], figures: None }
    }

    /// The rows with a further column, which the table does not have yet; it is NULL in every row.
    pub fn with_column(&self, column: Column) -> Self {
        let names = column_list("", self.table.column_names(), "");
        let absent =
            format!("NULL::{} AS {}", column.data_type.cast, quote_identifier(&column.name));
        let text = format!("(SELECT {names}, {absent} FROM {} AS earlier)", self.text());
        let mut table = Table::clone(&self.table);
        table.columns.push(column);
        let sql = Sql { text, parameters: self.sql.parameters.clone() };
        Self { pending: self.pending.clone(), ..Self::from_sql(Arc::new(table), sql) }
    }

    /// The table without the columns whose values other rows give.
    pub fn stored_table(&self) -> Arc<Table> {
        if self.table.columns.iter().all(|column| column.figure.is_none()) {
            return Arc::clone(&self.table);
        }
        let mut table = Table::clone(&self.table);
        table.columns.retain(|column| column.figure.is_none());
        Arc::new(table)
    }

    /// The columns whose values come from rules that are not written yet.
    pub fn pending(&self) -> &[String] {
        &self.pending
    }

    /// What stands after FROM; it needs an alias.
    pub(crate) fn text(&self) -> &str {
        &self.sql.text
    }

    pub(crate) fn parameters(&self) -> &[Option<String>] {
        &self.sql.parameters
    }
}
