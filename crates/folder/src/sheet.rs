//! A data file of a folder: a table as people keep it, such as 600 accounts with priorities that were agreed by hand.

use std::collections::{BTreeMap, VecDeque};
use std::fs::OpenOptions;
use std::io::{self, BufReader, Read};
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use csv::{ReaderBuilder, StringRecord};
use leora_rule::{format_count, format_number};
use nix::fcntl::OFlag;
use sha2::{Digest, Sha256};

use crate::checksum::hex;
use crate::error::FolderError;
use crate::read_file::{file_name, io_reason, list_folder};

/// In bytes; what is longer belongs into a table of the database.
const MAX_SHEET_BYTES: u64 = 256 << 20;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A data file that was read: its cells are in one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// The file's path, as shown to people.
    pub path: String,
    /// The SHA-256 of its bytes, in lowercase hex.
    pub sha256: String,
    /// The names of its columns.
    pub columns: Vec<String>,
    text: String,
    /// Where each cell ends in the text.
    ends: Vec<u32>,
    /// The line on which each row begins, from 1.
    lines: Vec<u32>,
}

impl Sheet {
    /// Reads a file with at most this many rows.
    ///
    /// # Errors
    /// [`FolderError`] where it is no table.
    pub(crate) fn read(path: &Path, most_rows: u64) -> Result<Self, FolderError> {
        let shown = path.display().to_string();
        let unreadable = |reason: String, help: &'static str| FolderError::Unreadable {
            path: shown.clone(),
            reason,
            help,
        };
        let refused =
            |error: io::Error| unreadable(io_reason(&error), "check that you may read it");
        let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
        let file = OpenOptions::new().read(true).custom_flags(flags.bits()).open(path);
        let file = file.map_err(refused)?;
        let metadata = file.metadata().map_err(refused)?;
        if !metadata.is_file() {
            let reason = "it is a link or a folder, not a regular file".into();
            return Err(unreadable(reason, "put a copy of the file there"));
        }
        if metadata.len() > MAX_SHEET_BYTES {
            let [bytes, most] = [metadata.len(), MAX_SHEET_BYTES].map(format_number);
            let reason = format!("it has {bytes} bytes, and at most {most} are read");
            return Err(unreadable(reason, "put it into a table of the database"));
        }
        let mut first = BufReader::new(file.try_clone().map_err(refused)?);
        let delimiter = delimiter(&mut first).map_err(refused)?;
        let mut again = OpenOptions::new();
        let file = again.read(true).custom_flags(flags.bits()).open(path).map_err(refused)?;
        let mut hashed = Hashed { file: file.take(MAX_SHEET_BYTES), digest: Sha256::new() };
        let read = read_cells(&shown, &mut hashed, delimiter, most_rows)?;
        Ok(Self { sha256: hex(&hashed.digest.finalize()), ..read })
    }

    /// The name by which scripts ask for it, such as `overrides.csv`.
    pub fn name(&self) -> String {
        file_name(Path::new(&self.path))
    }

    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.lines.len()
    }

    /// The line on which a row begins, from 1.
    pub fn line(&self, row: usize) -> usize {
        self.lines.get(row).map_or(0, |line| *line as usize)
    }

    /// The cell of a row and a column by their places; nothing where it is blank.
    pub fn cell(&self, row: usize, column: usize) -> Option<&str> {
        let at = row * self.columns.len() + column;
        let before = at.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        let cell: Range<usize> = before as usize..*self.ends.get(at)? as usize;
        self.text.get(cell).filter(|text| !text.is_empty())
    }
}

/// Reads the files of `data/`, by name.
pub(crate) fn read_sheets(
    folder: &Path,
    most_rows: u64,
) -> Result<BTreeMap<String, Arc<Sheet>>, FolderError> {
    let mut sheets = BTreeMap::new();
    if !folder.is_dir() {
        return Ok(sheets);
    }
    for path in list_folder(folder)? {
        let name = file_name(&path);
        if !name.ends_with(".csv") {
            return Err(FolderError::MisnamedSheet { path: path.display().to_string() });
        }
        sheets.insert(name, Arc::new(Sheet::read(&path, most_rows)?));
    }
    Ok(sheets)
}

/// `;` where the first line has more of them than of `,`.
fn delimiter(file: &mut impl Read) -> io::Result<u8> {
    let mut start = vec![0; 1 << 16];
    let length = file.read(&mut start)?;
    let line = start[..length].split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |wanted: u8| line.iter().filter(|byte| **byte == wanted).count();
    Ok(if count(b';') > count(b',') { b';' } else { b',' })
}

/// A file whose checksum is computed while it is read.
struct Hashed<R> {
    file: R,
    digest: Sha256,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(into)?;
        self.digest.update(&into[..length]);
        Ok(length)
    }
}

/// Counts lines by their ends, since the reader counts those of a record from where it begins to look for it.
struct Lines<R> {
    file: R,
    /// How many bytes were read.
    offset: u64,
    /// Where lines end that are not counted yet.
    ends: VecDeque<u64>,
    counted: u64,
}

impl<R> Lines<R> {
    fn of(file: R) -> Self {
        Self { file, offset: 0, ends: VecDeque::new(), counted: 0 }
    }

    /// The line, from 1, of the last byte before this one; they are asked for in order.
    fn line_before(&mut self, byte: u64) -> u64 {
        while self.ends.front().is_some_and(|end| end + 1 < byte) {
            self.ends.pop_front();
            self.counted += 1;
        }
        self.counted + 1
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(into)?;
        let ends = into[..length].iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        self.ends.extend(ends.map(|(at, _)| self.offset + at as u64));
        self.offset += length as u64;
        Ok(length)
    }
}

