//! Tables.

use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{CellAlignment, ContentArrangement, Table as Grid};
use leora_report::{Outcome, Report, ShownTable, StepReport};

use crate::render::numbers;
use crate::render::style::Style;
use crate::render::text::{columns, cut, plain};

/// The header of the steps.
const STEPS: [&str; 5] = ["Step", "Result", "Changed", "Checks", "Time"];

/// The most rows of a script's table that are shown.
const SHOWN: usize = 50;

pub(crate) fn grid(style: Style) -> Grid {
    let mut grid = Grid::new();
    grid.load_style(UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(style.width - 2).unwrap_or(78));
    grid
}

pub(crate) fn indented(grid: &Grid) -> Vec<String> {
    grid.to_string().lines().map(|line| format!("  {}", line.trim_end())).collect()
}

/// The steps of a run, a line each.
pub(crate) fn steps(report: &Report, style: Style) -> Vec<String> {
    let mut grid = grid(style);
    grid.set_header(STEPS);
    let planned = report.outcome == Outcome::Planned || report.plan.is_some();
    let mut rows: Vec<[String; 5]> = report
        .steps
        .iter()
        .enumerate()
        .map(|(index, step)| {
            [
                format!("{} {}", index + 1, plain(&step.title)),
                result(step, planned).to_owned(),
                numbers::format_number(step.changed()),
                checks(step),
                numbers::time(step.elapsed),
            ]
        })
        .collect();
    let room = room_for_titles(&rows, style);
    for row in &mut rows {
        row[0] = cut(&row[0], room);
    }
    grid.add_rows(rows);
    for right in [2, 3, 4] {
        if let Some(column) = grid.column_mut(right) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    indented(&grid)
}

/// The columns that the other cells of every row leave to the titles, so that no line is broken.
fn room_for_titles(rows: &[[String; 5]], style: Style) -> usize {
    let widest = |at: usize| {
        let cells = rows.iter().map(|row| columns(&row[at]));
        cells.chain([columns(STEPS[at])]).max().unwrap_or(0)
    };
    let others: usize = (1..STEPS.len()).map(widest).sum();
    // A space on either side of a cell, a line between two, one at each end, and the indent.
    let frame = 3 * STEPS.len() + 1 + 2;
    style.width.saturating_sub(others + frame)
}

fn result(step: &StepReport, planned: bool) -> &'static str {
    match (step.outcome, step.expectations().warned) {
        (Outcome::Done, 0) if planned => "✓ planned",
        (Outcome::Done, _) if planned => "! planned",
        (Outcome::Done, 0) => "✓ done",
        (Outcome::Done, _) => "! done",
        (Outcome::Refused, _) => "✗ refused",
        (Outcome::Interrupted, _) => "✗ stopped",
        _ => "✗ failed",
    }
}

fn checks(step: &StepReport) -> String {
    let counts = step.expectations();
    match counts.all() {
        0 => String::new(),
        all => format!("{}/{all}", counts.held),
    }
}

/// A table that a script shows.
pub(crate) fn rows(table: &ShownTable, style: Style) -> Vec<String> {
    if table.rows.is_empty() {
        return vec!["    (no rows)".into()];
    }
    let mut grid = grid(style);
    grid.set_header(table.columns.iter().map(|name| plain(name)));
    for row in table.rows.iter().take(SHOWN) {
        grid.add_row(row.iter().map(|cell| plain(cell)));
    }
    for (at, column) in grid.column_iter_mut().enumerate() {
        if table.rows.iter().all(|row| row.get(at).is_some_and(|cell| is_amount(cell))) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut lines = indented(&grid);
    let more = table.rows.len().saturating_sub(SHOWN);
    if more > 0 {
        lines.push(format!("    and {} more", numbers::format_count(more as u64, "row")));
    }
    lines
}

/// Whether a cell is a number, with separators or a percent sign; numbers stand below each other by their last digit.
fn is_amount(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let digits = digits.strip_suffix('%').unwrap_or(digits);
    digits.starts_with(|first: char| first.is_ascii_digit())
        && digits.chars().all(|one| one.is_ascii_digit() || one == ',' || one == '.')
}
