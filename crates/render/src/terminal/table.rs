//! Tables: the steps of a run, and those that a script shows.

use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use leora_report::{Outcome, Report, ShownTable, StepReport};

use crate::numbers::{format_count, format_number, format_time};
use crate::terminal::layout::{display_width, truncate};
use crate::terminal::style::Style;
use crate::text::sanitize;

/// The header of the steps.
const STEPS: [&str; 5] = ["Step", "Result", "Changed", "Checks", "Time"];

/// The most rows of a script's table that are shown.
const SHOWN: usize = 50;

pub(crate) fn new_table(style: Style) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(style.width - 2).unwrap_or(78));
    table
}

pub(crate) fn render_table(table: &Table) -> Vec<String> {
    table.to_string().lines().map(|line| format!("  {}", line.trim_end())).collect()
}

pub(crate) fn align_right(table: &mut Table, columns: impl IntoIterator<Item = usize>) {
    for at in columns {
        if let Some(column) = table.column_mut(at) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

pub(crate) fn render_steps(report: &Report, style: Style) -> Vec<String> {
    let planned = report.outcome == Outcome::Planned || report.plan.is_some();
    let cells = |(at, step): (usize, &StepReport)| {
        [
            format!("{} {}", at + 1, sanitize(&step.title)),
            describe_result(step, planned).to_owned(),
            format_number(report.changed_by(at)),
            describe_checks(step),
            format_time(step.elapsed),
        ]
    };
    let mut rows: Vec<[String; 5]> = report.steps.iter().enumerate().map(cells).collect();
    let room = room_for_titles(&rows, style);
    for row in &mut rows {
        row[0] = truncate(&row[0], room);
    }
    let mut table = new_table(style);
    table.set_header(STEPS);
    table.add_rows(rows);
    align_right(&mut table, 2..STEPS.len());
    render_table(&table)
}

/// The columns that the other cells of every row leave to the titles, so that no line is broken.
fn room_for_titles(rows: &[[String; 5]], style: Style) -> usize {
    let widest = |at: usize| {
        let cells = rows.iter().map(|row| display_width(&row[at]));
        cells.chain([display_width(STEPS[at])]).max().unwrap_or(0)
    };
    let others: usize = (1..STEPS.len()).map(widest).sum();
    // A space on either side of a cell, a line between two, one at each end, and the indent.
    let frame = 3 * STEPS.len() + 1 + 2;
    style.width.saturating_sub(others + frame)
}

fn describe_result(step: &StepReport, planned: bool) -> &'static str {
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

fn describe_checks(step: &StepReport) -> String {
    let counts = step.expectations();
    match counts.all() {
        0 => String::new(),
        all => format!("{}/{all}", counts.held),
    }
}

pub(crate) fn render_shown_table(shown: &ShownTable, style: Style) -> Vec<String> {
    let ShownTable { columns, rows } = shown;
    if rows.is_empty() {
        return vec!["    (no rows)".into()];
    }
    let mut table = new_table(style);
    table.set_header(columns.iter().map(|name| sanitize(name)));
    for row in rows.iter().take(SHOWN) {
        table.add_row(row.iter().map(|cell| sanitize(cell)));
    }
    let holds_amounts =
        |at: &usize| rows.iter().all(|row| row.get(*at).is_some_and(|cell| is_amount(cell)));
    align_right(&mut table, (0..columns.len()).filter(holds_amounts));
    let mut lines = render_table(&table);
    let more = rows.len().saturating_sub(SHOWN);
    if more > 0 {
        lines.push(format!("    and {} more", format_count(more as u64, "row")));
    }
    lines
}

/// Whether a cell is a number, with separators or a percent sign.
fn is_amount(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let digits = digits.strip_suffix('%').unwrap_or(digits);
    digits.starts_with(|first: char| first.is_ascii_digit())
        && digits.chars().all(|one| one.is_ascii_digit() || one == ',' || one == '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_numbers_with_separators_or_a_percent_sign() {
        assert!(["0", "-3,512", "65.1%"].into_iter().all(is_amount));
        assert!(!["", "-", "ACTIVE", "3 rows", "2025-10-25"].into_iter().any(is_amount));
    }

    #[test]
    fn a_title_is_cut_so_that_no_line_of_a_step_is_broken() {
        let step = StepReport {
            name: "01_long".into(),
            title: "A title that is much longer than the room that a narrow terminal has for it"
                .into(),
            outcome: Outcome::Done,
            elapsed: std::time::Duration::from_millis(12),
            entries: vec![],
        };
        let report = Report { steps: vec![step], ..Report::default() };
        let lines = render_steps(&report, Style { color: false, width: 60 });
        assert_eq!(lines.len(), 5, "{lines:#?}");
        assert!(lines[3].contains('…') && lines[3].contains("✓ done"), "{lines:#?}");
        assert!(lines.iter().all(|line| display_width(line) <= 60), "{lines:#?}");
    }
}
