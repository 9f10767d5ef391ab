//! The variables and functions that a script declares, as they are written.

use std::ops::Range;

use crate::piece::{Piece, PieceKind, split_pieces};
use crate::syntax_tree::imports::module_name;

/// The variables of a script, each with the bytes of its name where it is declared.
pub fn declared_variables(text: &str) -> Vec<(String, Range<usize>)> {
    declared(text, &["let", "const", "for"])
}

/// The functions that a script declares, each with the bytes of its name.
pub fn functions_of(text: &str) -> Vec<(String, Range<usize>)> {
    declared(text, &["fn"])
}

/// The module that a script imports under this name.
pub fn module_of_alias(text: &str, alias: &str) -> Option<String> {
    let pieces = split_pieces(text);
    let imports = pieces.windows(4).find(|four| {
        four[0].is("import")
            && four[1].kind == PieceKind::Quoted
            && four[2].is("as")
            && four[3].is(alias)
    })?;
    Some(module_name(imports[1].text.trim_matches('"')).to_owned())
}

/// The names in a script's `col("...")` and `col_or("...", ..)`.
pub fn column_names(text: &str) -> Vec<String> {
    let pieces = split_pieces(text);
    let calls = pieces.windows(3).filter(|three| {
        (three[0].is("col") || three[0].is("col_or"))
            && three[1].is("(")
            && three[2].kind == PieceKind::Quoted
            && three[2].text.ends_with('"')
    });
    calls.map(|three| three[2].text.trim_matches('"').to_owned()).collect()
}

/// The bytes of a function's name in each call of it that stands alone.
pub fn calls_of(text: &str, function: &str) -> Vec<Range<usize>> {
    let pieces = split_pieces(text);
    let calls = pieces.windows(2).enumerate().filter(|(at, pair)| {
        let is_method = at.checked_sub(1).is_some_and(|before| pieces[before].is("."));
        pair[0].is(function) && pair[1].is("(") && !is_method
    });
    calls.map(|(_, pair)| pair[0].start..pair[0].end()).collect()
}

fn declared(text: &str, keywords: &[&str]) -> Vec<(String, Range<usize>)> {
    let pieces = split_pieces(text);
    let names = pieces.windows(2).filter(|pair| {
        keywords.iter().any(|keyword| pair[0].is(keyword)) && pair[1].kind == PieceKind::Word
    });
    names.map(|pair| (pair[1].text.to_owned(), pair[1].start..pair[1].end())).collect()
}

/// The last piece of the value that a variable is declared with, in the last declaration before a piece.
pub(super) fn declaration_of(pieces: &[Piece<'_>], name: &str, before: usize) -> Option<usize> {
    let declares = |at: &usize| {
        let is = |further: usize, text: &str| pieces[at + further].is(text);
        (is(0, "let") || is(0, "const")) && is(1, name) && is(2, "=")
    };
    let starts = 0..before.min(pieces.len()).saturating_sub(3);
    let start = starts.rev().find(declares)? + 3;
    let mut depth = 0_usize;
    for (at, piece) in pieces.iter().enumerate().skip(start) {
        match piece.kind {
            PieceKind::Opening => depth += 1,
            PieceKind::Closing => depth = depth.checked_sub(1)?,
            PieceKind::Sign if piece.text == ";" && depth == 0 => return at.checked_sub(1),
            _ => {}
        }
    }
    None
}
