//! The arms of a rule as columns: the conditions below each other, and the values.

use std::collections::{BTreeMap, BTreeSet};

use unicode_width::UnicodeWidthStr;

use crate::format::line::Line;
use crate::piece::{Piece, PieceKind};

/// The blanks before a comment at the end of an arm.
const BEFORE_COMMENT: usize = 3;

/// An arm that has its line to itself.
struct Arm<'t> {
    line: usize,
    condition: &'t str,
    value: &'t str,
    comma: bool,
    comment: &'t str,
}

/// The texts of the lines that are arms, without their indentation.
pub(super) fn align_arms(
    text: &str,
    lines: &[Line],
    pieces: &[Piece<'_>],
) -> BTreeMap<usize, String> {
    let partners = partners(pieces);
    let names = names_of_lists(pieces, &partners);
    let lists = (0..pieces.len()).filter(|&at| is_list_of_arms(at, pieces, &partners, &names));
    lists
        .filter_map(|at| arms(text, lines, pieces, &partners, at))
        .flat_map(|arms| written(&arms))
        .collect()
}

/// For each bracket the one that it belongs to, and for each piece the bracket that it stands in.
struct Partners {
    closing: Vec<Option<usize>>,
    around: Vec<Option<usize>>,
}

fn partners(pieces: &[Piece<'_>]) -> Partners {
    let mut found =
        Partners { closing: vec![None; pieces.len()], around: vec![None; pieces.len()] };
    let mut open: Vec<usize> = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        if piece.kind == PieceKind::Closing
            && let Some(opening) = open.pop()
        {
            found.closing[opening] = Some(at);
        }
        found.around[at] = open.last().copied();
        if piece.kind == PieceKind::Opening {
            open.push(at);
        }
    }
    found
}

/// Whether this bracket opens the arguments of `.set(...)`.
fn opens_set(at: usize, pieces: &[Piece<'_>]) -> bool {
    let before = |back: usize| at.checked_sub(back).map(|at| &pieces[at]);
    pieces[at].is("(")
        && before(1).is_some_and(|name| name.is("set"))
        && before(2).is_some_and(|dot| dot.is("."))
}

/// The variables that are the last argument of a `.set(...)`.
fn names_of_lists<'t>(pieces: &[Piece<'t>], partners: &Partners) -> BTreeSet<&'t str> {
    let sets = (0..pieces.len()).filter(|&at| opens_set(at, pieces));
    sets.filter_map(|at| match &pieces[at..partners.closing[at]?] {
        [.., comma, name] if comma.is(",") && name.kind == PieceKind::Word => Some(name.text),
        _ => None,
    })
    .collect()
}

/// Whether a list is an argument of `.set(...)`, or a value in its map, or is assigned to a variable that is one.
fn is_list_of_arms(
    at: usize,
    pieces: &[Piece<'_>],
    partners: &Partners,
    names: &BTreeSet<&str>,
) -> bool {
    if !pieces[at].is("[") {
        return false;
    }
    let around = partners.around[at];
    let in_map = around.filter(|&map| pieces[map].is("#{")).and_then(|map| partners.around[map]);
    let in_set = |at: Option<usize>| at.is_some_and(|at| opens_set(at, pieces));
    let assigned = at >= 3
        && pieces[at - 1].is("=")
        && ["let", "const"].contains(&pieces[at - 3].text)
        && names.contains(pieces[at - 2].text);
    let is_value = at > 0 && [",", ":"].contains(&pieces[at - 1].text);
    assigned || is_value && (in_set(around) || in_set(in_map))
}

/// The arms of a list that have a line each; `None` where something in the list is no arm.
fn arms<'t>(
    text: &'t str,
    lines: &[Line],
    pieces: &[Piece<'t>],
    partners: &Partners,
    list: usize,
) -> Option<Vec<Arm<'t>>> {
    let mut found = Vec::new();
    for item in items(list, pieces, partners)? {
        let (&first, &last) = (item.first()?, item.last()?);
        if !pieces[first].is("[") || partners.closing[first] != Some(last) {
            return None;
        }
        let cells = items(first, pieces, partners)?;
        let [condition, value] = &cells[..] else { return None };
        let cell = |cell: &[usize]| {
            let (first, last) = (pieces[*cell.first()?], pieces[*cell.last()?]);
            Some(&text[first.start..last.end()])
        };
        let (condition, value) = (cell(condition)?, cell(value)?);
        let line = lines.partition_point(|line| line.bytes.end < pieces[first].start);
        let Some((comma, comment)) = rest_of_line(&lines[line], pieces, first, last) else {
            continue;
        };
        found.push(Arm { line, condition, value, comma, comment });
    }
    Some(found)
}

/// The pieces between the commas of a bracket. A comma behind the last item makes none; comments belong to an item only
/// where they stand in its middle.
fn items(opening: usize, pieces: &[Piece<'_>], partners: &Partners) -> Option<Vec<Vec<usize>>> {
    let closing = partners.closing[opening]?;
    let is_separator = |at: &usize| pieces[*at].is(",") && partners.around[*at] == Some(opening);
    let inside: Vec<usize> = (opening + 1..closing).collect();
    let mut items: Vec<Vec<usize>> = inside.split(is_separator).map(<[usize]>::to_vec).collect();
    for item in &mut items {
        let is_comment = |at: Option<&usize>| at.is_some_and(|&at| pieces[at].is_comment());
        while is_comment(item.last()) {
            item.pop();
        }
        while is_comment(item.first()) {
            item.remove(0);
        }
    }
    if items.last().is_some_and(Vec::is_empty) {
        items.pop();
    }
    Some(items)
}

/// The comma and the comment behind an arm; `None` where it does not have its line to itself.
fn rest_of_line<'t>(
    line: &Line,
    pieces: &[Piece<'t>],
    first: usize,
    last: usize,
) -> Option<(bool, &'t str)> {
    let is_alone = line.pieces.start == first
        && line.pieces.end > last
        && !line.begins_inside
        && !line.ends_inside
        && is_two_cells(&pieces[first..=last]);
    match &pieces[last + 1..line.pieces.end.max(last + 1)] {
        _ if !is_alone => None,
        [] => Some((false, "")),
        [comma] if comma.is(",") => Some((true, "")),
        [comment] if comment.is_comment() => Some((false, comment.text)),
        [comma, comment] if comma.is(",") && comment.is_comment() => Some((true, comment.text)),
        _ => None,
    }
}

/// Whether an arm has nothing but its cells: no comment, and no comma behind the value.
fn is_two_cells(arm: &[Piece<'_>]) -> bool {
    !arm.iter().any(Piece::is_comment) && arm.iter().rev().nth(1).is_some_and(|last| !last.is(","))
}

fn written(arms: &[Arm<'_>]) -> Vec<(usize, String)> {
    let widest = |width: fn(&Arm<'_>) -> usize| arms.iter().map(width).max().unwrap_or(0);
    let conditions = widest(|arm| arm.condition.width());
    let values = widest(|arm| arm.value.width());
    let blanks = |count: usize| " ".repeat(count);
    let write = |arm: &Arm<'_>| {
        let mut text = format!(
            "[ {},{} {}{} ]",
            arm.condition,
            blanks(conditions - arm.condition.width()),
            arm.value,
            blanks(values - arm.value.width()),
        );
        text += if arm.comma { "," } else { "" };
        if !arm.comment.is_empty() {
            text += &blanks(BEFORE_COMMENT + usize::from(!arm.comma));
            text += arm.comment;
        }
        (arm.line, text)
    };
    arms.iter().map(write).collect()
}
