//! How rows lie in the file of a list: for each cell its length, or all ones where it is NULL, and its text.

use std::io::{self, BufReader, Read, Write};
use std::ops::Range;

use crate::row_list::ListedRule;

const NULL: u32 = u32::MAX;

/// Writes so many cells; those that are not given are NULL.
pub(super) fn store_row<'c>(
    file: &mut impl Write,
    count: usize,
    cells: impl Iterator<Item = Option<&'c [u8]>>,
) -> io::Result<()> {
    for cell in cells.chain(std::iter::repeat(None)).take(count) {
        let length = cell.map_or(Ok(NULL), |cell| u32::try_from(cell.len()));
        let length = length.map_err(io::Error::other)?;
        file.write_all(&length.to_le_bytes())?;
        file.write_all(cell.unwrap_or_default())?;
    }
    Ok(())
}

/// Reads rows, one after the other.
pub(super) struct StoredRows<R> {
    file: BufReader<R>,
}

impl<R: Read> StoredRows<R> {
    pub(super) fn new(file: R) -> Self {
        Self { file: BufReader::with_capacity(1 << 16, file) }
    }

    pub(super) fn read(&mut self, cells: usize, row: &mut ListedRow) -> io::Result<()> {
        row.text.clear();
        row.cells.clear();
        for _ in 0..cells {
            let mut length = [0; 4];
            self.file.read_exact(&mut length)?;
            let cell = match u32::from_le_bytes(length) {
                NULL => None,
                length => {
                    let from = row.text.len();
                    let to = from + length as usize;
                    row.text.resize(to, 0);
                    self.file.read_exact(&mut row.text[from..to])?;
                    Some(from..to)
                }
            };
            row.cells.push(cell);
        }
        Ok(())
    }
}

/// A row of a list.
#[derive(Debug, Default)]
pub struct ListedRow {
    text: Vec<u8>,
    cells: Vec<Option<Range<usize>>>,
}

impl ListedRow {
    /// Its cells: the old value, the new value and the place of the arm; then key, labels, columns read and facts.
    pub fn cells(&self) -> impl Iterator<Item = Option<&str>> {
        (0..self.cells.len()).map(|at| self.cell(at))
    }

    fn cell(&self, at: usize) -> Option<&str> {
        let range = self.cells.get(at)?.clone()?;
        std::str::from_utf8(&self.text[range]).ok()
    }

    /// The value before.
    pub fn old(&self) -> Option<&str> {
        self.cell(0)
    }

    /// The value after.
    pub fn new_value(&self) -> Option<&str> {
        self.cell(1)
    }

    /// The line of the arm that gives the value, where it is known.
    pub fn line(&self, rule: &ListedRule) -> Option<usize> {
        let place: usize = self.cell(2)?.parse().ok()?;
        *rule.lines.get(place.checked_sub(1)?)?
    }

    /// The values of the key's columns.
    pub fn key<'r>(&'r self, rule: &ListedRule) -> impl Iterator<Item = Option<&'r str>> {
        self.from(3, rule.key.len())
    }

    /// The values of the columns by which people know it.
    pub fn labels<'r>(&'r self, rule: &ListedRule) -> impl Iterator<Item = Option<&'r str>> {
        self.from(3 + rule.key.len(), rule.labels.len())
    }

    /// The values of the columns that the rule reads.
    pub fn reads<'r>(&'r self, rule: &ListedRule) -> impl Iterator<Item = Option<&'r str>> {
        self.from(3 + rule.key.len() + rule.labels.len(), rule.reads.len())
    }

    /// What else is known of it.
    pub fn facts<'r>(&'r self, rule: &ListedRule) -> impl Iterator<Item = Option<&'r str>> {
        let before = 3 + rule.key.len() + rule.labels.len() + rule.reads.len();
        self.from(before, rule.facts.len())
    }

    fn from(&self, at: usize, count: usize) -> impl Iterator<Item = Option<&str>> {
        (at..at + count).map(|at| self.cell(at))
    }
}
