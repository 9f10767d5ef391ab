//! Transitions as a picture: a band for each, as high as it has rows, from the value before to the value after.

use maud::{Markup, html};

use crate::render::html::figure::{Band, Figure};
use crate::render::html::numbers::format_number;

/// The picture's width; on a phone its letters are then as large as the text's.
const WIDTH: f64 = 360.0;
/// How high all rows together are.
const HEIGHT: f64 = 170.0;
/// The least room of a value, so that its label can be read.
const ROOM: f64 = 17.0;
/// Between two values.
const GAP: f64 = 7.0;
/// The width of a value's own bar.
const NODE: f64 = 7.0;

/// A value's place on one side.
#[derive(Clone, Copy, Debug)]
struct Node {
    top: f64,
    height: f64,
    /// Where its next band begins.
    next: f64,
}

/// The picture; nothing where no row changes.
pub(crate) fn flow(figure: &Figure) -> Markup {
    if figure.bands.iter().all(|band| band.from == band.to) {
        return html! {};
    }
    let (mut left, height) = side(figure, |one| one.before);
    let (mut right, other) = side(figure, |one| one.after);
    let height = height.max(other);
    let scale = HEIGHT / figure.total().max(1) as f64;
    let bands: Vec<Markup> =
        figure.bands.iter().map(|band| drawn(band, figure, &mut left, &mut right, scale)).collect();
    html! {
        svg.flow viewBox=(format!("0 0 {WIDTH} {height:.0}")) role="img" aria-label="Which rows go from which value to which" {
            @for band in &bands { (band) }
            @for (at, one) in figure.standings.iter().enumerate() {
                (labelled(&left[at], &one.class, &one.label, one.before, false))
                (labelled(&right[at], &one.class, &one.label, one.after, true))
            }
        }
    }
}

/// The places of one side, and how high it is in all.
fn side(
    figure: &Figure,
    rows: fn(&crate::render::html::figure::Standing) -> u64,
) -> (Vec<Node>, f64) {
    let scale = HEIGHT / figure.total().max(1) as f64;
    let mut top = 0.0;
    let mut nodes = Vec::new();
    for one in &figure.standings {
        let rows = rows(one);
        let height = if rows == 0 { 0.0 } else { (rows as f64 * scale).max(1.5) };
        nodes.push(Node { top, height, next: top });
        if rows > 0 {
            top += height.max(ROOM) + GAP;
        }
    }
    (nodes, top)
}

fn drawn(
    band: &Band,
    figure: &Figure,
    left: &mut [Node],
    right: &mut [Node],
    scale: f64,
) -> Markup {
    let height = (band.rows as f64 * scale).max(1.0);
    let (a, b) = (left[band.from].next, right[band.to].next);
    left[band.from].next += height;
    right[band.to].next += height;
    let (start, end, middle) = (NODE, WIDTH - NODE, WIDTH / 2.0);
    let path = format!(
        "M{start} {a:.1} C{middle} {a:.1} {middle} {b:.1} {end} {b:.1} L{end} {:.1} C{middle} {:.1} {middle} {:.1} {start} {:.1} Z",
        b + height,
        b + height,
        a + height,
        a + height,
    );
    let [from, to] = [band.from, band.to].map(|at| &figure.standings[at]);
    let (class, told) = match band.from == band.to {
        true => ("band none".to_owned(), format!("{} stay {}", format_number(band.rows), to.label)),
        false => (
            format!("band {}", to.class),
            format!("{} → {}: {}", from.label, to.label, format_number(band.rows)),
        ),
    };
    html! { path class=(class) d=(path) { title { (told) } } }
}

fn labelled(node: &Node, class: &str, label: &str, rows: u64, right: bool) -> Markup {
    let (x, at, anchor) = match right {
        true => (WIDTH - NODE, WIDTH - NODE - 5.0, "end"),
        false => (0.0, NODE + 5.0, "start"),
    };
    let y = node.top + node.height.max(ROOM - 4.0) / 2.0 + 4.0;
    html! {
        @if rows > 0 {
            rect class=(class) x=(x) y=(format!("{:.1}", node.top)) width=(NODE) height=(format!("{:.1}", node.height)) rx="1.5" {}
            text x=(at) y=(format!("{y:.1}")) text-anchor=(anchor) { (short(label)) tspan.dim { " " (format_number(rows)) } }
        }
    }
}

/// A label that leaves room for the other side's.
fn short(label: &str) -> String {
    crate::render::text::cut(label, 16)
}
