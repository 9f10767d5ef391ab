//! The lines of a script, with the pieces that begin in each.

use std::ops::Range;

use crate::piece::Piece;

/// A line without its line break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Its bytes in the text.
    pub(super) bytes: Range<usize>,
    /// The pieces that begin in it.
    pub(super) pieces: Range<usize>,
    /// Whether it begins within a text or a comment, so that its white space belongs to that.
    pub(super) begins_inside: bool,
    /// Whether it ends within one.
    pub(super) ends_inside: bool,
}

pub(super) fn split_lines(text: &str, pieces: &[Piece<'_>]) -> Vec<Line> {
    let (mut lines, mut start, mut first) = (Vec::new(), 0, 0);
    let mut begins_inside = false;
    for line in text.split_inclusive('\n') {
        let bytes = start..start + line.trim_end_matches('\n').trim_end_matches('\r').len();
        start += line.len();
        let next = first + pieces[first..].iter().take_while(|piece| piece.start < start).count();
        let before = pieces[..next].last();
        let ends_inside = before.is_some_and(|last| last.end() > bytes.end);
        lines.push(Line { bytes, pieces: first..next, begins_inside, ends_inside });
        (begins_inside, first) = (before.is_some_and(|last| last.end() > start), next);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::split_lines;
    use crate::piece::split_pieces;

    #[test]
    fn a_line_knows_whether_it_is_within_a_text() {
        let text = "a `b\n c` d\r\n\ne";
        let lines = split_lines(text, &split_pieces(text));
        let shown: Vec<_> = lines
            .iter()
            .map(|line| {
                (&text[line.bytes.clone()], line.pieces.len(), line.begins_inside, line.ends_inside)
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("a `b", 2, false, true),
                (" c` d", 1, true, false),
                ("", 0, false, false),
                ("e", 1, false, false)
            ]
        );
    }
}
