//! Transitions as a Sankey diagram: a band for each, as high as it has rows, from the value before to the value after.

use maud::{Markup, html};

use crate::html::chart_data::{ChartData, ChartValue, Flow};
use crate::numbers::format_number;
use crate::terminal::truncate;

/// The picture's width; on a phone its letters are then as large as the text's.
const WIDTH: f64 = 360.0;
/// How high all rows together are.
const HEIGHT: f64 = 170.0;
/// The least room of a value, so that its label can be read.
const ROOM: f64 = 17.0;
/// Between two values.
const GAP: f64 = 7.0;
/// The width of a value's own bar.
const BAR: f64 = 7.0;
/// The most characters of a label, which leaves room for the other side's.
const LABEL: usize = 16;

#[derive(Clone, Copy, Debug)]
struct ValueBar {
    top: f64,
    height: f64,
    /// Where its next band begins.
    next: f64,
}

/// Nothing where no row changes.
pub(crate) fn render_sankey(chart: &ChartData) -> Markup {
    if chart.flows.iter().all(|flow| flow.from == flow.to) {
        return html! {};
    }
    let scale = HEIGHT / chart.total().max(1) as f64;
    let (mut left, left_height) = place_bars(chart, scale, |one| one.before);
    let (mut right, right_height) = place_bars(chart, scale, |one| one.after);
    let height = left_height.max(right_height);
    let band = |flow| render_band(flow, chart, &mut left, &mut right, scale);
    let bands: Vec<Markup> = chart.flows.iter().map(band).collect();
    html! {
        svg.flow viewBox=(format!("0 0 {WIDTH} {height:.0}")) role="img" aria-label="Which rows go from which value to which" {
            @for band in &bands { (band) }
            @for (at, one) in chart.values.iter().enumerate() {
                (render_value(&left[at], one, one.before, false))
                (render_value(&right[at], one, one.after, true))
            }
        }
    }
}

/// The bars of one side, and how high it is in all.
fn place_bars(chart: &ChartData, scale: f64, rows: fn(&ChartValue) -> u64) -> (Vec<ValueBar>, f64) {
    let mut top = 0.0;
    let mut bars = Vec::new();
    for rows in chart.values.iter().map(rows) {
        let height = if rows == 0 { 0.0 } else { (rows as f64 * scale).max(1.5) };
        bars.push(ValueBar { top, height, next: top });
        if rows > 0 {
            top += height.max(ROOM) + GAP;
        }
    }
    (bars, top)
}

fn render_band(
    flow: &Flow,
    chart: &ChartData,
    left: &mut [ValueBar],
    right: &mut [ValueBar],
    scale: f64,
) -> Markup {
    let height = (flow.rows as f64 * scale).max(1.0);
    let (a, b) = (left[flow.from].next, right[flow.to].next);
    left[flow.from].next += height;
    right[flow.to].next += height;
    let (start, end, middle) = (BAR, WIDTH - BAR, WIDTH / 2.0);
    let path = format!(
        "M{start} {a:.1} C{middle} {a:.1} {middle} {b:.1} {end} {b:.1} L{end} {:.1} C{middle} {:.1} {middle} {:.1} {start} {:.1} Z",
        b + height,
        b + height,
        a + height,
        a + height,
    );
    let [from, to] = [flow.from, flow.to].map(|at| &chart.values[at]);
    let rows = format_number(flow.rows);
    let (class, title) = match flow.from == flow.to {
        true => ("band none".to_owned(), format!("{rows} stay {}", to.label)),
        false => (format!("band {}", to.class), format!("{} → {}: {rows}", from.label, to.label)),
    };
    html! { path class=(class) d=(path) { title { (title) } } }
}

fn render_value(bar: &ValueBar, value: &ChartValue, rows: u64, right: bool) -> Markup {
    let (x, at, anchor) = match right {
        true => (WIDTH - BAR, WIDTH - BAR - 5.0, "end"),
        false => (0.0, BAR + 5.0, "start"),
    };
    let y = bar.top + bar.height.max(ROOM - 4.0) / 2.0 + 4.0;
    html! {
        @if rows > 0 {
            rect class=(value.class) x=(x) y=(format!("{:.1}", bar.top)) width=(BAR) height=(format!("{:.1}", bar.height)) rx="1.5" {}
            text x=(at) y=(format!("{y:.1}")) text-anchor=(anchor) { (truncate(&value.label, LABEL)) tspan.dim { " " (format_number(rows)) } }
        }
    }
}
