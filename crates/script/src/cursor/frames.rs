//! The brackets that are open at a place of a script.

use crate::piece::{Piece, PieceKind};

/// A bracket that is open. The numbers are those of pieces.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// The function or method whose arguments it holds.
    pub(super) callee: Option<usize>,
    pub(super) is_map: bool,
    is_block: bool,
    /// Which argument or element, from 0.
    pub(super) argument: usize,
    /// Where that begins.
    pub(super) begins: usize,
    /// The key of a map whose value this is.
    pub(super) key: Option<usize>,
}

/// The brackets that are open before a piece, the outermost first.
pub(super) fn open_brackets(pieces: &[Piece<'_>], before: usize) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    for (at, piece) in pieces[..before].iter().enumerate() {
        match (piece.kind, piece.text) {
            (PieceKind::Opening, text) => {
                let word = at.checked_sub(1).filter(|&one| pieces[one].kind == PieceKind::Word);
                frames.push(Frame {
                    callee: word.filter(|_| text == "("),
                    is_map: text == "#{",
                    is_block: text == "{",
                    argument: 0,
                    begins: at + 1,
                    key: None,
                });
            }
            (PieceKind::Closing, _) => {
                frames.pop();
            }
            // A statement can't end in another bracket: one is not closed.
            (PieceKind::Sign, ";") => {
                let blocks = frames.iter().rposition(|frame| frame.is_block);
                frames.truncate(blocks.map_or(0, |block| block + 1));
            }
            (PieceKind::Sign, ",") => {
                if let Some(frame) = frames.last_mut() {
                    *frame =
                        Frame { argument: frame.argument + 1, begins: at + 1, key: None, ..*frame };
                }
            }
            (PieceKind::Sign, ":") => {
                if let Some(frame) = frames.last_mut().filter(|frame| frame.is_map) {
                    frame.key = at.checked_sub(1);
                }
            }
            _ => {}
        }
    }
    frames
}
