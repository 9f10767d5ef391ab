//! What other settings would give: a line a combination.

use comfy_table::{CellAlignment, Table as Grid};
use leora_report::{Combination, Report, WhatIfReport};
use leora_rule::{Boundary, Population, WhatIfResult, format_count, format_number};
use serde_json::{Value, json};

use crate::render::numbers;
use crate::render::style::{Style, Tone};
use crate::render::summary::{grid, indented};
use crate::render::text::{columns, plain, wrapped};

/// The most values that have a column of their own; the rest share one.
const VALUES: usize = 6;

/// Which of the two populations is told.
type Part = fn(&WhatIfResult) -> &Population;

/// The lines of a what-if.
pub(crate) fn lines(report: &WhatIfReport, style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    for (table, column) in report.columns() {
        lines.extend(column_lines(report, table, column, style));
    }
    if !report.boundaries.is_empty() {
        lines.extend(boundary_lines(&report.boundaries, style));
    }
    for note in &report.notes {
        let told = wrapped(&plain(note), style.width - 4);
        let marks = std::iter::once(style.paint(Tone::Warning, "?"));
        let marks = marks.chain(std::iter::repeat(" ".into()));
        lines.extend(marks.zip(told).map(|(mark, line)| format!("  {mark} {line}")));
    }
    lines.push(style.paint(Tone::Good, "Nothing was changed."));
    lines
}

fn column_lines(report: &WhatIfReport, table: &str, column: &str, style: Style) -> Vec<String> {
    let of = |one: &Combination| {
        one.results.iter().find(|one| one.table == table && one.column == column).cloned()
    };
    let rows: Vec<(&Combination, WhatIfResult)> =
        report.combinations.iter().filter_map(|one| Some((one, of(one)?))).collect();
    let most = |part: Part| rows.iter().map(|(_, one)| part(one).rows()).max().unwrap_or(0);
    let (taken, decidable): (Part, Part) = (|one| &one.taken, |one| &one.decidable);
    let name = plain(&format!("{table}.{column}"));
    let same = rows.iter().all(|(_, one)| one.taken == one.decidable);
    let mut lines = Vec::new();
    let mut say = |heading: String, part: Option<Part>| {
        let heading = wrapped(&heading, style.width);
        lines.extend(heading.iter().map(|line| style.paint(Tone::Heading, line)));
        if let Some(part) = part {
            lines.extend(table_lines(report, &rows, part, style));
            lines.extend(moves(&rows, part, style));
        }
        lines.push(String::new());
    };
    let all = format_count(most(decidable), "row");
    if same {
        say(format!("{name}: {all}, all that the rule could decide"), Some(decidable));
        return lines;
    }
    match most(taken) {
        0 => say(format!("{name}: `where` takes no row now"), None),
        some => {
            say(
                format!("{name}: {} that `where` takes now", format_count(some, "row")),
                Some(taken),
            );
        }
    }
    let told = format!("{name}: {all} that the rule could decide, those decided before too");
    say(told, Some(decidable));
    lines
}

fn table_lines(
    report: &WhatIfReport,
    rows: &[(&Combination, WhatIfResult)],
    part: Part,
    style: Style,
) -> Vec<String> {
    let values = values(rows, part);
    let (told, others) = values.split_at(values.len().min(VALUES));
    let build = |shares: bool| {
        let cell = |rows: u64, all: u64| match shares {
            true => format!("{} {}", format_number(rows), numbers::share(rows, all)),
            false => format_number(rows),
        };
        // All settings share a column, so that there is room for the values.
        let names: Vec<String> = report.varied.iter().map(|(name, _)| plain(name)).collect();
        let mut header = vec![names.join(",\n")];
        header.extend(told.iter().map(|value| plain(&word(value))));
        header.extend((!others.is_empty()).then(|| "others".to_owned()));
        header.push("changed".into());
        let known = rows.iter().any(|(combination, _)| combination.in_force);
        header.extend(known.then(|| "now".to_owned()));
        let mut table = vec![header];
        for (combination, result) in rows {
            let population = part(result);
            let all = population.rows();
            let settings: Vec<String> =
                combination.settings.iter().map(|(_, value)| plain(value)).collect();
            let mut line = vec![settings.join(", ")];
            line.extend(told.iter().map(|value| cell(population.count(value.as_deref()), all)));
            if !others.is_empty() {
                let rest = others.iter().map(|value| population.count(value.as_deref())).sum();
                line.push(cell(rest, all));
            }
            line.push(format_number(population.changed()));
            let mark = if combination.in_force { "✓" } else { "" };
            line.extend(known.then(|| mark.to_owned()));
            table.push(line);
        }
        table
    };
    let with_shares = build(true);
    let table = if width(&with_shares) + 2 <= style.width { with_shares } else { build(false) };
    indented(&laid_out(&table, 1, style))
}

/// How wide a grid of these cells is: three columns stand between two cells, and two at each end.
fn width(table: &[Vec<String>]) -> usize {
    let count = table.first().map_or(0, Vec::len);
    let cells = |at: usize| table.iter().filter_map(move |row| row.get(at));
    let widest = |at: usize| cells(at).flat_map(|cell| cell.lines()).map(columns).max();
    (0..count).filter_map(widest).map(|width| width + 3).sum::<usize>() + 1
}

