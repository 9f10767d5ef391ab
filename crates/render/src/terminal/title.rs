//! What is run, where and when, and the heading of each step.

use leora_report::Report;

use crate::terminal::layout::indent;
use crate::terminal::style::{Style, Tone};
use crate::text::sanitize;

pub(crate) fn render_title(report: &Report, style: Style) -> Vec<String> {
    let mut lines = indent(0, &report.title, Tone::Heading, style);
    if let Some(target) = &report.target {
        let host = if target.host.starts_with('/') { "a Unix socket" } else { &target.host };
        let place =
            format!("{} on {host} (from {}), as of {}", target.name, target.from, report.as_of);
        lines.extend(indent(0, &place, Tone::Dim, style));
    }
    lines.push(String::new());
    lines
}

/// `number` is counted from 1.
pub(crate) fn render_step_title(number: usize, of: usize, title: &str, style: Style) -> String {
    style.paint(Tone::Heading, &format!("{number}/{of} {}", sanitize(title)))
}
