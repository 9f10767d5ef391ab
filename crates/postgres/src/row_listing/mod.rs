//! Lists the rows that change, one by one, as they come from the server.

mod journalled;
mod labels;

use std::io;

use leora_report::{ChangeFilter, DatabaseError, FilteredValue, ListedRule, RowList};
use leora_rule::{Sql, differ};

use crate::Session;

pub(crate) use journalled::named_cells;
pub use journalled::{JournalledRule, list_journalled};
pub use labels::RowLabels;

/// A list, and what is listed.
#[derive(Debug)]
pub struct RowListing {
    /// What is listed so far.
    pub list: RowList,
    /// The changes that it is limited to; all where this is empty.
    filters: Vec<ChangeFilter>,
}

impl RowListing {
    /// A list that is limited to these changes, if there are any.
    pub fn new(list: RowList, filters: &[ChangeFilter]) -> Self {
        Self { list, filters: filters.to_vec() }
    }

    /// Forgets what is listed so far.
    ///
    /// # Errors
    /// Where the list can't be kept.
    pub fn clear(&mut self) -> Result<(), DatabaseError> {
        self.list.clear().map_err(no_room)
    }

    /// Adds the rows of a statement that gives their cells as text, in the order of [`RowList::add`], with the old and the
    /// new value under the names `#old` and `#new`.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server, and where there is no room for the list.
    pub fn add(
        &mut self,
        session: &mut Session,
        rule: ListedRule,
        rows: Sql,
    ) -> Result<(), DatabaseError> {
        self.list.begin_rule(rule);
        let rows = self.limited(rows);
        let list = &mut self.list;
        session
            .connection
            .for_each_row(&rows, |cells| list.add(cells.iter().copied()))?
            .map_err(no_room)
    }

    fn limited(&self, rows: Sql) -> Sql {
        if self.filters.is_empty() {
            return rows;
        }
        let Sql { text, mut parameters } = rows;
        let mut side = |name: &str, value: &FilteredValue| match value {
            FilteredValue::Any => "true".to_owned(),
            FilteredValue::Missing => format!("{name} IS NULL"),
            FilteredValue::Text(text) => {
                parameters.push(Some(text.clone()));
                format!("NOT {}", differ(name, &format!("${}::pg_catalog.text", parameters.len())))
            }
        };
        let one = |filter: &ChangeFilter| {
            format!("({} AND {})", side("\"#old\"", &filter.old), side("\"#new\"", &filter.new))
        };
        let any: Vec<String> = self.filters.iter().map(one).collect();
        let text = format!("SELECT * FROM ({text}) AS listed WHERE {}", any.join(" OR "));
        Sql { text, parameters }
    }
}

fn no_room(error: io::Error) -> DatabaseError {
    DatabaseError::Inconsistent {
        message: format!("the list of rows can't be kept: {error}"),
        help: "make room for it, or leave out --rows".into(),
    }
}