fn read_cells(
    path: &str,
    mut file: impl Read,
    delimiter: u8,
    most_rows: u64,
) -> Result<Sheet, FolderError> {
    let wrong = |line: u64, message: String, help: &str| FolderError::Data {
        path: path.to_owned(),
        line: usize::try_from(line).unwrap_or(usize::MAX),
        message,
        help: help.to_owned(),
    };
    let unreadable = |error: io::Error| {
        wrong(1, format!("this can't be read: {}", io_reason(&error)), "check that you may read it")
    };
    let mut start = Vec::new();
    file.by_ref().take(BYTE_ORDER_MARK.len() as u64).read_to_end(&mut start).map_err(unreadable)?;
    let start = if start == BYTE_ORDER_MARK { &[][..] } else { &start };
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(false)
        .from_reader(Lines::of(start.chain(file)));
    let mut record = StringRecord::new();
    let mut sheet = Sheet {
        path: path.to_owned(),
        sha256: String::new(),
        columns: vec![],
        text: String::new(),
        ends: vec![],
        lines: vec![],
    };
    loop {
        let more = reader.read_record(&mut record).map_err(|error| {
            let line = error.position().map_or(1, csv::Position::line);
            match error.kind() {
                csv::ErrorKind::Utf8 { .. } => {
                    wrong(line, "this is not UTF-8 text".into(), "save it as CSV UTF-8")
                }
                _ => wrong(line, format!("this can't be read: {error}"), "save it as CSV"),
            }
        })?;
        if !more {
            break;
        }
        let end = reader.position().byte();
        let within = record.iter().map(|cell| cell.matches('\n').count() as u64).sum::<u64>();
        let line = reader.get_mut().line_before(end).saturating_sub(within);
        record.trim();
        if sheet.columns.is_empty() {
            sheet.columns =
                header(&record).map_err(|(message, help)| wrong(line, message, help))?;
            continue;
        }
        if record.iter().all(str::is_empty) {
            continue;
        }
        if record.len() != sheet.columns.len() {
            let has = format_count(record.len() as u64, "cell");
            let message = format!("this row has {has}, and the header {}", sheet.columns.len());
            return Err(wrong(
                line,
                message,
                "put text with the separator or an end of line in it into \"quotes\"",
            ));
        }
        if sheet.rows() as u64 >= most_rows {
            let message = format!("it has more than {}", format_count(most_rows, "row"));
            return Err(wrong(
                line,
                message,
                "raise data_rows in [limits] of leora.toml, or put it into a table",
            ));
        }
        for cell in &record {
            sheet.text.push_str(cell);
            sheet.ends.push(u32::try_from(sheet.text.len()).unwrap_or(u32::MAX));
        }
        sheet.lines.push(u32::try_from(line).unwrap_or(u32::MAX));
    }
    match sheet.columns.is_empty() {
        true => Err(wrong(1, "it has no header".into(), "name the columns in the first line")),
        false => Ok(sheet),
    }
}

fn header(record: &StringRecord) -> Result<Vec<String>, (String, &'static str)> {
    let mut columns: Vec<String> = Vec::new();
    for (place, name) in record.iter().enumerate() {
        if name.is_empty() {
            let message = format!("column {} has no name", place + 1);
            return Err((message, "name every column in the first line"));
        }
        if columns.iter().any(|known| known == name) {
            return Err((format!("two columns are called {name}"), "give each its own name"));
        }
        columns.push(name.to_owned());
    }
    Ok(columns)
}

#[cfg(test)]
mod tests {
    use super::{Sheet, read_cells};
    use crate::error::FolderError;

    fn read(text: &str, delimiter: u8) -> Result<Sheet, FolderError> {
        read_cells("data/x.csv", text.as_bytes(), delimiter, 3)
    }

    #[test]
    fn cells_keep_their_text_and_their_line() {
        let text =
            "\u{feff}\"number\",priority\r\nAC-1,HIGH\r\n\r\n\"AC,2\",\"two\nlines\"\r\n AC-3 ,\n";
        let sheet = read(text, b',').expect("a table");
        assert_eq!(sheet.columns, ["number", "priority"]);
        let cells: Vec<_> =
            (0..sheet.rows()).map(|row| [0, 1].map(|at| sheet.cell(row, at))).collect();
        assert_eq!(cells[0], [Some("AC-1"), Some("HIGH")]);
        assert_eq!(cells[1], [Some("AC,2"), Some("two\nlines")]);
        assert_eq!(cells[2], [Some("AC-3"), None]);
        assert_eq!([0, 1, 2].map(|row| sheet.line(row)), [2, 4, 6]);
        let semicolons = read("a;b\n1;2\n", b';').expect("a table");
        assert_eq!(semicolons.cell(0, 1), Some("2"));
    }

    #[test]
    fn what_is_no_table_is_refused_at_its_line() {
        for (text, line, message) in [
            ("", 1, "it has no header"),
            ("a,b\n1,2\n1,2,3\n", 3, "this row has 3 cells, and the header 2"),
            ("a,\n1,2\n", 1, "column 2 has no name"),
            ("a,a\n1,2\n", 1, "two columns are called a"),
            ("a\n1\n2\n3\n4\n", 5, "it has more than 3 rows"),
        ] {
            let Err(FolderError::Data { line: found, message: said, .. }) = read(text, b',') else {
                panic!("{text}")
            };
            assert_eq!((found, said.as_str()), (line, message), "{text:?}");
        }
    }
}
