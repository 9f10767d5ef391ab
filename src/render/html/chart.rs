//! Bars: how many rows had each value, and have it now.

use leora_report::ValueCount;
use maud::{Markup, html};

use crate::render::html::figure::{Figure, Standing};
use crate::render::html::numbers::{format_number, share};

/// The width of a full bar, in units of its own.
const FULL: u64 = 1000;

/// A column's values before and after.
pub(crate) fn before_and_after(figure: &Figure, words: [&str; 2]) -> Markup {
    let total = figure.total();
    let most = figure.standings.iter().map(|one| one.before.max(one.after)).max().unwrap_or(0);
    html! {
        table.bars {
            caption { (words[0]) " and " (words[1].to_lowercase()) ", of " (format_number(total)) " rows" }
            thead { tr { th scope="col" { "Value" } th scope="col" { (words[0]) } th scope="col" { (words[1]) } } }
            tbody {
                @for one in &figure.standings {
                    tr {
                        th scope="row" { (mark(&one.class)) (one.label) }
                        td { (bar(one.before, most, &format!("{} was", one.class))) (told(one.before, total)) }
                        td { (bar(one.after, most, &one.class)) (told(one.after, total)) }
                    }
                }
            }
        }
    }
}

/// The values of a column as they are.
pub(crate) fn shares(title: &str, shares: &[ValueCount]) -> Markup {
    let figure = Figure::of(shares, &[]);
    let total = figure.total();
    let most = figure.standings.iter().map(|one| one.before).max().unwrap_or(0);
    let row = |one: &Standing| {
        html! {
            tr {
                th scope="row" { (mark(&one.class)) (one.label) }
                td { (bar(one.before, most, &one.class)) (told(one.before, total)) }
            }
        }
    };
    html! {
        table.bars.single { caption { (title) } tbody { @for one in &figure.standings { (row(one)) } } }
    }
}

/// The colour of a value.
pub(crate) fn mark(class: &str) -> Markup {
    html! { span class=(format!("mark {class}")) aria-hidden="true" {} }
}

fn told(rows: u64, total: u64) -> Markup {
    html! { span.number { (format_number(rows)) span.dim { " " (share(rows, total)) } } }
}

/// A bar that has the width of its cell for the most rows; the smallest can still be seen.
fn bar(rows: u64, most: u64, class: &str) -> Markup {
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
