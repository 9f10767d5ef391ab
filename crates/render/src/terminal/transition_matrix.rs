//! Transitions as a matrix: a row for each old value, a column for each new one.

use leora_rule::Change;

use crate::numbers::{format_number, format_share};
use crate::terminal::style::Style;
use crate::terminal::table::{align_right, new_table, render_table};
use crate::text::sanitize;
use crate::wording::describe_value;

/// The most new values that fit beside each other in 80 columns.
const WIDEST: usize = 4;
/// The most old values that are worth a table.
const TALLEST: usize = 12;

/// The matrix of a change with several old values: rows, and their share of all that change. None where a list says
/// the same, or where there are too many values for a table.
pub(crate) fn render_matrix(change: &Change, style: Style) -> Option<Vec<String>> {
    let olds = distinct(change.transitions.iter().map(|one| &one.old));
    let news = distinct(change.transitions.iter().map(|one| &one.new));
    if !(2..=TALLEST).contains(&olds.len()) || news.len() > WIDEST {
        return None;
    }
    let mut table = new_table(style);
    let label = |value: &&Option<String>| sanitize(describe_value(value));
    table.set_header(std::iter::once("from \\ to".to_owned()).chain(news.iter().map(label)));
    for old in &olds {
        let cell = |new: &&Option<String>| {
            let found = change.transitions.iter().find(|one| &one.old == *old && &one.new == *new);
            found.map_or_else(String::new, |one| {
                format!(
                    "{} ({})",
                    format_number(one.rows),
                    format_share(one.rows, change.changed())
                )
            })
        };
        table.add_row(std::iter::once(label(old)).chain(news.iter().map(cell)));
    }
    align_right(&mut table, 1..=news.len());
    Some(render_table(&table))
}

/// In the order of their first use.
fn distinct<'a>(values: impl Iterator<Item = &'a Option<String>>) -> Vec<&'a Option<String>> {
    let mut all = Vec::new();
    for value in values {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    all
}