fn laid_out(table: &[Vec<String>], left: usize, style: Style) -> Grid {
    let mut grid = grid(style);
    if let Some((header, rows)) = table.split_first() {
        grid.set_header(header.clone());
        rows.iter().for_each(|row| {
            grid.add_row(row.clone());
        });
        for at in left..header.len() {
            if let Some(column) = grid.column_mut(at) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    grid
}

/// The values that occur, as in the first combination, then those that only others have.
fn values(rows: &[(&Combination, WhatIfResult)], part: Part) -> Vec<Option<String>> {
    let mut values: Vec<Option<String>> = Vec::new();
    for (value, _) in rows.iter().flat_map(|(_, one)| &part(one).distribution) {
        if !values.contains(value) {
            values.push(value.clone());
        }
    }
    values.sort_by_key(Option::is_none);
    values
}

fn word(value: &Option<String>) -> String {
    value.clone().unwrap_or_else(|| "(none)".into())
}

/// From which values of now to which, a line for each combination.
fn moves(rows: &[(&Combination, WhatIfResult)], part: Part, style: Style) -> Vec<String> {
    if rows.iter().all(|(_, one)| part(one).transitions.is_empty()) {
        return vec![];
    }
    if let Some(old) = only_old(rows, part) {
        let told =
            format!("every row that changes has {} now", old.as_deref().unwrap_or("no value"));
        return vec![style.paint(Tone::Dim, &format!("  {}", plain(&told)))];
    }
    let setting = |one: &Combination| {
        let values: Vec<String> = one.settings.iter().map(|(_, value)| plain(value)).collect();
        values.join(" ")
    };
    let room = rows.iter().map(|(one, _)| columns(&setting(one))).max().unwrap_or(0);
    let mut lines = vec![style.paint(Tone::Dim, "  from the values of now")];
    for (combination, result) in rows {
        let transitions = &part(result).transitions;
        let one = |one: &leora_rule::Transition| {
            let pair = format!("{}\u{a0}→\u{a0}{}", word(&one.old), word(&one.new));
            format!("{pair}\u{a0}{}", format_number(one.rows))
        };
        let told: Vec<String> = transitions.iter().map(one).collect();
        let told = if told.is_empty() { "nothing changes".into() } else { told.join(", ") };
        let told = wrapped(&plain(&told), style.width.saturating_sub(room + 6));
        let heads = std::iter::once(setting(combination)).chain(std::iter::repeat(String::new()));
        lines.extend(heads.zip(told).map(|(head, line)| {
            format!(
                "    {}  {}",
                crate::render::text::padded(&head, room),
                line.replace('\u{a0}', " ")
            )
        }));
    }
    lines
}

/// The value of now of all that changes, where that is one.
fn only_old(rows: &[(&Combination, WhatIfResult)], part: Part) -> Option<Option<String>> {
    let mut olds = rows.iter().flat_map(|(_, one)| &part(one).transitions).map(|one| &one.old);
    let first = olds.next()?;
    // Of several values something is left as it is, and the table does not tell what.
    (first.is_none() && olds.all(|old| old == first)).then(|| first.clone())
}

fn boundary_lines(boundaries: &[Boundary], style: Style) -> Vec<String> {
    let days = boundaries.first().map_or(0, |one| one.days);
    let heading = format!("Near a boundary: rows within {days} days on either side");
    let mut lines = vec![style.paint(Tone::Heading, &heading)];
    let several = boundaries.iter().any(|one| one.column != boundaries[0].column);
    let row = |setting: String, sets: &str, cells: [String; 4]| {
        let sets = several.then(|| plain(sets));
        std::iter::once(setting).chain(sets).chain(cells).collect::<Vec<String>>()
    };
    let header = ["reads", "day", "before", "from it on"].map(str::to_owned);
    let mut table = vec![row("setting".into(), "sets", header)];
    for one in boundaries {
        let setting = match one.settings.as_slice() {
            [] => one.condition.clone(),
            settings => settings.join(", "),
        };
        let counts = [format_number(one.before), format_number(one.after)];
        let [before, after] = counts;
        let cells = [plain(&one.reads), one.on.to_string(), before, after];
        table.push(row(plain(&setting), &one.column, cells));
    }
    let left = if several { 4 } else { 3 };
    lines.extend(indented(&laid_out(&table, left, style)));
    lines.push(String::new());
    lines
}

/// Adds what other settings would give to a document.
pub(crate) fn add_to(document: &mut Value, report: &Report) {
    let Some(what_if) = &report.what_if else { return };
    let varied: serde_json::Map<String, Value> =
        what_if.varied.iter().map(|(name, values)| (name.clone(), json!(values))).collect();
    document["varied"] = Value::Object(varied);
    document["combinations"] = what_if.combinations.iter().map(combination).collect();
    document["boundaries"] = what_if.boundaries.iter().map(boundary).collect();
    document["notes"] = json!(what_if.notes);
    document["reading_ms"] = json!(what_if.reading_ms);
}

fn combination(one: &Combination) -> Value {
    let settings: serde_json::Map<String, Value> =
        one.settings.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let (mut distribution, mut transitions) = (Vec::new(), Vec::new());
    for result in &one.results {
        let WhatIfResult { table, column, taken, decidable } = result;
        for (value, rows) in &decidable.distribution {
            distribution.push(json!({
                "table": table, "column": column, "value": value,
                "rows": taken.count(value.as_deref()), "decidable": rows,
            }));
        }
        for moved in &decidable.transitions {
            let same = |one: &&leora_rule::Transition| one.old == moved.old && one.new == moved.new;
            let rows = taken.transitions.iter().find(same).map_or(0, |one| one.rows);
            transitions.push(json!({
                "table": table, "column": column, "old": moved.old, "new": moved.new,
                "rows": rows, "decidable": moved.rows,
            }));
        }
    }
    json!({
        "settings": settings, "in_force": one.in_force,
        "distribution": distribution, "transitions": transitions,
    })
}

fn boundary(one: &Boundary) -> Value {
    json!({
        "table": one.table, "column": one.column, "reads": one.reads, "condition": one.condition,
        "settings": one.settings, "on": one.on.to_string(), "days": one.days,
        "before": one.before, "after": one.after,
    })
}
