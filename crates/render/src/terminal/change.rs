//! What a rule changed, or would change.

use leora_rule::{Change, ChangePreview, Sample, Transition};

use crate::numbers::{format_count, format_number};
use crate::terminal::bars::render_bars;
use crate::terminal::layout::{DETAIL, detail, display_width, hang, limit, marked, pad, success};
use crate::terminal::style::{Style, Tone};
use crate::terminal::transition_matrix::render_matrix;
use crate::text::sanitize;
use crate::wording::{describe_left, describe_read, describe_unchanged, describe_value, switch_on};

/// The most transitions that are listed; the rest is counted.
const LISTED: usize = 20;

/// A name of a column that is no longer than this can stand in one line with others.
const LONG_NAME: usize = 40;

/// `switches` are the settings of its script that are off, with their comments.
pub(crate) fn render_change(
    change: &Change,
    switches: &[(String, Option<String>)],
    style: Style,
) -> Vec<String> {
    let Change { table, column, transitions, preview, .. } = change;
    let changed = change.changed();
    if changed == 0 {
        return render_no_change(change, switches, style);
    }
    let verb = if preview.is_some() { "would change" } else { "changed" };
    let (count, all) = (format_number(changed), format_count(change.table_rows(), "row"));
    let mut lines = success(&format!("{table}.{column}: {count} of {all} {verb}"), style);
    let matrix = preview.as_ref().and_then(|_| render_matrix(change, style));
    lines.extend(matrix.unwrap_or_else(|| render_transitions(transitions, style)));
    if let Some(unchanged) = describe_unchanged(&change.unchanged) {
        lines.extend(detail(&format!("left alone: {unchanged}"), style));
    }
    if let Some(left) = describe_left(change.left) {
        lines.extend(marked("!", Tone::Warning, &left, style));
    }
    if let Some(fallback) = &change.fallback {
        let (used, requested) = (change.strategy, fallback.requested);
        lines.extend(detail(&format!("by {used}, not {requested}: {}", fallback.reason), style));
    }
    if let Some(preview) = preview {
        lines.extend(render_preview(preview, style));
    }
    lines
}

pub(crate) fn render_transitions(transitions: &[Transition], style: Style) -> Vec<String> {
    let old = |one: &Transition| sanitize(describe_value(&one.old));
    let width = transitions.iter().map(|one| display_width(&old(one))).max().unwrap_or(0);
    let label =
        |one: &Transition| format!("{} → {}", pad(&old(one), width), describe_value(&one.new));
    let rows: Vec<(String, u64)> = transitions.iter().map(|one| (label(one), one.rows)).collect();
    let total = transitions.iter().map(|one| one.rows).sum();
    limit(render_bars(&rows, total, DETAIL, style), LISTED, "transition", style)
}

/// A rule that changed nothing says why, and which switch may have left the rows out.
fn render_no_change(
    change: &Change,
    switches: &[(String, Option<String>)],
    style: Style,
) -> Vec<String> {
    let head = format!("{}.{}: nothing to change", change.table, change.column);
    let mut lines = success(&head, style);
    let reason =
        describe_unchanged(&change.unchanged).unwrap_or_else(|| "the table is empty".into());
    lines.extend(detail(&reason, style));
    if change.unchanged.left_out > 0 {
        for (name, comment) in switches {
            let why = comment.as_ref().map(|comment| format!(" ({comment})")).unwrap_or_default();
            lines.extend(detail(&format!("to change that: {}{why}", switch_on(name)), style));
        }
    }
    lines
}

fn render_preview(preview: &ChangePreview, style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    if !preview.samples.is_empty() {
        lines.extend(detail("such as", style));
    }
    for sample in &preview.samples {
        lines.extend(render_sample(sample, preview, style));
    }
    for statement in &preview.missing_indexes {
        let text = format!("an index would find its other rows faster: {statement}");
        lines.extend(marked("?", Tone::Warning, &text, style));
    }
    if let Some(unsure) = &preview.unsure {
        lines.extend(marked(
            "?",
            Tone::Warning,
            &format!("not predicted: what {unsure} makes of it"),
            style,
        ));
    }
    lines
}

/// What was read of other rows has long names: each of such values has a line.
fn render_sample(sample: &Sample, preview: &ChangePreview, style: Style) -> Vec<String> {
    let reads = preview.columns.iter().zip(&sample.reads).zip(&sample.of_rows);
    let reads: Vec<String> = reads
        .map(|((name, value), rows)| format!("{name} {}", describe_read(value, *rows)))
        .collect();
    let arrow = format!("{} → {}", describe_value(&sample.old), describe_value(&sample.new));
    let head = [sample.key.join(" "), arrow].join(" ");
    // The lines below the first are indented further than it.
    let (first, below) = ("        ", "          ");
    let is_long = |name: &String| display_width(name) > LONG_NAME;
    if sample.of_rows.iter().all(Option::is_none) && !preview.columns.iter().any(is_long) {
        let text = [head, reads.join(", ")].join(" ");
        return hang(first, below.len(), text.trim_end(), Tone::Plain, style);
    }
    let mut lines = hang(first, below.len(), &head, Tone::Plain, style);
    for read in reads {
        lines.extend(hang(below, below.len() + 2, &read, Tone::Plain, style));
    }
    lines
}
