//! What stands at a place of a script that is being written: such a script rarely compiles, so this looks at its pieces,
//! and not at a syntax tree.

mod chain;
mod declared;
mod frames;
mod roles;

use std::ops::Range;

use crate::cursor::frames::open_brackets;
use crate::cursor::roles::Roles;
use crate::piece::{Piece, PieceKind, split_pieces};

pub use chain::members_of;
pub use declared::{calls_of, column_names, declared_variables, functions_of, module_of_alias};

/// What stands at a place of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// What it is.
    pub kind: CursorKind,
    /// The bytes of the word, or of the text between its quotes; empty where nothing is written yet.
    pub range: Range<usize>,
}

/// What stands at a place of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CursorKind {
    /// A text in quotes.
    Text(Role),
    /// The key of a map.
    Key(Role),
    /// A name behind a dot, and the type of what stands before it where that is known.
    Member(Option<String>),
    /// A name behind `alias::`.
    OfModule(String),
    /// Another name, or a place where one could be written.
    Name,
    /// A comment, a number or a sign.
    Nothing,
}

/// What a text or a key means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// A table.
    Table,
    /// A column of one of these tables; of any, where there are none.
    Column(Vec<String>),
    /// A value of a column of one of these tables.
    Value(Vec<String>, String),
    /// The path of a module.
    Module,
    /// An SQL file of the folder.
    SqlFile,
    /// A setting.
    Setting,
    /// Anything else.
    Other,
}

/// What stands at this byte of a script, or right before it.
pub fn cursor_at(text: &str, offset: usize) -> Cursor {
    let pieces = split_pieces(text);
    let index = pieces.partition_point(|piece| piece.end() < offset);
    let touching = pieces[index..].iter().take_while(|piece| piece.start <= offset);
    // Of two that touch at this place, the word counts.
    let at = touching.enumerate().max_by_key(|(_, piece)| interest(piece, offset));
    match at {
        Some((further, piece)) if interest(piece, offset) > 0 => {
            at_piece(&pieces, index + further, offset)
        }
        _ => {
            let before = pieces.partition_point(|piece| piece.end() <= offset);
            Cursor { kind: name_kind(&pieces, before), range: offset..offset }
        }
    }
}

/// The byte where the piece ends that begins here: a word, a text with its quotes, a sign.
pub fn piece_end(text: &str, offset: usize) -> usize {
    let rest = &text[offset..];
    split_pieces(rest).first().filter(|first| first.start == 0).map_or(offset, |first| {
        let line = first.text.lines().next().unwrap_or_default();
        offset + line.len()
    })
}

fn interest(piece: &Piece<'_>, offset: usize) -> usize {
    match piece.kind {
        PieceKind::Word => 2,
        PieceKind::Quoted if content(piece).contains(&offset) => 3,
        PieceKind::Quoted if content(piece).end == offset => 3,
        PieceKind::LineComment if piece.start < offset => 3,
        PieceKind::BlockComment if piece.start < offset && offset < piece.end() => 3,
        _ => 0,
    }
}

/// The bytes between the quotes of a text.
fn content(piece: &Piece<'_>) -> Range<usize> {
    let end = if is_closed(piece) { piece.end() - 1 } else { piece.end() };
    piece.start + 1..end
}

fn is_closed(piece: &Piece<'_>) -> bool {
    piece.text.len() > 1 && piece.text.ends_with(['"', '`', '\''])
}

fn at_piece(pieces: &[Piece<'_>], index: usize, offset: usize) -> Cursor {
    let piece = &pieces[index];
    let kind = match piece.kind {
        PieceKind::Quoted if piece.text.starts_with('"') => {
            CursorKind::Text(Roles::new(pieces, index).of_value())
        }
        PieceKind::Word if piece.text.starts_with(|first: char| first.is_ascii_digit()) => {
            CursorKind::Nothing
        }
        PieceKind::Word => name_kind(pieces, index),
        _ => CursorKind::Nothing,
    };
    let range = match piece.kind {
        // Without its closing quote, a text has only what was written so far.
        PieceKind::Quoted if !is_closed(piece) => piece.start + 1..offset.max(piece.start + 1),
        PieceKind::Quoted => content(piece),
        PieceKind::Word => piece.start..piece.end(),
        _ => offset..offset,
    };
    Cursor { kind, range }
}

/// What a name at this index would be.
fn name_kind(pieces: &[Piece<'_>], index: usize) -> CursorKind {
    let sign = |back: usize| index.checked_sub(back).and_then(|at| pieces.get(at));
    let is = |back: usize, text: &str| sign(back).is_some_and(|piece| piece.is(text));
    if is(1, ".") && !is(2, ".") {
        return CursorKind::Member(chain::type_before_dot(pieces, index - 1));
    }
    if is(1, ":") && is(2, ":") {
        let alias = sign(3).filter(|piece| piece.kind == PieceKind::Word);
        return alias.map_or(CursorKind::Nothing, |alias| CursorKind::OfModule(alias.text.into()));
    }
    let frames = open_brackets(pieces, index);
    let at_key = frames.last().is_some_and(|frame| frame.is_map && frame.key.is_none());
    if at_key {
        return CursorKind::Key(Roles::new(pieces, index).of_key());
    }
    CursorKind::Name
}

#[cfg(test)]
mod tests;
