//! Places of the protocol: lines from 0, and columns in units of UTF-16, which every editor can do.

use std::ops::Range;

use gen_lsp_types as lsp;
use leora_report::Place;
use leora_script::piece_end;

/// The position of a byte of a text.
pub(crate) fn position(text: &str, offset: usize) -> lsp::Position {
    let before = &text[..offset.min(text.len())];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let units = before[line_start..].encode_utf16().count();
    lsp::Position { line: number(before.matches('\n').count()), character: number(units) }
}

/// The byte of a position; the end of the line, or of the text, where it is shorter.
pub(crate) fn offset(text: &str, position: lsp::Position) -> usize {
    let before = text.split_inclusive('\n').take(position.line as usize);
    let line_start: usize = before.map(str::len).sum();
    let line = text[line_start..].lines().next().unwrap_or_default();
    let mut units = position.character as usize;
    for (at, c) in line.char_indices() {
        if units < c.len_utf16() {
            return line_start + at;
        }
        units -= c.len_utf16();
    }
    line_start + line.len()
}

pub(crate) fn range(text: &str, bytes: Range<usize>) -> lsp::Range {
    lsp::Range { start: position(text, bytes.start), end: position(text, bytes.end) }
}

/// What is written at a place: the word, text or sign there; of a manifest, the value or key.
pub(crate) fn range_at(text: &str, place: &Place) -> lsp::Range {
    let start = place.byte_offset(text);
    let end = match place.file.ends_with(".rhai") {
        true => piece_end(text, start),
        false => start + entry_length(&text[start..]),
    };
    range(text, start..end)
}

/// The length of a quoted text, a key or another value of TOML, or of a word of SQL.
fn entry_length(rest: &str) -> usize {
    let line = rest.lines().next().unwrap_or_default();
    let quoted = line.strip_prefix('"').and_then(|inside| inside.find('"')).map(|end| end + 2);
    let word = line.find(|c: char| c.is_whitespace() || "=,]});".contains(c));
    quoted.or(word.filter(|length| *length > 0)).unwrap_or(line.len())
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use gen_lsp_types::Position;
    use leora_report::Place;

    use super::{offset, position, range_at};

    const TEXT: &str = "let a = 1;\nlet 𝒳ö = \"x\"; b\n";

    #[test]
    fn columns_count_units_of_utf_16() {
        let b = TEXT.find(" b").expect("b") + 1;
        assert_eq!(position(TEXT, b), Position { line: 1, character: 15 });
        for (at, _) in TEXT.char_indices() {
            assert_eq!(offset(TEXT, position(TEXT, at)), at);
        }
        assert_eq!(offset(TEXT, Position { line: 0, character: 99 }), 10);
        assert_eq!(offset(TEXT, Position { line: 99, character: 0 }), TEXT.len());
    }

    #[test]
    fn a_place_covers_what_is_written_there() {
        let covered = |file: &str, text: &str, column| {
            let range = range_at(text, &Place { file: file.into(), line: 1, column });
            text[offset(text, range.start)..offset(text, range.end)].to_owned()
        };
        assert_eq!(covered("a.rhai", "let a = col(\"b c\");", 13), "\"b c\"");
        assert_eq!(covered("a.rhai", "isnull(1)", 1), "isnull");
        assert_eq!(covered("leora.toml", "writes = [\"C.a b\", \"D\"]", 11), "\"C.a b\"");
        assert_eq!(covered("leora.toml", "keep_runs = 0 # none", 13), "0");
        assert_eq!(covered("leora.toml", "titel = \"t\"", 1), "titel");
    }
}
