//! Tables and types as statements name them.

use crate::{DataType, Kind, Table, quote_qualified};

impl Table {
    /// Its schema-qualified name, quoted.
    pub fn qualified(&self) -> String {
        quote_qualified(&self.schema, &self.name)
    }
}

impl DataType {
    /// The text of a value by which rows are grouped, as SQL: of equal values with several texts, such as 1.5 and 1.50,
    /// always the same text.
    pub fn grouped_text(&self, value: &str) -> String {
        match self.has_one_text() {
            true => format!("{value}::text"),
            false => format!("min({value}::text COLLATE \"C\")"),
        }
    }

    /// Whether equal values have the same text.
    pub(crate) fn has_one_text(&self) -> bool {
        !matches!(self.kind, Kind::Decimal | Kind::Float | Kind::Other)
    }
}
