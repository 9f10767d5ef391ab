//! Transitions as a matrix: a row for each old value, a column for each new one.

use comfy_table::CellAlignment;
use leora_rule::Change;

use crate::render::numbers::{format_number, share};
use crate::render::style::Style;
use crate::render::summary::{grid, indented};
use crate::render::text::plain;

/// The most new values that stand beside each other in 80 columns.
const WIDEST: usize = 4;
/// The most old values that are worth a table.
const TALLEST: usize = 12;

/// The matrix of a change with several old values: rows, and their share of all that change. None where a list says
/// the same, or where there are too many values for a table.
pub(crate) fn lines(change: &Change, style: Style) -> Option<Vec<String>> {
    let olds = distinct(change.transitions.iter().map(|one| &one.old));
    let news = distinct(change.transitions.iter().map(|one| &one.new));
    if !(2..=TALLEST).contains(&olds.len()) || news.len() > WIDEST {
        return None;
    }
    let mut grid = grid(style);
    let named = |value: &&Option<String>| plain(value.as_deref().unwrap_or("(none)"));
    grid.set_header(std::iter::once("from \\ to".to_owned()).chain(news.iter().map(named)));
    for old in &olds {
        let cell = |new: &&Option<String>| {
            let found = change.transitions.iter().find(|one| &one.old == *old && &one.new == *new);
            found.map_or_else(String::new, |one| {
                format!("{} ({})", format_number(one.rows), share(one.rows, change.changed()))
            })
        };
        grid.add_row(std::iter::once(named(old)).chain(news.iter().map(cell)));
    }
    for column in grid.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    Some(indented(&grid))
}

/// Each value once, in the order of its first use.
fn distinct<'a>(values: impl Iterator<Item = &'a Option<String>>) -> Vec<&'a Option<String>> {
    let mut all = Vec::new();
    for value in values {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    all
}
