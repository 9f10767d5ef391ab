//! Bars: how many rows had each value, and have it now.

use leora_report::ValueCount;
use maud::{Markup, html};

use crate::html::chart_data::{ChartData, ChartValue};
use crate::numbers::{format_number, format_share};

/// The width of a full bar, in units of its own.
const FULL: u64 = 1000;

pub(crate) fn render_before_and_after(chart: &ChartData, [before, after]: [&str; 2]) -> Markup {
    let total = chart.total();
    let most = chart.values.iter().map(|one| one.before.max(one.after)).max().unwrap_or(0);
    html! {
        table.bars {
            caption { (before) " and " (after.to_lowercase()) ", of " (format_number(total)) " rows" }
            thead { tr { th scope="col" { "Value" } th scope="col" { (before) } th scope="col" { (after) } } }
            tbody {
                @for one in &chart.values {
                    tr {
                        th scope="row" { (render_mark(&one.class)) (one.label) }
                        td { (render_bar(one.before, most, &format!("{} was", one.class))) (render_count(one.before, total)) }
                        td { (render_bar(one.after, most, &one.class)) (render_count(one.after, total)) }
                    }
                }
            }
        }
    }
}

pub(crate) fn render_distribution(title: &str, values: &[ValueCount]) -> Markup {
    let chart = ChartData::new(values, &[]);
    let total = chart.total();
    let most = chart.values.iter().map(|one| one.before).max().unwrap_or(0);
    let row = |one: &ChartValue| {
        html! {
            tr {
                th scope="row" { (render_mark(&one.class)) (one.label) }
                td { (render_bar(one.before, most, &one.class)) (render_count(one.before, total)) }
            }
        }
    };
    html! {
        table.bars.single { caption { (title) } tbody { @for one in &chart.values { (row(one)) } } }
    }
}

/// The colour of a value.
pub(crate) fn render_mark(class: &str) -> Markup {
    html! { span class=(format!("mark {class}")) aria-hidden="true" {} }
}

fn render_count(rows: u64, total: u64) -> Markup {
    html! { span.number { (format_number(rows)) span.dim { " " (format_share(rows, total)) } } }
}

/// A bar that has the width of its cell for the most rows; the smallest can still be seen.
fn render_bar(rows: u64, most: u64, class: &str) -> Markup {
    let width = match (rows, most) {
        (0, _) | (_, 0) => 0,
        (rows, most) => (u128::from(rows) * u128::from(FULL) / u128::from(most)).max(4) as u64,
    };
    html! {
        svg.bar viewBox=(format!("0 0 {FULL} 10")) preserveAspectRatio="none" aria-hidden="true" {
            rect class=(class) width=(width) height="10" {}
        }
    }
}
