//! What other settings would give: a line a combination, with its distribution as one bar.

use leora_report::{Combination, Report, WhatIfReport};
use leora_rule::{Boundary, Population};
use maud::{Markup, html};

use crate::html::bar_chart::render_mark;
use crate::html::chart_data::color_class;
use crate::html::section::render_section;
use crate::html::threshold_model::render_threshold_model;
use crate::numbers::{format_number, format_share};
use crate::what_if_table::{WhatIfTable, tables};
use crate::wording::describe_value;

/// The width of a whole bar, in units of its own.
const FULL: u64 = 1000;

pub(crate) fn render_what_if(report: &Report) -> Markup {
    let Some(what_if) = &report.what_if else { return html! {} };
    let inside = html! {
        @for (table, column) in what_if.columns() { (render_column(report, what_if, table, column)) }
        @if !what_if.boundaries.is_empty() { (render_boundaries(&what_if.boundaries)) }
        @for note in &what_if.notes { p.note { (note) } }
    };
    render_section("combinations", "What other settings would give", &inside)
}

fn render_column(report: &Report, what_if: &WhatIfReport, table: &str, column: &str) -> Markup {
    let (taken, decidable) = tables(what_if, table, column);
    let name = format!("{table}.{column}");
    html! {
        article.combinations {
            h3 { code { (name) } }
            @if let Some(taken) = &taken {
                @if taken.total() > 0 {
                    (render_population(what_if, taken, html! { "rows that " code { "where" } " takes now" }))
                } @else {
                    p.dim { code { "where" } " takes no row now." }
                }
            }
            (render_population(what_if, &decidable, html! { "rows that the rule could decide" }))
            @for (number, one) in what_if.thresholds.iter().enumerate() {
                @if one.table == table && one.column == column {
                    (render_threshold_model(number, &name, &one.histogram, report))
                }
            }
        }
    }
}

fn render_population(what_if: &WhatIfReport, table: &WhatIfTable<'_>, title: Markup) -> Markup {
    html! {
        div.scroll tabindex="0" {
            table.grid {
                caption { (format_number(table.total())) " " (title) }
                thead {
                    tr {
                        @for (name, _) in &what_if.varied { th scope="col" { code { (name) } } }
                        @for (at, value) in table.values.iter().enumerate() { th.right scope="col" { (render_mark(&color_class(at, value))) (describe_value(value)) } }
                        th.right scope="col" { "Changed" }
                        th.share scope="col" { "Shares" }
                    }
                }
                tbody { @for (combination, population) in &table.rows { (render_combination(combination, population, &table.values)) } }
            }
        }
        details {
            summary { "Which rows go where" }
            ul.findings { @for (combination, population) in &table.rows { (render_moves(combination, population)) } }
        }
    }
}

fn render_combination(
    combination: &Combination,
    population: &Population,
    values: &[Option<String>],
) -> Markup {
    let all = population.rows();
    html! {
        tr.now[combination.in_force] {
            @for (_, value) in &combination.settings { td { code { (value) } } }
            @for value in values {
                @let rows = population.count(value.as_deref());
                td.right { (format_number(rows)) span.dim { " " (format_share(rows, all)) } }
            }
            td.right { (format_number(population.changed())) @if combination.in_force { span.dim { " now" } } }
            td.share { (render_shares(population, values)) }
        }
    }
}

fn render_shares(population: &Population, values: &[Option<String>]) -> Markup {
    let all = u128::from(population.rows().max(1));
    let mut left = 0;
    let part = |(at, value): (usize, &Option<String>)| {
        let rows = population.count(value.as_deref());
        let (x, width) = (left, u128::from(rows) * u128::from(FULL) / all);
        left += width;
        html! { rect class=(color_class(at, value)) x=(x) width=(width) height="10" {} }
    };
    let parts: Vec<Markup> = values.iter().enumerate().map(part).collect();
    html! {
        svg.bar viewBox=(format!("0 0 {FULL} 10")) preserveAspectRatio="none" aria-hidden="true" { @for part in &parts { (part) } }
    }
}

fn render_moves(combination: &Combination, population: &Population) -> Markup {
    let settings: Vec<String> =
        combination.settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
    html! {
        li {
            code { (settings.join(" ")) } ": "
            @if population.transitions.is_empty() { "nothing changes" }
            @for (at, one) in population.transitions.iter().enumerate() {
                @if at > 0 { ", " }
                (describe_value(&one.old)) " → " (describe_value(&one.new)) " " (format_number(one.rows))
            }
        }
    }
}

fn render_boundaries(boundaries: &[Boundary]) -> Markup {
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
