//! The rows that a command changes, as a file for other programs: CSV, or a line of JSON for each.

mod csv;
mod formula;
mod json_lines;

use std::borrow::Cow;
use std::io::{self, Write};

use leora_report::{ListedRow, ListedRule, RowList};

use crate::text::sanitize;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowsFormat {
    /// A table with a header (RFC 4180).
    Csv(CsvStyle),
    /// A JSON document a line.
    JsonLines,
}

/// What spreadsheets want of a CSV file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CsvStyle {
    /// Begins with the mark by which Excel knows UTF-8.
    pub byte_order_mark: bool,
    /// Text that a spreadsheet would run as a formula stays as it is.
    pub keep_formulas: bool,
    /// Characters that would drive a terminal become visible.
    pub for_terminal: bool,
}

/// Writes a list.
///
/// # Errors
/// When it can't be read or written.
pub fn write_rows(list: &mut RowList, format: RowsFormat, out: &mut dyn Write) -> io::Result<()> {
    match format {
        RowsFormat::Csv(style) => csv::write(list, style, out),
        RowsFormat::JsonLines => json_lines::write(list, out),
    }
}

/// The key of a row as `why` takes it: the values of several columns are separated by commas.
fn key_text(rule: &ListedRule, row: &ListedRow) -> String {
    row.key(rule).map(Option::unwrap_or_default).collect::<Vec<_>>().join(",")
}

/// Where the arm stands that gives the value.
fn line_text(rule: &ListedRule, row: &ListedRow) -> Option<String> {
    Some(format!("{}:{}", rule.file.as_ref()?, row.line(rule)?))
}

/// Text for a cell.
fn cell(text: &str, style: CsvStyle) -> Cow<'_, str> {
    let text = if style.for_terminal { Cow::Owned(sanitize(text)) } else { Cow::Borrowed(text) };
    match !style.keep_formulas && formula::would_run(&text) {
        true => Cow::Owned(format!("'{text}")),
        false => text,
    }
}
