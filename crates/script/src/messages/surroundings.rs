//! What stands around a mistake in the text of a script, which the parser does not say.

use std::ops::Range;

use crate::piece::{Piece, PieceKind, split_pieces};

/// A byte of a script, where the parser stopped.
#[derive(Clone, Copy, Default)]
pub(crate) struct Spot<'t> {
    pub(crate) text: &'t str,
    pub(crate) byte: usize,
}

impl<'t> Spot<'t> {
    pub(crate) fn before(self) -> &'t str {
        &self.text[..self.byte]
    }

    /// The line from here on.
    pub(crate) fn rest(self) -> &'t str {
        self.text[self.byte..].lines().next().unwrap_or_default()
    }
}

/// Where the last piece before a byte ends, comments aside: what is missing there belongs behind it.
pub(crate) fn end_of_code_before(text: &str, byte: usize) -> usize {
    let before = split_pieces(&text[..byte]);
    before.iter().rev().find(|piece| !piece.is_comment()).map_or(0, Piece::end)
}

/// The innermost bracket that is open at a byte, and the name before it, which is empty where there is none.
pub(crate) fn open_bracket(text: &str, byte: usize) -> Option<(&str, &str)> {
    let mut open: Vec<(&str, &str)> = vec![];
    let mut last: Option<Piece<'_>> = None;
    for piece in split_pieces(&text[..byte]) {
        match piece.kind {
            PieceKind::Opening => {
                let name = last.filter(|last| last.kind == PieceKind::Word);
                open.push((piece.text, name.map_or("", |name| name.text)));
            }
            PieceKind::Closing => {
                open.pop();
            }
            _ => {}
        }
        last = Some(piece);
    }
    open.pop()
}

/// A comparison with a missing value, where a test for one can stand in its place: what is compared, and the bytes of the
/// sign and the value with the test to write there.
pub(crate) struct ComparisonWithNothing<'t> {
    pub(crate) operand: &'t str,
    pub(crate) written: Range<usize>,
    pub(crate) test: &'static str,
}

impl ComparisonWithNothing<'_> {
    /// The test as it is written, with a short operand.
    pub(crate) fn to_write(&self) -> String {
        let is_short = self.operand.len() <= 60 && !self.operand.contains('\n');
        format!("{}{}", if is_short { self.operand } else { "(...)" }, self.test)
    }
}

/// Reads `... == ()`, or another word in place of `()`, which stands in these bytes.
pub(crate) fn comparison_with_nothing(
    text: &str,
    nothing: Range<usize>,
) -> Option<ComparisonWithNothing<'_>> {
    let before = text[..nothing.start].trim_end();
    let (operand, test) = match before.strip_suffix("==") {
        Some(operand) => (operand, ".is_null()"),
        None => (before.strip_suffix("!=")?, ".is_not_null()"),
    };
    let operand = operand.trim_end();
    let start = start_of_operand(operand)?;
    let written = operand.len()..nothing.end;
    Some(ComparisonWithNothing { operand: &operand[start..], written, test })
}

/// Where the name, call or chain of calls starts that the text ends with; `None` where it is a part of a calculation or
/// of another comparison, which a method behind it would not be asked of.
fn start_of_operand(text: &str) -> Option<usize> {
    let pieces = split_pieces(text);
    let mut at = pieces.len();
    loop {
        at = start_of_link(&pieces, at)?;
        match pieces[..at] {
            [.., Piece { kind: PieceKind::Sign, text: ".", .. }] => at -= 1,
            [.., first, second] if first.is(":") && second.is(":") => at -= 2,
            _ => break,
        }
    }
    let calculates = |piece: &Piece<'_>| {
        let is_sign = piece.kind == PieceKind::Sign;
        is_sign && ["+", "-", "*", "/", "%", "<", ">", "!"].contains(&piece.text)
    };
    let compares = end_with_double_sign(&pieces[..at], "=");
    let before = pieces[..at].last();
    (!compares && !before.is_some_and(calculates)).then(|| pieces[at].start)
}

/// Where the link of a chain starts that ends before a piece: a name, perhaps with brackets behind it.
fn start_of_link(pieces: &[Piece<'_>], end: usize) -> Option<usize> {
    let mut at = end;
    let mut depth = 0;
    loop {
        at = at.checked_sub(1)?;
        match pieces[at].kind {
            PieceKind::Closing => depth += 1,
            PieceKind::Opening => depth -= 1,
            PieceKind::Word if depth == 0 => return Some(at),
            _ if depth == 0 => return None,
            _ => {}
        }
        let is_called = at.checked_sub(1).is_some_and(|before| {
            pieces[before].kind == PieceKind::Word && pieces[before].end() == pieces[at].start
        });
        if depth == 0 && !is_called {
            return Some(at);
        }
    }
}

/// Whether pieces end with a sign of two characters, such as `==`, whose second is this.
fn end_with_double_sign(pieces: &[Piece<'_>], second: &str) -> bool {
    match pieces {
        [.., first, last] => {
            let are_signs = first.kind == PieceKind::Sign && last.kind == PieceKind::Sign;
            are_signs && last.text == second && first.end() == last.start
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{comparison_with_nothing, end_of_code_before, open_bracket};

    #[test]
    fn what_is_missing_belongs_behind_the_code() {
        assert_eq!(end_of_code_before("let a = 1 // one\nlet", 17), 9);
        assert_eq!(end_of_code_before("// one\nlet", 7), 0);
    }

    #[test]
    fn the_open_bracket_is_the_innermost() {
        assert_eq!(open_bracket("f(g(1), ", 8), Some(("(", "f")));
        assert_eq!(open_bracket("x.set(#{ a ", 11), Some(("#{", "")));
        assert_eq!(open_bracket("f(1) ", 5), None);
    }

    /// What is compared, the test, and the text that it replaces.
    fn compared(text: &str) -> Option<(&str, &str, &str)> {
        let nothing = text.find("()")?;
        let found = comparison_with_nothing(text, nothing..nothing + 2)?;
        Some((found.operand, found.test, &text[found.written]))
    }

    #[test]
    fn a_comparison_with_nothing_names_what_is_compared() {
        for (text, expected) in [
            ("f(col(\"a\") == ())", Some(("col(\"a\")", ".is_null()", " == ()"))),
            ("a.b(1).c != ()", Some(("a.b(1).c", ".is_not_null()", " != ()"))),
            ("x and m::f(a[1])==()", Some(("m::f(a[1])", ".is_null()", "==()"))),
            ("let x = (a + b) == ()", Some(("(a + b)", ".is_null()", " == ()"))),
            ("a + b == ()", None),
            ("a == b == ()", None),
            ("a > ()", None),
        ] {
            assert_eq!(compared(text), expected, "{text}");
        }
    }
}
