//! The cells of a row, read one after the other.

use crate::connection::TextRow;

/// A cell that is missing reads as NULL.
pub(crate) struct Cells(std::vec::IntoIter<Option<String>>);

impl Cells {
    pub(crate) fn new(row: TextRow) -> Self {
        Self(row.into_iter())
    }

    pub(crate) fn of_first(rows: Vec<TextRow>) -> Self {
        Self::new(rows.into_iter().next().unwrap_or_default())
    }

    pub(crate) fn optional(&mut self) -> Option<String> {
        self.0.next().flatten()
    }

    pub(crate) fn text(&mut self) -> String {
        self.optional().unwrap_or_default()
    }

    /// A boolean, selected as `::text`.
    pub(crate) fn flag(&mut self) -> bool {
        self.optional().as_deref() == Some("true")
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.optional_number().unwrap_or(0)
    }

    pub(crate) fn optional_number(&mut self) -> Option<u64> {
        self.optional()?.parse().ok()
    }

    /// A JSON array of texts.
    pub(crate) fn list(&mut self) -> Vec<String> {
        self.optional().and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default()
    }
}

pub(crate) fn first_column(rows: Vec<TextRow>) -> Vec<String> {
    rows.into_iter().map(|row| Cells::new(row).text()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Cells, first_column};

    fn row(cells: &[Option<&str>]) -> Vec<Option<String>> {
        cells.iter().map(|cell| cell.map(str::to_owned)).collect()
    }

    #[test]
    fn cells_are_read_in_their_order() {
        let mut cells = Cells::new(row(&[
            Some("a"),
            Some("true"),
            Some("f"),
            Some("42"),
            None,
            Some("[\"x\",\"y\"]"),
        ]));
        assert_eq!(cells.text(), "a");
        assert!(cells.flag());
        assert!(!cells.flag());
        assert_eq!(cells.number(), 42);
        assert_eq!(cells.optional_number(), None);
        assert_eq!(cells.list(), ["x", "y"]);
        assert_eq!((cells.text(), cells.number(), cells.flag()), (String::new(), 0, false));
    }

    #[test]
    fn where_there_is_no_row_every_cell_is_null() {
        assert_eq!(Cells::of_first(vec![]).optional(), None);
        assert_eq!(first_column(vec![row(&[Some("a")]), row(&[None])]), ["a", ""]);
    }
}
