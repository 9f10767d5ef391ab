//! The columns that name the rows of a list.

use std::sync::Arc;

use leora_report::DatabaseError;
use leora_rule::{Relation, Table, label_columns};

use crate::{Catalog, Session};

/// The rows of a table with the columns by which people know them.
#[derive(Clone, Debug)]
pub struct RowLabels {
    /// The rows.
    pub relation: Relation,
    /// The columns of these rows that name them.
    pub columns: Vec<String>,
}

impl RowLabels {
    /// The columns by which `why` finds a row, or `chosen` ones where the table has them; those that the role may read.
    /// `None` where it may not even read the key, or not every row.
    pub fn find(
        session: &mut Session,
        table: &Table,
        chosen: Option<&[String]>,
    ) -> Result<Option<Self>, DatabaseError> {
        let mut catalog = Catalog::new(session);
        let mut columns = match chosen {
            Some(chosen) => chosen.to_vec(),
            None => label_columns(table, &catalog.unique_columns(&table.name)?),
        };
        let wanted: Vec<String> = table.key.iter().chain(&columns).cloned().collect();
        let readable = catalog.readable_columns(&table.name, &wanted)?;
        if !table.key.iter().all(|name| readable.contains(name)) {
            return Ok(None);
        }
        columns.retain(|name| readable.contains(name) && !table.key.contains(name));
        Ok(Some(Self { relation: Relation::from_table(Arc::new(table.clone())), columns }))
    }
}
