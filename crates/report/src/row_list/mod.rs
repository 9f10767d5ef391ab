//! The rows that a command changes, one by one. There may be millions: they are kept in a file without a name until the
//! command has ended, and not in memory.

mod filter;
mod first_rows;
mod stored_rows;

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use crate::row_list::stored_rows::{StoredRows, store_row};

pub use crate::row_list::filter::{ChangeFilter, FilteredValue};
pub use crate::row_list::first_rows::{FirstOfTransition, FirstRows};
pub use crate::row_list::stored_rows::ListedRow;

/// What a list says of the rows of one rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedRule {
    /// The name of the rule's step.
    pub step: String,
    /// The table.
    pub table: String,
    /// The column that the rule sets.
    pub column: String,
    /// The columns of the table's key.
    pub key: Vec<String>,
    /// The columns by which people know a row.
    pub labels: Vec<String>,
    /// The columns that the rule reads, as scripts name them.
    pub reads: Vec<String>,
    /// What else is known of a row, such as what an undo does about it.
    pub facts: Vec<String>,
    /// The script that the rule stands in, as shown to people, where it is known.
    pub file: Option<String>,
    /// The line of each arm, where it is known.
    pub lines: Vec<Option<usize>>,
}

impl ListedRule {
    /// How many cells a row has: old value, new value, arm, and one for each of the columns above.
    fn cells(&self) -> usize {
        3 + self.key.len() + self.labels.len() + self.reads.len() + self.facts.len()
    }
}

/// A list that grows rule by rule.
#[derive(Debug)]
pub struct RowList {
    file: BufWriter<File>,
    rules: Vec<(ListedRule, u64)>,
}

impl RowList {
    /// An empty list, kept in a file of this folder.
    ///
    /// # Errors
    /// When the folder can't be written.
    pub fn in_folder(folder: &Path) -> io::Result<Self> {
        Ok(Self {
            file: BufWriter::with_capacity(1 << 16, tempfile::tempfile_in(folder)?),
            rules: vec![],
        })
    }

    /// The rows that are added next are of this rule.
    pub fn begin_rule(&mut self, rule: ListedRule) {
        self.rules.push((rule, 0));
    }

    /// Adds a row: its old value, new value and the place of its arm, from 1; then its key, labels, columns read and facts.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn add<'c>(&mut self, cells: impl Iterator<Item = Option<&'c [u8]>>) -> io::Result<()> {
        let Some((rule, rows)) = self.rules.last_mut() else { return Ok(()) };
        store_row(&mut self.file, rule.cells(), cells)?;
        *rows += 1;
        Ok(())
    }

    /// How many rows it has.
    pub fn rows(&self) -> u64 {
        self.rules.iter().map(|(_, rows)| rows).sum()
    }

    /// Forgets all rows, for a run that begins again.
    ///
    /// # Errors
    /// When the file can't be used.
    pub fn clear(&mut self) -> io::Result<()> {
        self.rules.clear();
        self.file.rewind()?;
        self.file.get_mut().set_len(0)
    }

    /// The rules, in order; of some it may have no row.
    pub fn rules(&self) -> impl Iterator<Item = &ListedRule> + Clone {
        self.rules.iter().map(|(rule, _)| rule)
    }

    /// Gives each row in turn to `write`, with the place of its rule among [`RowList::rules`].
    ///
    /// # Errors
    /// When the file can't be read, and those of `write`.
    pub fn for_each(
        &mut self,
        mut write: impl FnMut(usize, &ListedRule, &ListedRow) -> io::Result<()>,
    ) -> io::Result<()> {
        self.file.flush()?;
        let file = self.file.get_mut();
        file.seek(SeekFrom::Start(0))?;
        let mut stored = StoredRows::new(file);
        let mut row = ListedRow::default();
        for (place, (rule, rows)) in self.rules.iter().enumerate() {
            for _ in 0..*rows {
                stored.read(rule.cells(), &mut row)?;
                write(place, rule, &row)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{ListedRule, RowList};

    fn rule(column: &str) -> ListedRule {
        let key = vec!["id".into()];
        ListedRule { column: column.into(), key, lines: vec![Some(7)], ..ListedRule::default() }
    }

    #[test]
    fn rows_come_back_in_their_order_with_their_rule() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut list = RowList::in_folder(folder.path()).expect("a list");
        let mut add = |cells: [Option<&str>; 4]| {
            list.add(cells.into_iter().map(|cell| cell.map(str::as_bytes))).expect("room");
        };
        add([None, None, None, None]);
        list.begin_rule(rule("a"));
        let mut add = |cells: [Option<&str>; 4]| {
            list.add(cells.into_iter().map(|cell| cell.map(str::as_bytes))).expect("room");
        };
        add([None, Some(""), Some("1"), Some("x")]);
        add([Some("é"), None, None, Some("y")]);
        list.begin_rule(rule("b"));
        assert_eq!(list.rows(), 2);
        let mut seen = Vec::new();
        list.for_each(|_, rule, row| {
            let cells: Vec<Option<String>> =
                row.cells().map(|cell| cell.map(str::to_owned)).collect();
            seen.push((rule.column.clone(), cells, row.line(rule)));
            Ok(())
        })
        .expect("rows");
        let cell = |text: &str| Some(text.to_owned());
        assert_eq!(seen[0], ("a".into(), vec![None, cell(""), cell("1"), cell("x")], Some(7)));
        assert_eq!(seen[1], ("a".into(), vec![cell("é"), None, None, cell("y")], None));
        assert_eq!(list.rules().map(|rule| rule.column.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        list.clear().expect("an empty file");
        assert_eq!(list.rows(), 0);
    }
}
