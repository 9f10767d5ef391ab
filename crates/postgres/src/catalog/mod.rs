//! What the database's catalog says about tables, types, indexes and foreign keys.

mod rows;
mod statements;

use std::collections::BTreeMap;

use leora_report::DatabaseError;
use leora_rule::{ForeignKey, Index, OperatorClass, Placement, Table};

use crate::Session;
use crate::connection::{Cells, TextRow, first_column};

/// Reads the catalog of the target's schema.
#[derive(Debug)]
pub struct Catalog<'s> {
    session: &'s mut Session,
}

impl<'s> Catalog<'s> {
    /// The catalog as this session's transaction sees it.
    pub fn new(session: &'s mut Session) -> Self {
        Self { session }
    }

    fn ask(&mut self, text: &str, names: &[&str]) -> Result<Vec<TextRow>, DatabaseError> {
        // PostgreSQL's text has no NUL; a name with one is the name of nothing.
        if names.iter().any(|name| name.contains('\0')) {
            return Ok(vec![]);
        }
        let schema = self.session.target().schema.clone();
        let parameters: Vec<&str> =
            std::iter::once(schema.as_str()).chain(names.iter().copied()).collect();
        self.session.connection.fetch_showing_names(text, &parameters)
    }

    /// A table, if there is one of this name.
    pub fn table(&mut self, name: &str) -> Result<Option<Table>, DatabaseError> {
        Ok(self.tables(&[name])?.pop())
    }

    /// Those of these tables that exist.
    pub fn tables(&mut self, names: &[&str]) -> Result<Vec<Table>, DatabaseError> {
        let schema = self.session.target().schema.clone();
        let found = self.ask(statements::TABLES, &[&json_list(names)])?;
        let found: Vec<_> = found.into_iter().map(|row| rows::table(&schema, row)).collect();
        let has_citus = found.iter().any(|one| one.has_citus);
        let (mut tables, types): (Vec<Table>, Vec<_>) =
            found.into_iter().map(|one| (one.table, one.types)).unzip();
        if has_citus {
            self.place(&mut tables)?;
        }
        let types: Vec<Option<String>> = types.into_iter().flatten().collect();
        let operators = self.operators(&types)?;
        let columns = tables.iter_mut().flat_map(|table| &mut table.columns);
        for (column, oid) in columns.zip(types) {
            column.data_type.operators = oid.and_then(|oid| operators.get(&oid).cloned());
        }
        Ok(tables)
    }

    /// Notes which of these tables Citus keeps.
    fn place(&mut self, tables: &mut [Table]) -> Result<(), DatabaseError> {
        let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
        let found = self.ask(statements::CITUS, &[&json_list(&names)])?;
        let layouts: BTreeMap<_, _> = found.into_iter().map(rows::citus_table).collect();
        for table in tables {
            if let Some(layout) = layouts.get(&table.name) {
                table.placement = Placement::Citus(layout.clone());
                // Each rule is written where it stands.
                table.is_watched = true;
            }
        }
        Ok(())
    }

    /// The operators of those types that have their own, by oid.
    fn operators(
        &mut self,
        types: &[Option<String>],
    ) -> Result<BTreeMap<String, OperatorClass>, DatabaseError> {
        let oids: Vec<&str> = types.iter().flatten().map(String::as_str).collect();
        if oids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let found = self.ask(statements::OPERATORS, &[&json_list(&oids)])?;
        Ok(found.into_iter().map(rows::operator_class).collect())
    }

    /// Whether another schema, the server's own aside, has a table or view of one of these names.
    pub fn is_elsewhere(&mut self, names: &[&str]) -> Result<bool, DatabaseError> {
        let names = serde_json::json!(names).to_string();
        Ok(Cells::of_first(self.ask(statements::ELSEWHERE, &[&names])?).flag())
    }

    /// The names of the schema's tables and views.
    pub fn table_names(&mut self) -> Result<Vec<String>, DatabaseError> {
        Ok(first_column(self.ask(statements::TABLE_NAMES, &[])?))
    }

    /// The columns of a table that are in a unique index.
    pub fn unique_columns(&mut self, table: &str) -> Result<Vec<String>, DatabaseError> {
        Ok(first_column(self.ask(statements::UNIQUE_COLUMNS, &[table])?))
    }

    /// Those of these columns of a table that the role may read in every row.
    pub fn readable_columns(
        &mut self,
        table: &str,
        columns: &[String],
    ) -> Result<Vec<String>, DatabaseError> {
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        Ok(first_column(self.ask(statements::READABLE_COLUMNS, &[table, &json_list(&columns)])?))
    }

    /// The columns of each index by which at most one row has the same values.
    pub fn unique_keys(&mut self, table: &str) -> Result<Vec<Vec<String>>, DatabaseError> {
        let found = self.ask(statements::UNIQUE_KEYS, &[table])?;
        Ok(found.into_iter().map(|row| Cells::new(row).list()).collect())
    }

    /// The columns of each index over all rows, in order; those that an index begins with can be searched by.
    pub fn indexed_columns(&mut self, table: &str) -> Result<Vec<Vec<String>>, DatabaseError> {
        let found = self.ask(statements::INDEXED_COLUMNS, &[table])?;
        Ok(found.into_iter().map(|row| Cells::new(row).list()).collect())
    }

    /// Those of these tables that exist, and that can be locked.
    pub fn lockable_tables(&mut self, names: &[&str]) -> Result<Vec<String>, DatabaseError> {
        Ok(first_column(self.ask(statements::LOCKABLE, &[&json_list(names)])?))
    }

    /// An enum's labels in their order, if there is one of this name.
    pub fn enumeration(&mut self, name: &str) -> Result<Option<Vec<String>>, DatabaseError> {
        let found = self.ask(statements::ENUM, &[name])?.into_iter().next();
        Ok(found.map(|row| Cells::new(row).list()))
    }

    /// What on the table may store other values than an UPDATE of the column sets, if anything: a trigger, a rule or a
    /// generated column.
    pub fn interference(
        &mut self,
        table: &str,
        column: &str,
    ) -> Result<Option<String>, DatabaseError> {
        let found = self.ask(statements::INTERFERENCE, &[table, column])?;
        Ok(Cells::of_first(found).optional())
    }

    /// An index, if there is one of this name.
    pub fn index(&mut self, name: &str) -> Result<Option<Index>, DatabaseError> {
        Ok(self.ask(statements::INDEX, &[name])?.into_iter().next().map(rows::index))
    }

    /// The foreign keys of a table, by name.
    pub fn foreign_keys(&mut self, table: &str) -> Result<Vec<ForeignKey>, DatabaseError> {
        let found = self.ask(statements::FOREIGN_KEYS, &[table])?;
        Ok(found.into_iter().map(rows::foreign_key).collect())
    }
}

/// Leaves out the names that no table can have.
fn json_list(names: &[&str]) -> String {
    let names: Vec<&&str> = names.iter().filter(|name| !name.contains('\0')).collect();
    serde_json::json!(names).to_string()
}
