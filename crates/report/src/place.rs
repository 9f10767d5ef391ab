//! A place in a file, and the one conversion between offsets in a text and its lines and columns.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// A place in a file: line and column, both from 1, the column in characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file, as shown to people.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl Place {
    /// The place of a byte of a file's text, counted from 0; an offset past the end is the end.
    ///
    /// # Panics
    /// When the offset is inside a character.
    pub fn from_byte_offset(file: impl Into<String>, text: &str, offset: usize) -> Self {
        let before = &text[..offset.min(text.len())];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            file: file.into(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    /// The place of a character of a file's text, counted from 0.
    pub fn from_char_offset(file: impl Into<String>, text: &str, offset: usize) -> Self {
        let byte = text.char_indices().nth(offset).map_or(text.len(), |(byte, _)| byte);
        Self::from_byte_offset(file, text, byte)
    }

    /// The byte of the file's text that is here; the end of the line, or of the text, where it is shorter.
    pub fn byte_offset(&self, text: &str) -> usize {
        let lines_before = text.split_inclusive('\n').take(self.line.saturating_sub(1));
        let line_start: usize = lines_before.map(str::len).sum();
        let line = text[line_start..].lines().next().unwrap_or_default();
        let column = line.char_indices().nth(self.column.saturating_sub(1));
        line_start + column.map_or(line.len(), |(byte, _)| byte)
    }
}

/// A place as the keys `file`, `line` and `column`, all of them null without one.
pub(crate) fn file_line_column<S: Serializer>(
    place: &Option<Place>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut keys = serializer.serialize_map(None)?;
    serialize_file_line(place.as_ref(), &mut keys)?;
    keys.serialize_entry("column", &place.as_ref().map(|place| place.column))?;
    keys.end()
}

/// A place as the keys `file` and `line`, beside another `column`.
pub(crate) fn file_line<S: Serializer>(
    place: &Option<Place>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut keys = serializer.serialize_map(None)?;
    serialize_file_line(place.as_ref(), &mut keys)?;
    keys.end()
}

fn serialize_file_line<M: SerializeMap>(
    place: Option<&Place>,
    keys: &mut M,
) -> Result<(), M::Error> {
    keys.serialize_entry("file", &place.map(|place| &place.file))?;
    keys.serialize_entry("line", &place.map(|place| place.line))
}

#[cfg(test)]
mod tests {
    use super::Place;

    const TEXT: &str = "let a = 1;\nlet größe = \"x\";\n\nend";

    fn place(line: usize, column: usize) -> Place {
        Place { file: "a.rhai".into(), line, column }
    }

    #[test]
    fn lines_and_columns_count_from_1_and_columns_count_characters() {
        assert_eq!(Place::from_byte_offset("a.rhai", TEXT, 0), place(1, 1));
        assert_eq!(Place::from_byte_offset("a.rhai", TEXT, 11), place(2, 1));
        let quote = TEXT.find('"').expect("a quote");
        assert_eq!(Place::from_byte_offset("a.rhai", TEXT, quote), place(2, 13));
        assert_eq!(Place::from_char_offset("a.rhai", TEXT, 23), place(2, 13));
    }

    #[test]
    fn a_newline_belongs_to_the_line_that_it_ends() {
        assert_eq!(Place::from_byte_offset("a.rhai", TEXT, 10), place(1, 11));
    }

    #[test]
    fn an_offset_past_the_end_is_the_end() {
        assert_eq!(Place::from_byte_offset("a.rhai", TEXT, 9_999), place(4, 4));
        assert_eq!(Place::from_char_offset("a.rhai", TEXT, 9_999), place(4, 4));
        assert_eq!(Place::from_char_offset("a.rhai", "", 0), place(1, 1));
    }

    #[test]
    fn a_place_leads_back_to_its_byte() {
        for (offset, _) in TEXT.char_indices() {
            assert_eq!(Place::from_byte_offset("a.rhai", TEXT, offset).byte_offset(TEXT), offset);
        }
        assert_eq!(place(1, 99).byte_offset(TEXT), 10);
        assert_eq!(place(99, 1).byte_offset(TEXT), TEXT.len());
    }
}
