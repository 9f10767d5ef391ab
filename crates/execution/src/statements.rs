//! The statements that scripts' reads and writes compile to, each with the relation that it reads or writes.

use leora_host::{HostError, Selection, permit};
use leora_rule::{self as rule, Expr, Relation, Sql, Value};

use crate::read::DatabaseReader;

impl DatabaseReader {
    pub(crate) fn count_sql(&mut self, rows: &Selection) -> Result<(Relation, Sql), HostError> {
        let relation = self.selected_relation(rows)?;
        let sql = rule::compile_count(&relation, rows.filter.as_ref(), self.context.as_of)?;
        Ok((relation, sql))
    }

    pub(crate) fn distribution_sql(
        &mut self,
        rows: &Selection,
        group: Option<&str>,
        column: &str,
    ) -> Result<(Relation, Sql), HostError> {
        let relation = self.selected_relation(rows)?;
        let (filter, as_of) = (rows.filter.as_ref(), self.context.as_of);
        let sql = rule::compile_distribution(&relation, filter, group, column, as_of)?;
        Ok((relation, sql))
    }

    pub(crate) fn rows_sql(
        &mut self,
        rows: &Selection,
        columns: &[String],
        limit: u64,
    ) -> Result<(Relation, Sql), HostError> {
        let relation = self.selected_relation(rows)?;
        let (filter, as_of) = (rows.filter.as_ref(), self.context.as_of);
        let sql = rule::compile_rows(&relation, filter, columns, limit, as_of)?;
        Ok((relation, sql))
    }

    /// The statement that inserts a row, if the manifest permits it.
    pub(crate) fn insert_sql(
        &mut self,
        table: &str,
        values: &[(String, Value)],
    ) -> Result<(Relation, Sql), HostError> {
        permit::check_insert(self.context.manifest(), table)?;
        let relation = self.relation(table)?;
        let sql = rule::compile_insert(&relation, values, self.context.as_of)?;
        Ok((relation, sql))
    }

    /// The statement that deletes rows, if the manifest permits it.
    pub(crate) fn delete_sql(&mut self, rows: &Selection) -> Result<(Relation, Sql), HostError> {
        permit::check_delete(self.context.manifest())?;
        refuse_figures(rows)?;
        let relation = self.relation(&rows.table)?;
        let all = Expr::literal(Value::Bool(true));
        let filter = rows.filter.as_ref().unwrap_or(&all);
        let sql = rule::compile_delete(&relation, filter, self.context.as_of)?;
        Ok((relation, sql))
    }
}

/// A DELETE reads no other rows.
fn refuse_figures(rows: &Selection) -> Result<(), HostError> {
    let figures = rows.filter.as_ref().map(Expr::figures).unwrap_or_default();
    let Some(figure) = figures.first() else { return Ok(()) };
    Err(HostError::NotAllowed {
        entry: None,
        message: format!("rows are not deleted by what other rows give, such as {figure}"),
        help: "set a mark on them by a rule first, and delete the marked ones".into(),
    })
}
