//! What other settings would give: a line a combination, with its distribution as one bar.

use leora_report::{Combination, Report, WhatIfReport};
use leora_rule::{Boundary, Population, WhatIfResult};
use maud::{Markup, html};

use crate::render::html::chart::mark;
use crate::render::html::numbers::{format_number, share};
use crate::render::html::{section, threshold_model, value};

/// The width of a whole bar, in units of its own.
const FULL: u64 = 1000;

/// Which of the two populations is told.
type Part = fn(&WhatIfResult) -> &Population;

pub(crate) fn what_if(report: &Report) -> Markup {
    let Some(what_if) = &report.what_if else { return html! {} };
    let inside = html! {
        @for (table, column) in what_if.columns() { (self::column(report, what_if, table, column)) }
        @if !what_if.boundaries.is_empty() { (boundaries(&what_if.boundaries)) }
        @for note in &what_if.notes { p.note { (note) } }
    };
    section("combinations", "What other settings would give", &inside)
}

fn column(report: &Report, what_if: &WhatIfReport, table: &str, column: &str) -> Markup {
    let of = |one: &WhatIfResult| one.table == table && one.column == column;
    let rows: Vec<(&Combination, &WhatIfResult)> = what_if
        .combinations
        .iter()
        .filter_map(|one| Some((one, one.results.iter().find(|one| of(one))?)))
        .collect();
    let same = rows.iter().all(|(_, one)| one.taken == one.decidable);
    let taken = rows.iter().map(|(_, one)| one.taken.rows()).max().unwrap_or(0);
    html! {
        article.combinations {
            h3 { code { (table) "." (column) } }
            @if !same && taken > 0 {
                (population(what_if, &rows, "rows that `where` takes now", |one| &one.taken))
            }
            @if !same && taken == 0 { p.dim { "`where` takes no row now." } }
            (population(what_if, &rows, "rows that the rule could decide", |one| &one.decidable))
            @for (number, one) in what_if.thresholds.iter().enumerate() {
                @if one.table == table && one.column == column {
                    (threshold_model::render(number, &format!("{table}.{column}"), &one.histogram, report))
                }
            }
        }
    }
}

fn population(
    what_if: &WhatIfReport,
    rows: &[(&Combination, &WhatIfResult)],
    title: &str,
    part: Part,
) -> Markup {
    let values = values(rows, part);
    let all = rows.iter().map(|(_, one)| part(one).rows()).max().unwrap_or(0);
    html! {
        div.scroll tabindex="0" {
            table.grid {
                caption { (format_number(all)) " " (title) }
                thead {
                    tr {
                        @for (name, _) in &what_if.varied { th scope="col" { code { (name) } } }
                        @for (at, value) in values.iter().enumerate() { th.right scope="col" { (mark(&class(at, value))) (self::value(value.as_deref())) } }
                        th.right scope="col" { "Changed" }
                        th.share scope="col" { "Shares" }
                    }
                }
                tbody { @for (one, result) in rows { (line(one, part(result), &values)) } }
            }
        }
        details { summary { "Which rows go where" } ul.findings { @for (one, result) in rows { (moves(one, part(result))) } } }
    }
}

/// The values of all combinations, in the column's own order.
fn values(rows: &[(&Combination, &WhatIfResult)], part: Part) -> Vec<Option<String>> {
    let mut values: Vec<Option<String>> = Vec::new();
    for (value, _) in rows.iter().flat_map(|(_, one)| &part(one).distribution) {
        if !values.contains(value) {
            values.push(value.clone());
        }
    }
    values.sort_by_key(Option::is_none);
    values
}

fn class(at: usize, value: &Option<String>) -> String {
    if value.is_none() { "none".into() } else { format!("v{}", at % 8) }
}

fn line(one: &Combination, population: &Population, values: &[Option<String>]) -> Markup {
    let all = population.rows();
    let mut left = 0;
    let parts = values.iter().enumerate().map(|(at, value)| {
        let rows = population.count(value.as_deref());
        let width = u64::try_from(u128::from(rows) * u128::from(FULL) / u128::from(all.max(1)));
        let (x, width) = (left, width.unwrap_or(0));
        left += width;
        html! { rect class=(class(at, value)) x=(x) width=(width) height="10" {} }
    });
    let parts: Vec<Markup> = parts.collect();
    html! {
        tr.now[one.in_force] {
            @for (_, value) in &one.settings { td { code { (value) } } }
            @for value in values {
                @let rows = population.count(value.as_deref());
                td.right { (format_number(rows)) span.dim { " " (share(rows, all)) } }
            }
            td.right { (format_number(population.changed())) @if one.in_force { span.dim { " now" } } }
            td.share { svg.bar viewBox=(format!("0 0 {FULL} 10")) preserveAspectRatio="none" aria-hidden="true" { @for part in &parts { (part) } } }
        }
    }
}

fn moves(one: &Combination, population: &Population) -> Markup {
    let settings: Vec<String> =
        one.settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
    html! {
        li {
            code { (settings.join(" ")) } ": "
            @if population.transitions.is_empty() { "nothing changes" }
            @for (at, one) in population.transitions.iter().enumerate() {
                @if at > 0 { ", " }
                (value(one.old.as_deref())) " → " (value(one.new.as_deref())) " " (format_number(one.rows))
            }
        }
    }
}

fn boundaries(boundaries: &[Boundary]) -> Markup {
    let days = boundaries.first().map_or(0, |one| one.days);
    html! {
        article.combinations {
            h3 { "Near a boundary" }
            div.scroll tabindex="0" {
                table.grid {
                    caption { "Rows within " (days) " days on either side" }
                    thead { tr { th scope="col" { "Setting" } th scope="col" { "Sets" } th scope="col" { "Boundary" } th.right scope="col" { "Before" } th.right scope="col" { "From it on" } } }
                    tbody {
                        @for one in boundaries {
                            tr {
                                td { code { @if one.settings.is_empty() { (one.condition) } @else { (one.settings.join(", ")) } } }
                                td { (one.column) }
                                td { (one.reads) " " (one.on) }
                                td.right { (format_number(one.before)) }
                                td.right { (format_number(one.after)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
