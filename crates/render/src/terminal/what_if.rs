//! What other settings would give: a line a combination.

use comfy_table::Table;
use leora_report::{Combination, WhatIfReport};
use leora_rule::{Boundary, Transition};

use crate::numbers::{format_count, format_number, format_share};
use crate::terminal::layout::{display_width, hang, indent, marked, pad};
use crate::terminal::style::{Style, Tone};
use crate::terminal::table::{align_right, new_table, render_table};
use crate::text::sanitize;
use crate::what_if_table::{WhatIfTable, tables};
use crate::wording::describe_value;

/// The most values that have a column of their own; the rest share one.
const VALUES: usize = 6;

pub(crate) fn render_what_if(report: &WhatIfReport, style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    let (varied, same): (Vec<_>, Vec<_>) =
        report.columns().into_iter().partition(|(table, column)| report.is_varied(table, column));
    // Where nothing depends on a setting, the tables say what there is.
    let shown = if varied.is_empty() { &same } else { &varied };
    for (table, column) in shown {
        lines.extend(render_column(report, table, column, style));
    }
    if !varied.is_empty() && !same.is_empty() {
        let names = same.iter().map(|(table, column)| format!("{table}.{column}"));
        let names = names.collect::<Vec<_>>().join(", ");
        let text = format!("The same with each combination, and not shown: {names}");
        lines.extend(indent(0, &text, Tone::Dim, style));
        lines.push(String::new());
    }
    if !report.boundaries.is_empty() {
        lines.extend(render_boundaries(&report.boundaries, style));
    }
    lines.extend(report.notes.iter().flat_map(|note| marked("?", Tone::Warning, note, style)));
    lines.push(style.paint(Tone::Good, "Nothing was changed."));
    lines
}

