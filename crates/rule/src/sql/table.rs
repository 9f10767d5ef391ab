//! Tables and types as statements name them.

use crate::{DataType, Kind, Table, quote_identifier, quote_qualified};

/// The cast of what a statement returns.
pub(crate) const AS_TEXT: &str = "::pg_catalog.text";

/// Columns separated by commas, each with a text before and after its quoted name, such as `rows.` and [`AS_TEXT`].
pub(crate) fn column_list<N: AsRef<str>>(
    before: &str,
    names: impl IntoIterator<Item = N>,
    after: &str,
) -> String {
    let one = |name: N| format!("{before}{}{after}", quote_identifier(name.as_ref()));
    names.into_iter().map(one).collect::<Vec<_>>().join(", ")
}

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
            true => format!("{value}::pg_catalog.text"),
            false => format!("pg_catalog.min({value}::pg_catalog.text COLLATE pg_catalog.\"C\")"),
        }
    }

    /// Whether equal values have the same text.
    pub fn has_one_text(&self) -> bool {
        self.collation.is_none() && !matches!(self.kind, Kind::Decimal | Kind::Float | Kind::Other)
    }
}
