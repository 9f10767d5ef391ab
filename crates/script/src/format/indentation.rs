//! The indentation of lines: what stands in brackets, and the links of a chain, four blanks further than where it began.
//!
//! A line that goes on in another way, such as an argument below another, moves as far as the line that it belongs to.

use crate::format::line::Line;
use crate::piece::{Piece, PieceKind};

/// How far each level goes in.
const STEP: usize = 4;

/// A tab stands for as many blanks.
const TAB: usize = 4;

/// How a line is indented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Indent {
    /// The column of its first piece in the text.
    pub(super) before: usize,
    /// The column that it should have.
    pub(super) after: usize,
    pub(super) by: Reason,
}

/// What decides the column of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// The brackets around it, or that it is a link of a chain.
    Level,
    /// It moves as far as the line that it belongs to.
    Line,
    /// It is a comment that goes on below the comment of the line before.
    CommentAbove,
}

impl Indent {
    /// Where a column comes to when it moves as far as this line.
    fn moved(self, column: usize) -> usize {
        (column + self.after).saturating_sub(self.before)
    }
}

/// How each line is indented; `None` for one within a text or a comment, or without pieces.
pub(super) fn indent(text: &str, lines: &[Line], pieces: &[Piece<'_>]) -> Vec<Option<Indent>> {
    let mut indents: Vec<Option<Indent>> = vec![None; lines.len()];
    let mut brackets = Brackets::new();
    let mut comments: Vec<usize> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let own = &pieces[line.pieces.clone()];
        let Some(first) = own.first() else { continue };
        let before = columns(&text[line.bytes.start..first.start]);
        let stays = |by| Indent { before, after: before, by };
        if line.begins_inside {
            brackets.read(stays(Reason::Level), own, false);
        } else if own.iter().all(Piece::is_comment) {
            let is_below = is_below_comment(at, text, lines, pieces);
            indents[at] = Some(stays(if is_below { Reason::CommentAbove } else { Reason::Line }));
            if !is_below {
                comments.push(at);
            }
        } else {
            let (after, by) = brackets.place(first, before);
            let here = Indent { before, after, by };
            for comment in comments.drain(..) {
                let inside = (first.kind == PieceKind::Closing).then(|| brackets.inside(before).0);
                indents[comment] = indents[comment].map(|comment| match by {
                    Reason::Level => Indent { after: inside.unwrap_or(after), by, ..comment },
                    _ => Indent { after: here.moved(comment.before), by, ..comment },
                });
            }
            indents[at] = Some(here);
            brackets.read(here, own, true);
        }
    }
    for comment in comments {
        let last = |old| Indent { after: 0, by: Reason::Level, ..old };
        indents[comment] = indents[comment].map(last);
    }
    indents
}

/// The column behind a text.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(|c| if c == '\t' { TAB } else { 1 }).sum()
}

/// Whether a comment goes on below one at the end of the line before, in its column.
fn is_below_comment(at: usize, text: &str, lines: &[Line], pieces: &[Piece<'_>]) -> bool {
    let column = |line: &Line| {
        let comment = pieces[line.pieces.clone()].last().filter(|last| last.is_comment())?;
        Some(columns(&text[line.bytes.start..comment.start]))
    };
    let has_code =
        |line: &Line| pieces[line.pieces.clone()].iter().any(|piece| !piece.is_comment());
    let here = column(&lines[at]);
    let above = lines[..at].iter().rev().take_while(|line| column(line) == here);
    here.is_some() && above.into_iter().any(has_code)
}

/// The brackets that are open.
struct Brackets {
    open: Vec<Bracket>,
}

struct Bracket {
    /// The line that it stands in.
    line: Indent,
    /// Whether it ends its line, so that what is in it stands below.
    ends_line: bool,
    is_map: bool,
    /// The line where the statement, item or argument began, and whether that began the line; `None` where the next piece
    /// begins one.
    item: Option<(Indent, bool)>,
    /// Whether a block has just ended: then the next piece may go on.
    after_block: bool,
}

impl Brackets {
    fn new() -> Self {
        let line = Indent { before: 0, after: 0, by: Reason::Level };
        let script =
            Bracket { line, ends_line: true, is_map: false, item: None, after_block: false };
        Self { open: vec![script] }
    }

    fn last(&mut self) -> (&mut Bracket, bool) {
        let is_script = self.open.len() == 1;
        (self.open.last_mut().expect("the script itself stays"), is_script)
    }

    /// Where what begins in the innermost bracket stands.
    fn inside(&mut self, before: usize) -> (usize, Reason) {
        match self.last() {
            (_, true) => (0, Reason::Level),
            (bracket, _) if bracket.ends_line => (bracket.line.after + STEP, Reason::Level),
            (bracket, _) => (bracket.line.moved(before), Reason::Line),
        }
    }

    /// Where a line stands that begins with this piece.
    fn place(&mut self, first: &Piece<'_>, before: usize) -> (usize, Reason) {
        let inside = self.inside(before);
        let (bracket, is_script) = self.last();
        let is_link = first.is(".") || first.is("?");
        match bracket.item {
            _ if first.kind == PieceKind::Closing && !is_script => match bracket.ends_line {
                true => (bracket.line.after, Reason::Level),
                false => (bracket.line.moved(before), Reason::Line),
            },
            Some((item, true)) if is_link => (item.after + STEP, Reason::Level),
            Some((item, _)) if !(bracket.after_block && begins_statement(first)) => {
                (item.moved(before), Reason::Line)
            }
            _ => inside,
        }
    }

    /// Reads the pieces of a line. `begins_line` is false for one that begins within a text.
    fn read(&mut self, line: Indent, pieces: &[Piece<'_>], begins_line: bool) {
        let code: Vec<&Piece<'_>> = pieces.iter().filter(|piece| !piece.is_comment()).collect();
        for (at, piece) in code.iter().enumerate() {
            let is_last = at + 1 == code.len();
            self.read_piece(piece, line, (begins_line && at == 0, is_last));
        }
    }

    fn read_piece(&mut self, piece: &Piece<'_>, line: Indent, (is_first, is_last): (bool, bool)) {
        if piece.kind == PieceKind::Closing {
            if self.open.len() > 1 {
                let closed = self.open.pop();
                let is_block = piece.is("}") && closed.is_some_and(|bracket| !bracket.is_map);
                self.last().0.after_block = is_block;
            }
            return;
        }
        let (bracket, _) = self.last();
        if bracket.item.is_none() || bracket.after_block && begins_statement(piece) {
            bracket.item = Some((line, is_first));
        }
        bracket.after_block = false;
        if piece.is(",") || piece.is(";") {
            bracket.item = None;
        }
        if piece.kind == PieceKind::Opening {
            let is_map = piece.is("#{");
            let opened =
                Bracket { line, ends_line: is_last, is_map, item: None, after_block: false };
            self.open.push(opened);
        }
    }
}

/// Whether a piece behind a block begins a statement, and does not go on with it.
fn begins_statement(piece: &Piece<'_>) -> bool {
    match piece.kind {
        PieceKind::Word => !["else", "and", "or"].contains(&piece.text),
        PieceKind::Quoted | PieceKind::Opening => true,
        _ => false,
    }
}