fn render_column(report: &WhatIfReport, table: &str, column: &str, style: Style) -> Vec<String> {
    let (taken, decidable) = tables(report, table, column);
    let all = format_count(decidable.total(), "row");
    let mut parts: Vec<(String, Option<&WhatIfTable<'_>>)> = Vec::new();
    match &taken {
        None => parts.push((format!("{all}, all that the rule could decide"), Some(&decidable))),
        Some(taken) => {
            parts.push(match taken.total() {
                0 => ("`where` takes no row now".to_owned(), None),
                rows => {
                    let rows = format_count(rows, "row");
                    (format!("{rows} that `where` takes now"), Some(taken))
                }
            });
            let heading = format!("{all} that the rule could decide, those decided before too");
            parts.push((heading, Some(&decidable)));
        }
    }
    let mut lines = Vec::new();
    for (heading, part) in parts {
        lines.extend(indent(0, &format!("{table}.{column}: {heading}"), Tone::Heading, style));
        if let Some(part) = part {
            lines.extend(render_combinations(report, part, style));
            lines.extend(render_moves(part, style));
        }
        lines.push(String::new());
    }
    lines
}

/// With the shares where there is room for them.
fn render_combinations(
    report: &WhatIfReport,
    table: &WhatIfTable<'_>,
    style: Style,
) -> Vec<String> {
    let with_shares = combination_cells(report, table, true);
    let cells = match table_width(&with_shares) + 2 <= style.width {
        true => with_shares,
        false => combination_cells(report, table, false),
    };
    render_table(&build_table(&cells, 1, style))
}

fn combination_cells(
    report: &WhatIfReport,
    table: &WhatIfTable<'_>,
    shares: bool,
) -> Vec<Vec<String>> {
    let (shown, others) = table.values.split_at(table.values.len().min(VALUES));
    let in_force = table.rows.iter().any(|(combination, _)| combination.in_force);
    let cell = |rows: u64, all: u64| match shares {
        true => format!("{} {}", format_number(rows), format_share(rows, all)),
        false => format_number(rows),
    };
    // All settings share a column, so that there is room for the values.
    let names: Vec<String> = report.varied.iter().map(|(name, _)| sanitize(name)).collect();
    let mut header = vec![names.join(",\n")];
    header.extend(shown.iter().map(|value| sanitize(describe_value(value))));
    header.extend((!others.is_empty()).then(|| "others".to_owned()));
    header.push("changed".into());
    header.extend(in_force.then(|| "now".to_owned()));
    let mut cells = vec![header];
    for (combination, population) in &table.rows {
        let all = population.rows();
        let count = |value: &Option<String>| population.count(value.as_deref());
        let mut line = vec![describe_settings(combination, ", ")];
        line.extend(shown.iter().map(|value| cell(count(value), all)));
        if !others.is_empty() {
            line.push(cell(others.iter().map(count).sum(), all));
        }
        line.push(format_number(population.changed()));
        let mark = if combination.in_force { "✓" } else { "" };
        line.extend(in_force.then(|| mark.to_owned()));
        cells.push(line);
    }
    cells
}

fn describe_settings(combination: &Combination, separator: &str) -> String {
    let values: Vec<String> =
        combination.settings.iter().map(|(_, value)| sanitize(value)).collect();
    values.join(separator)
}

/// How wide a table of these cells is: three columns stand between two cells, and two at each end.
fn table_width(cells: &[Vec<String>]) -> usize {
    let count = cells.first().map_or(0, Vec::len);
    let column = |at: usize| cells.iter().filter_map(move |row| row.get(at));
    let widest = |at: usize| column(at).flat_map(|cell| cell.lines()).map(display_width).max();
    (0..count).filter_map(widest).map(|width| width + 3).sum::<usize>() + 1
}

/// A table whose columns from `first_number` on are numbers.
fn build_table(cells: &[Vec<String>], first_number: usize, style: Style) -> Table {
    let mut table = new_table(style);
    if let Some((header, rows)) = cells.split_first() {
        table.set_header(header.clone());
        table.add_rows(rows.iter().cloned());
        align_right(&mut table, first_number..header.len());
    }
    table
}

fn render_moves(table: &WhatIfTable<'_>, style: Style) -> Vec<String> {
    if table.rows.iter().all(|(_, population)| population.transitions.is_empty()) {
        return vec![];
    }
    if only_from_none(table) {
        return indent(2, "every row that changes has no value now", Tone::Dim, style);
    }
    let settings = |combination: &Combination| describe_settings(combination, " ");
    let widths = table.rows.iter().map(|(combination, _)| display_width(&settings(combination)));
    let room = widths.max().unwrap_or(0);
    let mut lines = vec![style.paint(Tone::Dim, "  from the values of now")];
    for (combination, population) in &table.rows {
        let moves: Vec<String> = population.transitions.iter().map(describe_move).collect();
        let moves = if moves.is_empty() { "nothing changes".into() } else { moves.join(", ") };
        let head = format!("    {}  ", pad(&settings(combination), room));
        let wrapped = hang(&head, room + 6, &moves, Tone::Plain, style);
        lines.extend(wrapped.iter().map(|line| line.replace(NO_BREAK, " ")));
    }
    lines
}

const NO_BREAK: char = '\u{a0}';

fn describe_move(one: &Transition) -> String {
    let (old, new) = (describe_value(&one.old), describe_value(&one.new));
    format!("{old} → {new} {}", format_number(one.rows)).replace(' ', &NO_BREAK.to_string())
}

/// Whether every row that changes has no value now: then the table shows all there is.
fn only_from_none(table: &WhatIfTable<'_>) -> bool {
    table
        .rows
        .iter()
        .flat_map(|(_, population)| &population.transitions)
        .all(|one| one.old.is_none())
}

fn render_boundaries(boundaries: &[Boundary], style: Style) -> Vec<String> {
    let days = boundaries.first().map_or(0, |one| one.days);
    let heading = format!("Near a boundary: rows within {days} days on either side");
    let several = boundaries.iter().any(|one| one.column != boundaries[0].column);
    let row = |setting: &str, sets: &str, rest: [String; 4]| {
        let sets = several.then(|| sanitize(sets));
        std::iter::once(sanitize(setting)).chain(sets).chain(rest).collect::<Vec<String>>()
    };
    let header = ["reads", "day", "before", "from it on"].map(str::to_owned);
    let mut cells = vec![row("setting", "sets", header)];
    for one in boundaries {
        let setting = match one.settings.as_slice() {
            [] => one.condition.clone(),
            settings => settings.join(", "),
        };
        let counts = [one.before, one.after].map(format_number);
        let [before, after] = counts;
        cells.push(row(
            &setting,
            &one.column,
            [sanitize(&one.reads), one.on.to_string(), before, after],
        ));
    }
    let mut lines = vec![style.paint(Tone::Heading, &heading)];
    lines.extend(render_table(&build_table(&cells, if several { 4 } else { 3 }, style)));
    lines.push(String::new());
    lines
}
